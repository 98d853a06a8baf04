import type { ReadError } from '../../errors.ts';
import { emptyPage, endless, incomplete, ofAnotherTime, repeated } from './list-errors.ts';
import { type AskedList, type ListCodec, type ListPage, UntrustedList } from './list-page.ts';
import { createSeenObjects } from './seen-objects.ts';

/** Whether the pages of one passage through a list are pages of one list. */
export interface PageTrust<Item> {
  /**
   * Looks at the next page before it is used.
   * @param number of the page, from 1
   * @returns why it cannot be the next page of this list, or its last one
   */
  look(page: ListPage<Item>, number: number): ReadError | null;
  /** How many items were seen. */
  items(): number;
}

export interface TrustOptions<Item> {
  readonly asked: AskedList;
  readonly codec: ListCodec<Item>;
  /** A selector was sent. */
  readonly selects: boolean;
}

/** Where a selector was sent, the server may find nothing in what it searched for a page. */
const MOST_EMPTY_PAGES = 10;

/**
 * A list in pages is one snapshot: all of them have the `resourceVersion` of the first, as long as no continue
 * token of a 410 is used, which this program never does; and no object is in it twice.
 * Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/list-meta/ (continue);
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks
 */
export function createPageTrust<Item>({ asked, codec, selects }: TrustOptions<Item>): PageTrust<Item> {
  const { what, aggregated } = asked;
  const tokens = new Set<string>();
  const seen = createSeenObjects();
  let items = 0;
  let promised = 0;
  let empty = 0;
  let version: string | null = null;

  const comesTwice = (page: ListPage<Item>): boolean =>
    page.items.some((item) => {
      const identity = codec.identityOf?.(item) ?? null;
      return identity !== null && seen.has(identity);
    });

  /** Whether another page may follow this one. */
  function lookAhead({ continueToken, items: found }: ListPage<Item>, number: number): ReadError | null {
    if (continueToken === null) return items < promised ? incomplete(what, items, promised) : null;
    if (tokens.has(continueToken)) return endless(what, number);
    tokens.add(continueToken);
    empty = found.length === 0 ? empty + 1 : 0;
    return empty > (selects ? MOST_EMPTY_PAGES : 0) ? emptyPage(what, items) : null;
  }

  return {
    look(page, number) {
      const { remaining, resourceVersion } = page;
      items += page.items.length;
      promised = remaining === null ? promised : items + remaining;
      version ??= resourceVersion;
      if (resourceVersion !== version && !aggregated) return ofAnotherTime(what);
      if (comesTwice(page)) return new UntrustedList(...repeated(what, items));
      return lookAhead(page, number);
    },
    items: () => items,
  };
}
