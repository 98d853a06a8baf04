import type { z } from 'zod';

const LONGEST_QUOTE = 60;

/** A value of a file as it is named in a message: quoted, cut, without control characters. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number' || typeof value === 'bigint') return `the number ${value}`;
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a mapping' : String(value);
}

/** Quoted for a message on a terminal: no control or bidirectional formatting character survives. */
export function quote(text: string): string {
  const cut = text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
  return JSON.stringify(cut).replace(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Gives zod the sentence for a wrong value, `undefined` to leave an issue to its own message. */
export type IssueError = (issue: z.core.$ZodRawIssue) => string | undefined;

/**
 * "must be WHAT, not …", or "is required: WHAT", or "has no value". Issues with a code of `others` keep
 * the message of their own check.
 */
export function mustBe(what: string, ...others: readonly string[]): IssueError {
  return ({ code, input }) => (others.includes(code) ? undefined : mismatch(what, input));
}

/** As {@link mustBe} for text: a number or a boolean only lacks its quotes. */
export function mustBeText(what: string): IssueError {
  return ({ input }) => {
    const unquoted = typeof input === 'number' || typeof input === 'boolean';
    return unquoted ? `${mismatch(what, input).slice(0, -1)}; put it in quotes.` : mismatch(what, input);
  };
}

/** The end of a sentence about a value that is not what it must be. */
export function mismatch(what: string, input: unknown): string {
  if (input === undefined) return `is required: ${what}.`;
  if (input === null) return `has no value; it must be ${what}.`;
  return `must be ${what}, not ${describeValue(input)}.`;
}

const FILE_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is a file',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
};

/** Why a file cannot be read or written, in words; the code of the system where there are none. */
export function fileProblem(error: unknown): string {
  const hasCode = typeof error === 'object' && error !== null && 'code' in error;
  const code = hasCode ? String(error.code) : String(error);
  return FILE_PROBLEMS[code] ?? code;
}
