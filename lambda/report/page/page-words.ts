import type { Finding } from '../../findings/finding.ts';
import { compareText } from '../../inventory/workload.ts';
import { objectText, whatText } from '../cause-words.ts';
import type { CauseGroup } from '../digest-cause-groups.ts';
import { listed } from '../words.ts';
import type { PageFacts } from './page-facts.ts';

const CLUSTERS = 3;
const OWNERS = 3;

/** `namespace legacy in shop-prod: no egress policy`; of several clusters at most a few are named. */
export function causeTitle(
  { causes, findings }: Pick<CauseGroup, 'causes' | 'findings'>,
  { nameOf }: PageFacts,
): string {
  const [{ cause }] = causes;
  const drifted = causes.some((one) => one.drifted);
  const clusters = [...new Set(causes.map(({ cluster }) => nameOf(cluster)))].sort(compareText);
  const where = listed(clusters, CLUSTERS);
  const what = whatText({ cause, findings, drifted });
  if (cause.object.kind === 'Cluster') return `${where}: ${what}`;
  return `${objectText(cause)} in ${where}${what === '' ? '' : `: ${what}`}`;
}

/** `, owner payments`; where nothing of the run has one, nothing is said. */
export function ownersText(findings: readonly Finding[], { hasOwners }: PageFacts): string {
  const [manager = null, ...others] = [...new Set(findings.map(({ managedBy }) => managedBy ?? null))];
  if (others.length === 0 && manager !== null) return `, run by ${manager}`;
  if (!hasOwners) return '';
  const owners = [...new Set(findings.map(({ owner }) => owner ?? 'none'))].sort(compareText);
  return `, owner: ${listed(owners, OWNERS)}`;
}

/** Ends a sentence that says that there is nothing: where not everything was decided, only of what was. */
export const inWhatWasDecided = ({ clusters, notEvaluated }: PageFacts['summary']): string =>
  clusters.total > 0 && clusters.audited === clusters.total && notEvaluated.total === 0
    ? '.'
    : ' in what could be decided.';
