import { SEVERITY_NAMES, STATUS_NAMES } from '../block/format.ts';
import { isActive, isClosed, nameOf } from './row.ts';
import type { Table } from './unpack.ts';

/** A part of what is searched for: all of them must fit. */
export interface Term {
  /** `null`: a word, which is looked for in names, images, checks and messages. */
  readonly prefix: string | null;
  /** In lower case. */
  readonly value: string;
  readonly not: boolean;
}

/** `erp -is:exempt owner:"team a"`; quotes keep blanks together, and a quote inside of them is doubled. */
export function parseQuery(text: string): readonly Term[] {
  const terms: Term[] = [];
  const words = text.matchAll(
    /(?<not>-)?(?:(?<prefix>[a-z]+):)?(?:"(?<quoted>(?:[^"]|"")*)"?|(?<word>[^\s"]+))/gi,
  );
  for (const { groups } of words) {
    if (groups === undefined) continue;
    const { not, prefix, quoted, word } = groups;
    const value = (quoted === undefined ? (word ?? '') : quoted.replaceAll('""', '"')).toLowerCase();
    const known = prefix !== undefined && Object.hasOwn(FIELDS, prefix.toLowerCase());
    // Text such as `nginx:latest` has no prefix, though it looks like it.
    terms.push({
      prefix: known ? prefix.toLowerCase() : null,
      value: known || prefix === undefined ? value : `${prefix.toLowerCase()}:${value}`,
      not: not !== undefined,
    });
  }
  return terms;
}

/** Whether a row fits, by its number. */
type Test = (row: number) => boolean;

/** Rows that fit the search: 1 each. A term is compared once with each entry of a dictionary, and not with each row. */
export function matchQuery(table: Table, terms: readonly Term[]): Uint8Array {
  const fits = new Uint8Array(table.rows).fill(1);
  for (const term of terms) {
    const test =
      term.prefix === null
        ? wordTest(table, term.value)
        : (FIELDS[term.prefix]?.(table, term.value) ?? (() => false));
    for (let row = 0; row < fits.length; row++) {
      if (fits[row] === 1 && test(row) === term.not) fits[row] = 0;
    }
  }
  return fits;
}

/** The entries that fit: 1 each. */
const marks = <Entry>(entries: readonly Entry[], fits: (entry: Entry) => boolean): Uint8Array =>
  Uint8Array.from(entries, (entry) => (fits(entry) ? 1 : 0));

const byEntry =
  (column: ArrayLike<number>, marked: Uint8Array): Test =>
  (row) =>
    marked[column[row] ?? -1] === 1;

function wordTest(table: Table, value: string): Test {
  const { columns } = table;
  const texts = textsOf(table);
  const tests = [
    byEntry(
      columns.workload,
      marks(texts.workloads, (text) => text.includes(value)),
    ),
    byEntry(
      columns.container,
      marks(texts.containers, (text) => text.includes(value)),
    ),
    byEntry(
      columns.check,
      marks(texts.checks, (text) => text.includes(value)),
    ),
    byEntry(
      columns.message,
      marks(texts.messages, (text) => text.includes(value)),
    ),
    byEntry(
      columns.evidence,
      marks(texts.images, (text) => text.includes(value)),
    ),
  ];
  return (row) => tests.some((test) => test(row));
}

/** What words are looked for in, in lower case, with a line break between parts, which no word holds. */
interface Texts {
  readonly workloads: readonly string[];
  readonly containers: readonly string[];
  readonly checks: readonly string[];
  readonly messages: readonly string[];
  readonly images: readonly string[];
}

const known = new WeakMap<Table, Texts>();

/** Made once, since every letter that is typed is a search. */
export function textsOf(table: Table): Texts {
  const before = known.get(table);
  if (before !== undefined) return before;
  const lower = (parts: readonly (string | null | undefined)[]): string => parts.join('\n').toLowerCase();
  const texts = {
    workloads: table.workloads.map((entry) =>
      lower([nameOf(entry), `${entry[1]}/${entry[3]}`, table.clusters[entry[0]]?.[1]]),
    ),
    containers: table.containers.map((name) => lower([name])),
    checks: table.checks.map(lower),
    messages: table.messages.map((message) => message.toLowerCase()),
    images: table.evidence.map((evidence) => lower(imagesIn(evidence))),
  };
  known.set(table, texts);
  return texts;
}

/** Evidence names images under keys that say so. */
function imagesIn(evidence: unknown): readonly string[] {
  if (typeof evidence !== 'object' || evidence === null) return [];
  return Object.entries(evidence).flatMap(([key, value]) =>
    /image/i.test(key) && typeof value === 'string' ? [value] : [],
  );
}

/** The whole value, or a part of it where there are stars. */
function pattern(value: string): (text: string | null) => boolean {
  if (!value.includes('*')) return (text) => (text ?? '').toLowerCase() === value;
  const parts = value.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const expression = new RegExp(`^${parts.join('.*')}$`, 's');
  return (text) => expression.test((text ?? '').toLowerCase());
}

type Field = (table: Table, value: string) => Test;

const workloadField =
  (part: 1 | 2 | 3 | 4 | 5): Field =>
  (table, value) => {
    const fits = pattern(value);
    return byEntry(
      table.columns.workload,
      marks(table.workloads, (entry) => fits(entry[part])),
    );
  };

const FIELDS: Readonly<Record<string, Field>> = {
  severity: (table, value) => byEntry(table.columns.severity, marks(SEVERITY_NAMES, pattern(value))),
  status: (table, value) => byEntry(table.columns.status, marks(STATUS_NAMES, pattern(value))),
  check: (table, value) => {
    const fits = pattern(value);
    return byEntry(
      table.columns.check,
      marks(table.checks, ([id]) => fits(id)),
    );
  },
  cluster: (table, value) => {
    const fits = pattern(value);
    const clusters = marks(table.clusters, ([name, fullName]) => fits(name) || fits(fullName));
    return byEntry(
      table.columns.workload,
      marks(table.workloads, ([cluster]) => clusters[cluster] === 1),
    );
  },
  namespace: workloadField(1),
  kind: workloadField(2),
  name: workloadField(3),
  owner: workloadField(4),
  container: (table, value) => byEntry(table.columns.container, marks(table.containers, pattern(value))),
  // Controls are long: a part of one is what people know.
  control: (table, value) =>
    byEntry(
      table.columns.controls,
      marks(table.controls, (controls) => controls.some((one) => one.toLowerCase().includes(value))),
    ),
  cause: (table, value) => byEntry(table.columns.cause, marks(table.causes, pattern(value))),
  is: (table, value) => IS[value]?.(table) ?? (() => false),
};

const status = (fits: (name: string) => boolean) => (table: Table) =>
  byEntry(table.columns.status, marks(STATUS_NAMES, fits));

const IS: Readonly<Record<string, (table: Table) => Test>> = {
  ...Object.fromEntries(STATUS_NAMES.map((name) => [name, status((one) => one === name)])),
  active: status(isActive),
  closed: status(isClosed),
  managed: (table) =>
    byEntry(
      table.columns.workload,
      marks(table.workloads, (entry) => entry[5] !== null),
    ),
  unowned: (table) =>
    byEntry(
      table.columns.workload,
      marks(table.workloads, (entry) => entry[4] === null && entry[5] === null),
    ),
  drifted: (table) =>
    byEntry(
      table.columns.check,
      marks(table.checks, ([id]) => id === 'writable-layer-drifted'),
    ),
  apart: (table) => (row) => table.columns.apart[row] === 1,
  implied: (table) => (row) => table.columns.implied[row] !== 0,
};
