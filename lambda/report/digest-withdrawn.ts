import type { Finding, WithdrawnReason } from '../findings/finding.ts';
import { compareText } from '../inventory/workload.ts';
import { bullet, quoted, type Section } from './digest-layout.ts';
import { clusterRowKey } from './order.ts';
import { clusterName, count } from './words.ts';

/**
 * Findings that were withdrawn because they are no longer checked: one line for each change behind it, with their number.
 * Nothing was repaired, so they stand apart from what was fixed.
 */
export function withdrawnSection(findings: readonly Finding[], top: number): Section {
  const groups = [...Map.groupBy(findings, changeOf)].sort(
    ([a, of], [b, others]) => others.length - of.length || compareText(a, b),
  );
  const lines = groups.slice(0, top).map(([change, of]) => bullet(`${change}: ${wentIn(of)}`));
  const rest = groups.slice(top);
  return {
    title: 'NO LONGER CHECKED',
    detail: `: ${count(findings.length, 'finding')}`,
    intro: [],
    entries: rest.length === 0 ? lines : [...lines, bullet(`and ${count(rest.length, 'more change')}`)],
  };
}

function changeOf(finding: Finding): string {
  const { reason } = finding;
  return reason == null ? 'for an unknown reason' : CHANGES[reason](finding);
}

const CHANGES: Readonly<Record<WithdrawnReason, (finding: Finding) => string>> = {
  'check-off': ({ check }) => `the check ${quoted(check)} is disabled`,
  'namespace-excluded': ({ workload }) => `the namespace ${quoted(workload.namespace)} is excluded`,
  'limit-changed': ({ check }) => `${quoted(check)} has a new limit, under which they pass`,
  'configuration-changed': ({ check }) => `the settings of ${quoted(check)} changed`,
  'rule-changed': ({ check }) => `this version has no check ${quoted(check)}`,
  'owner-known': () => 'their Jobs or ReplicaSets are listed under their owners now',
  'cluster-replaced': ({ cluster }) => `another cluster replaced ${quoted(clusterName(cluster))}`,
};

function wentIn(findings: readonly Finding[]): string {
  const clusters = new Set(findings.map(({ cluster }) => clusterRowKey(cluster))).size;
  return `${count(findings.length, 'finding')} withdrawn${clusters > 1 ? ` in ${count(clusters, 'cluster')}` : ''}`;
}
