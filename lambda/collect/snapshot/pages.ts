import type { Gap, Resource } from '../../inventory/gap.ts';

/** What of a list is in one piece of a snapshot. */
interface Page {
  readonly origin: string;
  /** Of what the list is; `null`: of anything. */
  readonly resource: Resource | null;
  readonly items: number;
}

interface NotedPage extends Page {
  readonly listOf: string;
  /** What the server says of how many items are on the pages after it. */
  readonly left: number | null;
  readonly resourceVersion: string;
}

/** The pages of lists that a snapshot holds, those that reach the end of a list among them. */
export interface Pages {
  readonly open: NotedPage[];
  /** What a page before one of these says of how much comes after it. */
  readonly successors: Set<string>;
}

export const newPages = (): Pages => ({ open: [], successors: new Set() });

/**
 * Notes a page: the `metadata` of each but the last has a token to `continue` with, and tells in `remainingItemCount`
 * how many items come after it, unless a selector was asked for. All of them are of one `resourceVersion`.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
 */
export function notePage(metadata: unknown, listOf: string, page: Page, pages: Pages): void {
  const meta = (metadata ?? {}) as Readonly<Record<string, unknown>>;
  const { continue: token, remainingItemCount } = meta;
  const counted =
    typeof remainingItemCount === 'number' && remainingItemCount > 0 ? remainingItemCount : null;
  const goesOn = (typeof token === 'string' && token !== '') || counted !== null;
  const noted = { ...page, listOf, left: counted, resourceVersion: String(meta['resourceVersion']) };
  if (goesOn) pages.open.push(noted);
  const after = goesOn ? counted : 0;
  if (page.items > 0 && after !== null) pages.successors.add(linkOf(noted, page.items + after));
}

const linkOf = ({ listOf, resourceVersion }: NotedPage, left: number): string =>
  JSON.stringify([listOf, resourceVersion, left]);

/**
 * Lists that do not reach their end: what is on other pages was not read, and is not absent. That a page follows
 * another one is known by the number of items alone; tokens do not say where a page begins.
 */
export function pageGaps({ open, successors }: Pages): readonly Gap[] {
  const missing = new Map<string, NotedPage>();
  for (const page of open) {
    const isFollowed = page.left !== null && successors.has(linkOf(page, page.left));
    if (!isFollowed && !missing.has(page.listOf)) missing.set(page.listOf, page);
  }
  return [...missing].map(([listOf, { origin, resource, left }]) => ({
    resource,
    reason: 'list-incomplete',
    message:
      left === null
        ? `${origin} is one page of a ${listOf} (metadata.continue), and does not say how many objects are on the pages after it.`
        : `${origin} is one page of a ${listOf} after which ${left} more ${left === 1 ? 'object comes' : 'objects come'} (metadata.remainingItemCount), and the page that follows it is not there.`,
    remedy:
      'Write the whole list, as kubectl get does without --raw, or add all other pages of the same list.',
  }));
}
