import type { ClusterResult } from '../findings/run-result.ts';
import { paragraph, type Section, untitled } from './digest-layout.ts';
import type { News } from './digest-news.ts';
import { isShortened, totalOf } from './news-counts.ts';
import { count, thousands } from './words.ts';

/**
 * Says what the lists of a large fleet's run leave out, so that no reader takes what is not named for what is not there;
 * `null`: nothing.
 */
export function shortenedText(
  clusters: readonly ClusterResult[],
  { counts, open }: Pick<News, 'counts' | 'open'>,
): string | null {
  if (!isShortened(clusters)) return null;
  const causes = totalOf(counts.open);
  const shown = open.length;
  const lists =
    shown < causes
      ? `${thousands(shown)} of ${count(causes, 'open cause')} are named here`
      : 'not every finding is named here';
  return `SHORTENED: ${lists}, the heaviest first; the numbers above count all. Every finding and every missing verdict is in the files of its cluster.`;
}

export const shortenedSection = (
  clusters: readonly ClusterResult[],
  news: Pick<News, 'counts' | 'open'>,
): Section => {
  const text = shortenedText(clusters, news);
  return untitled(text === null ? [] : paragraph(text));
};
