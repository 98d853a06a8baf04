import type { ClusterResult } from '../findings/run-result.ts';
import type { DigestInput } from './digest-input.ts';
import type { News } from './digest-news.ts';
import { mailSubject } from './escape.ts';
import { totalOf } from './news-counts.ts';
import { isIncomplete, missingVerdicts, type Summary } from './summary.ts';
import { count, thousands } from './words.ts';

/** SNS wants fewer than 100 characters. */
const LONGEST = 99;

/**
 * The line that is read on a phone: what is new, what is open, what is missing. Where it is too long, what is fixed is
 * left out before anything else.
 */
export function digestSubject(input: DigestInput, summary: Summary, news: News): string {
  const { run } = input;
  const { clusters } = summary;
  if (clusters.total === 0) return 'EKS audit FAILED: no cluster was found';
  if (clusters.audited === 0) {
    const none =
      clusters.total === 1 ? 'the only cluster was not' : `none of ${count(clusters.total, 'cluster')} was`;
    return mailSubject(`EKS audit FAILED: ${none} audited`);
  }
  const head = `EKS audit${isIncomplete(run.clusters) ? ' INCOMPLETE' : ''}`;
  const tail = missing(run.clusters) || notFound(input);
  const parts = [newsPhrase(input, news), ...overPhrases(input, news), openPhrase(input, news)];
  const whole = `${head}: ${parts.join(', ')}${tail}`;
  if (whole.length <= LONGEST) return mailSubject(whole);
  return mailSubject(`${head}: ${parts[0]}, ${parts.at(-1)}${tail}`);
}

function newsPhrase(
  { firstRun, newsUnknown = false }: DigestInput,
  { counts: { fresh, asked, added, changed } }: News,
): string {
  if (firstRun) return 'first run';
  const all = totalOf(fresh) + totalOf(asked) + totalOf(added);
  // Where the line is too long only its first and last parts stay.
  if (all === 0 && changed > 0 && !newsUnknown) return `${thousands(changed)} changed`;
  if (all === 0) return newsUnknown ? 'news unknown' : 'nothing new';
  return `${thousands(all)} new${criticals(fresh.critical + asked.critical + added.critical)}`;
}

function overPhrases(input: DigestInput, news: News): readonly string[] {
  const { changed, fixed, withdrawn, ended } = news.counts;
  if (input.firstRun) return [];
  const isFirst = newsPhrase(input, news).endsWith(' changed');
  return [
    ...(changed === 0 || isFirst ? [] : [`${thousands(changed)} changed`]),
    ...(fixed === 0 ? [] : [`${thousands(fixed)} fixed`]),
    ...(withdrawn === 0 ? [] : [`${thousands(withdrawn)} withdrawn`]),
    ...(ended === 0 ? [] : [`${thousands(ended)} no longer exempt`]),
  ];
}

function openPhrase({ firstRun }: DigestInput, { counts: { open, fresh } }: News): string {
  if (totalOf(open) === 0) return 'nothing open';
  const saidCritical = !firstRun && fresh.critical > 0;
  return `${count(totalOf(open), 'cause')}${saidCritical ? '' : criticals(open.critical)} open`;
}

const criticals = (found: number): string => (found === 0 ? '' : ` (${thousands(found)} critical)`);

/** Clusters of earlier runs that are not there any more; no name, since it is in the mail. */
const notFound = ({ gone = [] }: DigestInput): string =>
  gone.length === 0 ? '' : `; ${count(gone.length, 'cluster')} not found`;

/** What is missing that a person can do something about, the loss of coverage first. */
function missing(clusters: readonly ClusterResult[]): string {
  const asking = clusters.filter((result) => isIncomplete([result]));
  const failed = asking.filter(({ outcome }) => outcome === 'failed');
  if (failed.length > 0) {
    const [only] = failed;
    const what = failed.length === 1 && only !== undefined ? shown(only, clusters.length) : null;
    return `; ${what ?? `${thousands(failed.length)} of ${count(clusters.length, 'cluster')}`} not audited`;
  }
  const lost = asking.flatMap((result) => {
    const checks = new Set(result.notEvaluated.flatMap(({ gap, check }) => (gap === 'lost' ? check : [])));
    return checks.size === 0 ? [] : [{ result, checks: checks.size }];
  });
  const [first] = lost;
  if (first !== undefined && lost.length === 1) {
    return `; ${shown(first.result, clusters.length) ?? '1 cluster'} lost ${count(first.checks, 'check')}`;
  }
  if (lost.length > 1) return `; ${count(lost.length, 'cluster')} lost checks`;
  const rows = asking.reduce((sum, result) => sum + missingVerdicts(result), 0);
  return rows === 0 ? '' : `; ${thousands(rows)} not evaluated`;
}

/** Only a name that can be nothing else; contexts of a kubeconfig may be called anything. `null`: it is not shown. */
const shown = ({ cluster: { name } }: ClusterResult, clusters: number): string | null =>
  clusters > 1 && /^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$/.test(name) ? name : null;
