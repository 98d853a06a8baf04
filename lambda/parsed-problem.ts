import type { z } from 'zod';
import { mismatch, quote } from './wording.ts';

/** What a value of one kind is called; where a check has its own words, these are kept. */
const KINDS: Readonly<Record<string, string>> = {
  object: 'an object',
  record: 'an object',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

const TIME = 'a time such as 2026-11-21T06:00:00Z';

/**
 * What a schema makes of a value that a program has written.
 * @throws Error with what is wrong, as {@link parsedProblem} says it
 */
export function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw new Error(parsedProblem(read.error.issues[0], value));
}

/**
 * What is wrong with a value that a program has sent or written (an event, a variable, an item of a list), as the end of a
 * sentence: `run.id must be a text, not the number 7`.
 *
 * @param issue what zod says of it, in the words of its parser
 * @param value the whole value
 */
export function parsedProblem(issue: z.core.$ZodIssue | undefined, value: unknown): string {
  if (issue === undefined) return 'it cannot be understood';
  const { path, problem } = problemAt(issue, value);
  return `${path.join('.') || 'it'} ${problem}`;
}

/** Likewise, apart from where it is wrong. */
export function problemAt(
  issue: z.core.$ZodIssue,
  value: unknown,
): { readonly path: readonly PropertyKey[]; readonly problem: string } {
  const inner = issueOfLastKind(issue);
  const path = [...issue.path, ...(inner === issue ? [] : inner.path)];
  const what = whatOf(inner);
  if (inner.code === 'unrecognized_keys') {
    const [key = ''] = inner.keys;
    return { path, problem: `has the key ${quote(key)}, which is not known` };
  }
  const problem = what === null ? inner.message : mismatch(what, at(value, path)).replace(/\.$/, '');
  return { path, problem };
}

function whatOf(issue: z.core.$ZodIssue): string | null {
  switch (issue.code) {
    case 'invalid_type':
      return KINDS[issue.expected] ?? null;
    case 'invalid_value':
      return issue.values.map((one) => JSON.stringify(one)).join(' or ');
    case 'invalid_format':
      return issue.format === 'datetime' ? TIME : null;
    case 'too_small':
      return issue.origin === 'string' ? 'a text that is not empty' : `at least ${issue.minimum}`;
    case 'too_big':
      return `at most ${issue.maximum}`;
    default:
      return null;
  }
}

/** Of a value that may be of several kinds the last one is the simplest, and what is missing for it is said. */
function issueOfLastKind(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union') return issue;
  const [first] = issue.errors.at(-1) ?? [];
  return first === undefined ? issue : issueOfLastKind(first);
}

const at = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
