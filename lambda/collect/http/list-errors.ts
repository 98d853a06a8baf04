import { ReadError } from '../../errors.ts';

/** The sentences for lists that cannot be trusted to be whole. */

export function expired(what: string): ReadError {
  return new ReadError(
    'list-incomplete',
    `The list of ${what} expired on the API server before its end was read (410), each time it was begun anew.`,
    'Run again when the API server is less busy.',
  );
}

export function incomplete(what: string, items: number, promised: number): ReadError {
  return new ReadError(
    'list-incomplete',
    `The list of ${what} ended after ${items} of ${promised} objects.`,
    'Run again; if it stays, look for a proxy between here and the API server that changes its answers.',
  );
}

export function endless(what: string, pages: number): ReadError {
  return new ReadError(
    'list-incomplete',
    `The list of ${what} does not end: after ${pages} pages the server still refers to a page that was read or to yet more.`,
    'Look for a proxy between here and the API server that answers from a cache.',
  );
}

export function damaged(what: string, cause: SyntaxError): ReadError {
  return new ReadError(
    'server-error',
    `A page of the list of ${what} arrived damaged or cut off.`,
    'Run again; if it stays, look for a proxy between here and the API server that changes its answers.',
    cause,
  );
}
