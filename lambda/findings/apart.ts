import { isCompared } from './coverage.ts';
import type { Finding } from './finding.ts';
import { isActive, isClosed } from './identity.ts';
import type { ClusterResult } from './run-result.ts';

/** What people did to pods, or what happened in them: never the business of whoever manages the workload. */
const NEVER_APART: ReadonlySet<string> = new Set(['writable-layer-drifted', 'debug-container-attached']);

/**
 * Whether people see a finding apart from all others, since AWS, or somebody else whom the configuration names, runs
 * its workload (SPEC §5, managed workloads): it is judged and recorded like all others, but has no rank, is not in the
 * totals of the digest, and `--fail-on` passes over it. What is new about such a workload or became worse, and what was
 * measured or done in its pods, is never apart.
 *
 * @param firstRun No earlier run knew the cluster, so that all of its findings are new: {@link ClusterResult.firstRun}.
 */
export const isApart = (
  { managedBy, status, check, changed }: Pick<Finding, 'managedBy' | 'status' | 'check' | 'changed'>,
  firstRun: boolean,
): boolean =>
  managedBy != null &&
  !NEVER_APART.has(check) &&
  (status !== 'new' || firstRun) &&
  !(status === 'open' && changed != null);

/** Those that are not apart, of every status. A mail also counts those that no mail has contained yet. */
export const countedFindings = ({
  findings,
  firstRun = false,
}: Pick<ClusterResult, 'findings' | 'firstRun'>): readonly Finding[] =>
  findings.some(({ managedBy }) => managedBy != null)
    ? findings.filter((finding) => !isApart(finding, firstRun))
    : findings;

/** New and open ones that are apart: what a line about managed workloads counts. */
export const apartFindings = ({
  findings,
  firstRun = false,
}: Pick<ClusterResult, 'findings' | 'firstRun'>): readonly Finding[] =>
  findings.filter((finding) => isActive(finding) && isApart(finding, firstRun));

/** What became of those that are apart and are not there any more: a check that is switched off is not among them. */
export const apartOver = ({
  findings,
  firstRun = false,
}: Pick<ClusterResult, 'findings' | 'firstRun'>): readonly Finding[] =>
  findings.filter(
    (finding) => isClosed(finding) && finding.status !== 'withdrawn' && isApart(finding, firstRun),
  );

/**
 * What is to be said of news beside those that are apart, as the end of a list: nothing of them is new, or that is not
 * known. In the first run of a cluster all is new, so that it says nothing.
 */
export const apartNews = (results: readonly ClusterResult[]): string => {
  if (!results.every(isCompared)) return ', what is new is not known';
  return results.some(({ firstRun }) => firstRun === true) ? '' : ', nothing new';
};
