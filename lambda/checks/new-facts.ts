import { hash } from 'node:crypto';
import type { NewFacts } from '../findings/changed.ts';
import type { Evidence, Json } from '../findings/finding.ts';
import { parseImageReference } from '../inventory/image-reference.ts';

/** All that each of them finds. */
export const anyOf =
  (...parts: readonly NewFacts[]): NewFacts =>
  (before, now) =>
    parts.flatMap((part) => part(before, now));

/** What a list of texts holds that it did not hold. `what` they are, in the plural, for lists that are cut. */
export const newTexts = (field: string, what: string, fact: (text: string) => string): NewFacts =>
  newItems(field, what, (before, now) => {
    const known = new Set(before.filter(isText));
    return now
      .filter(isText)
      .filter((text) => !known.has(text))
      .map(fact);
  });

/**
 * As {@link newTexts}, for items of any form. Where evidence holds the first of many alone, what it does not show is
 * compared by its digest: then it is only known that there are others.
 */
export const newItems =
  (
    field: string,
    what: string,
    newOf: (before: readonly Json[], now: readonly Json[]) => readonly string[],
  ): NewFacts =>
  (before, now) => {
    const [former, present] = [before[field], now[field]];
    if (!isList(former) || !isList(present)) return [];
    const found = newOf(former, present);
    const [wasCut, isCut] = [digestIn(before, field), digestIn(now, field)];
    if (wasCut === null && !isMore(before, field)) {
      return isCut === null ? found : [...found, `more ${what} than evidence holds`];
    }
    if (wasCut === null) return isMore(now, field, before) ? [`more ${what} than before`] : [];
    const isSame = wasCut === isCut || (isCut === null && found.length === 0);
    return isSame ? [] : [`other ${what} than before, of which evidence holds the first alone`];
  };

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

export const isText = (value: Json | undefined): value is string => typeof value === 'string';

export const isNumber = (value: Json | undefined): value is number => typeof value === 'number';

export const isObject = (value: Json | undefined): value is Evidence =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const digestField = (field: string): string => `${field}Digest`;

function digestIn(evidence: Evidence, field: string): string | null {
  const value = evidence[digestField(field)];
  return isText(value) ? value : null;
}

/** Rows of earlier versions have a count and no digest: `hosts` and `hostCount`. */
function isMore(evidence: Evidence, field: string, than?: Evidence): boolean {
  const counted = `${field.replace(/s$/, '')}Count`;
  const [count, items] = [evidence[counted], evidence[field]];
  const least = than === undefined ? (isList(items) ? items.length : 0) : than[counted];
  return isNumber(count) && isNumber(least) && count > least;
}

/** The first items of a list as evidence holds them, and what tells two lists apart that are longer than that. */
export function firstOf(field: string, items: readonly Json[], most: number): Evidence {
  if (items.length <= most) return { [field]: items };
  return { [field]: items.slice(0, most), [digestField(field)]: digestOf(items) };
}

/** Whatever their order. */
export const digestOf = (items: readonly Json[]): string =>
  hash('sha256', JSON.stringify(items.map((item) => JSON.stringify(item)).sort()), 'hex').slice(0, 16);

/** Another image is a new fact; another tag or digest of the same one is an update. */
export const otherImage: NewFacts = (before, now) => {
  const [former, present] = [before['image'], now['image']];
  if (!isText(former) || !isText(present)) return [];
  const repositoryOf = (image: string): string => parseImageReference(image)?.repository ?? image;
  return repositoryOf(former) === repositoryOf(present) ? [] : [`runs ${present} and ran ${former}`];
};
