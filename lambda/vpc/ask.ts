import type { Ec2 } from '../connect/aws/ec2-query.ts';
import type { Xml } from '../connect/aws/xml.ts';
import type { ReadError } from '../errors.ts';
import { isUnread, type Unread } from '../inventory/vpc.ts';
import type { VpcAction } from './actions.ts';

/** Whom to ask about which VPC. */
export interface VpcSource {
  readonly ec2: Ec2;
  readonly vpcId: string;
  /** The sentence for a call that failed. */
  readonly explain: (action: string, error: unknown) => ReadError;
}

/** Filters by name; values are alternatives. EC2 takes up to 200 values for one. */
export type Filters = Readonly<Record<string, readonly string[]>>;

const MOST_VALUES = 200;

export interface Question {
  readonly action: VpcAction;
  readonly pageSize: number;
  readonly filters?: Filters;
  readonly parameters?: Readonly<Record<string, string>>;
}

/** Reads all pages of an answer; what fails, or cannot be understood, is unread with its reason. */
export async function ask(
  { ec2, explain }: VpcSource,
  { action, pageSize, filters = {}, parameters = {} }: Question,
  onPage: (page: Xml) => void,
): Promise<Unread | null> {
  const request = {
    action: action.replace('ec2:', ''),
    pageSize,
    parameters: { ...parameters, ...filterParameters(filters) },
  };
  try {
    await ec2.pages(request, onPage);
    return null;
  } catch (error) {
    const { message, remedy } = explain(action, error);
    return { unread: `What the VPC routes is not known: ${message} ${remedy}` };
  }
}

/** As {@link ask}, gathering what `read` makes of each page. */
export async function askAll<T>(
  source: VpcSource,
  question: Question,
  read: (page: Xml) => readonly T[],
): Promise<readonly T[] | Unread> {
  const found: T[] = [];
  const unread = await ask(source, question, (page) => found.push(...read(page)));
  return unread ?? found;
}

/** The same question for many values of one filter, as many at once as EC2 takes. */
export async function askInBatches<T>(
  values: readonly string[],
  each: (some: readonly string[]) => Promise<readonly T[] | Unread>,
): Promise<readonly T[] | Unread> {
  const found: T[] = [];
  for (let from = 0; from < values.length; from += MOST_VALUES) {
    const some = await each(values.slice(from, from + MOST_VALUES));
    if (isUnread(some)) return some;
    found.push(...some);
  }
  return found;
}

function filterParameters(filters: Filters): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(filters).flatMap(([name, values], index) => [
      [`Filter.${index + 1}.Name`, name],
      ...values.map((value, at) => [`Filter.${index + 1}.Value.${at + 1}`, value]),
    ]),
  );
}
