/**
 * A term of the search: `owner:payments`, in quotes where the value has spaces or quotes. Quotes inside are doubled, as in
 * CSV.
 */
export const queryTerm = (prefix: string, value: string): string =>
  /^[^\s"]+$/.test(value) ? `${prefix}:${value}` : `${prefix}:"${value.replaceAll('"', '""')}"`;
