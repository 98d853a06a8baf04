import type { Gap, Resource } from '../../inventory/gap.ts';

/** A page of a list after which there is another one. */
interface OpenPage {
  readonly origin: string;
  /** Of what the list is; `null`: of anything. */
  readonly resource: Resource | null;
}

/** The pages of lists that a snapshot holds, by what they are lists of. */
export interface Pages {
  readonly open: Map<string, OpenPage>;
  /** Of which there is a last page. */
  readonly ended: Set<string>;
}

export const newPages = (): Pages => ({ open: new Map(), ended: new Set() });

/**
 * Notes a page: the `metadata` of each but the last has a token to `continue` with.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
 */
export function notePage(metadata: unknown, listOf: string, page: OpenPage, pages: Pages): void {
  const { continue: token, remainingItemCount: left } = (metadata ?? {}) as Readonly<Record<string, unknown>>;
  const goesOn = (typeof token === 'string' && token !== '') || (typeof left === 'number' && left > 0);
  if (goesOn) pages.open.set(listOf, page);
  else pages.ended.add(listOf);
}

/** Lists that do not reach their end: what is on other pages was not read, and is not absent. */
export function pageGaps({ open, ended }: Pages): readonly Gap[] {
  return [...open]
    .filter(([listOf]) => !ended.has(listOf))
    .map(([listOf, { origin, resource }]) => ({
      resource,
      reason: 'list-incomplete',
      message: `${origin} is one page of a ${listOf}, and the pages after it are not there (metadata.continue).`,
      remedy: 'Write the whole list, as kubectl get does without --raw, or add the other pages.',
    }));
}
