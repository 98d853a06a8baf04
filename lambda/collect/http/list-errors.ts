import { ReadError } from '../../errors.ts';
import type { GapReason } from '../../inventory/gap.ts';

/** The sentences for lists that cannot be trusted to be whole. */

type Said = readonly [reason: GapReason, message: string, remedy: string];

const FROM_A_CACHE = 'Look for a proxy between here and the API server that answers from a cache.';
const CHANGED_ON_THE_WAY =
  'Run again; if the problem persists, look for a proxy between here and the API server that changes its answers.';

export function expired(what: string): ReadError {
  return new ReadError(
    'list-incomplete',
    `The list of ${what} expired on the API server before it was completely read (410), every time it was restarted.`,
    'Run again when the API server is less busy.',
  );
}

export function incomplete(what: string, items: number, promised: number): ReadError {
  return new ReadError(
    'list-incomplete',
    `The list of ${what} ended after ${items} of ${promised} objects.`,
    CHANGED_ON_THE_WAY,
  );
}

export function endless(what: string, pages: number): ReadError {
  return new ReadError(
    'list-incomplete',
    `The list of ${what} does not end: after ${pages} pages the server still returns a token for another page, or one that was used before.`,
    FROM_A_CACHE,
  );
}

export function emptyPage(what: string, items: number): ReadError {
  return new ReadError(
    'list-incomplete',
    `The list of ${what} has an empty page after ${items} objects.`,
    FROM_A_CACHE,
  );
}

export function ofAnotherTime(what: string): ReadError {
  return new ReadError(
    'list-incomplete',
    `The pages of the list of ${what} are from different points in time (resourceVersion).`,
    FROM_A_CACHE,
  );
}

export const repeated = (what: string, items: number): Said => [
  'list-incomplete',
  `The list of ${what} contains an object twice among its first ${items}.`,
  FROM_A_CACHE,
];

export const withoutMetadata = (what: string): Said => [
  'list-incomplete',
  `A page of the list of ${what} came without metadata, so it is not known whether the list goes on.`,
  CHANGED_ON_THE_WAY,
];

export const brokenItems = (what: string): Said => [
  'list-incomplete',
  `A page of the list of ${what} came without its objects, or with something in their place.`,
  CHANGED_ON_THE_WAY,
];

export function notAList(what: string, got: string): ReadError {
  return new ReadError(
    'server-error',
    `The server answered the list of ${what} with ${got.slice(0, 100)} instead of that list.`,
    'Check that the server address of this context is that of a Kubernetes API server, and that no login page or proxy is in between.',
  );
}

export function damaged(what: string, cause: SyntaxError): ReadError {
  return new ReadError(
    'server-error',
    `A page of the list of ${what} arrived damaged or cut off.`,
    CHANGED_ON_THE_WAY,
    cause,
  );
}
