import * as z from 'zod';
import { orAborted } from '../../or-aborted.ts';
import type { AwsSettings, CredentialsProvider } from './client.ts';
import { globalEndpoint } from './global-endpoint.ts';
import { openSigned } from './signed-requests.ts';

/** An account of an organization. */
export interface OrganizationAccount {
  readonly id: string;
  readonly name: string;
  /** Such as `ACTIVE` or `SUSPENDED`; `null` when AWS does not say. */
  readonly state: string | null;
}

/** AWS Organizations, as the management account or a delegated administrator may read it. */
export interface Organizations {
  /** The accounts directly in an organizational unit or root. What fails is thrown; see `awsError`. */
  accounts(parent: string): Promise<readonly OrganizationAccount[]>;
  /** The ids of the units directly in it. */
  units(parent: string): Promise<readonly string[]>;
  /** Where it is asked. */
  readonly region: string;
}

export type OrganizationsSettings = AwsSettings & { readonly credentials: CredentialsProvider };

/**
 * `State` takes the place of `Status`, which AWS retires on September 9, 2026
 * (https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html).
 */
const ACCOUNTS = z.object({
  Accounts: z.array(
    z.object({
      Id: z.string().regex(/^\d{12}$/),
      Name: z.string().nullish(),
      State: z.string().nullish(),
      Status: z.string().nullish(),
    }),
  ),
  NextToken: z.string().nullish(),
});
const CHILDREN = z.object({
  Children: z.array(z.object({ Id: z.string().min(1) })),
  NextToken: z.string().nullish(),
});

/** The most that a page has, for both actions (MaxResults). */
const PAGE = 20;
/** 20,000 accounts in one unit; the quota of a whole organization is below that unless AWS raises it far. */
const MOST_PAGES = 1_000;

/**
 * Asks AWS Organizations. The SDK's client for it would add 60 kB to every bundle for the two actions that are called,
 * so that its requests are built here.
 * https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccountsForParent.html
 */
export function openOrganizations(given: OrganizationsSettings): Organizations {
  const { url, region } = globalEndpoint('organizations', given);
  const settings = { ...given, region };
  const ask = async <T extends { readonly NextToken?: string | null | undefined }>(
    action: string,
    question: object,
    schema: z.ZodType<T>,
  ): Promise<readonly T[]> => {
    const requests = openSigned({
      service: 'organizations',
      settings,
      endpoint: async () => url,
      contentType: 'application/x-amz-json-1.1',
      headers: { 'x-amz-target': `AWSOrganizationsV20161128.${action}` },
      refusal,
    });
    const tokens = new Set<string>();
    const pages: T[] = [];
    try {
      for (let more = {}; pages.length < MOST_PAGES; ) {
        const body = JSON.stringify({ ...question, MaxResults: PAGE, ...more });
        const page = await orAborted(
          requests.post('', body, (text) => schema.parse(JSON.parse(text))),
          given.signal,
        );
        pages.push(page);
        const { NextToken: token } = page;
        if (token === null || token === undefined || token === '') return pages;
        // A page that was read before, from something in between: there is no end to it.
        if (tokens.has(token)) break;
        tokens.add(token);
        more = { NextToken: token };
      }
    } finally {
      requests.close();
    }
    throw new Error(`the list of ${action} does not end`);
  };
  return {
    region,
    accounts: async (parent) =>
      (await ask('ListAccountsForParent', { ParentId: parent }, ACCOUNTS)).flatMap(({ Accounts }) =>
        Accounts.map(({ Id, Name, State, Status }) => ({
          id: Id,
          name: Name ?? '',
          state: State ?? Status ?? null,
        })),
      ),
    units: async (parent) =>
      (await ask('ListChildren', { ParentId: parent, ChildType: 'ORGANIZATIONAL_UNIT' }, CHILDREN)).flatMap(
        ({ Children }) => Children.map(({ Id }) => Id),
      ),
  };
}

const REFUSED = z.object({
  __type: z.string().optional(),
  message: z.string().optional(),
  Message: z.string().optional(),
});

function refusal(text: string, status: number): Error {
  let json: unknown = null;
  try {
    json = JSON.parse(text);
  } catch {
    // A proxy, for example, answers with something else.
  }
  const { __type, message, Message } = REFUSED.safeParse(json).data ?? {};
  const error = new Error(message ?? Message ?? `AWS Organizations answered with HTTP status ${status}`);
  error.name = __type?.replace(/^.*#/, '') ?? 'UnknownError';
  return Object.assign(error, { status });
}
