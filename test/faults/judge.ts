import { exitCode } from '../../lambda/cli/exit-code.ts';
import { compare } from '../../lambda/findings/compare.ts';
import { leavesOpen } from '../../lambda/findings/coverage.ts';
import type { Finding } from '../../lambda/findings/finding.ts';
import type { NotEvaluated } from '../../lambda/findings/not-evaluated.ts';
import type { ClusterResult } from '../../lambda/findings/run-result.ts';
import { workloadKey } from '../../lambda/inventory/workload.ts';
import { NOW } from '../support/builders.ts';

/** A run later, so that what is compared is not of the same instant. */
const LATER = NOW + 86_400_000;

/**
 * What is wrong with a result, held against that of the same cluster without faults: the same findings, or records
 * that leave open whatever is not the same. Verdicts are judged, and what a comparison in either order says.
 */
export function wrongsOf(sound: ClusterResult, found: ClusterResult): readonly string[] {
  return [
    ...vanished(sound, found),
    ...undecidedNoMore(sound, found),
    ...alarms(sound, found),
    ...closed(sound, found),
    ...exits(sound, found),
  ];
}

const title = ({ check, workload, container }: Pick<Finding, 'check' | 'workload' | 'container'>): string =>
  `${check} of ${workloadKey(workload)}${container === null ? '' : ` (${container})`}`;

const isOpen = (found: ClusterResult, row: Pick<Finding, 'check' | 'workload' | 'container'>): boolean =>
  found.outcome === 'failed' ||
  found.notEvaluated.some(
    (record) =>
      (record.check === row.check || record.reason === 'nothing-to-judge') && leavesOpen(record, row),
  );

/** Under its Job or ReplicaSet, whose owner was not read. */
const CONTROLLED = new Set(['Job', 'ReplicaSet']);
const isSameUnderOwner = (one: Finding, other: Finding): boolean =>
  one.check === other.check &&
  one.container === other.container &&
  one.workload.namespace === other.workload.namespace &&
  CONTROLLED.has(one.workload.kind) &&
  one.workload.name.startsWith(`${other.workload.name}-`);

const find = (row: Finding, rows: readonly Finding[]): Finding | undefined =>
  rows.find((one) => title(one) === title(row)) ?? rows.find((one) => isSameUnderOwner(one, row));

const vanished = (sound: ClusterResult, found: ClusterResult): readonly string[] =>
  sound.findings
    .filter((row) => find(row, found.findings) === undefined && !isOpen(found, row))
    .map((row) => `vanished: ${title(row)}`);

function undecidedNoMore(sound: ClusterResult, found: ClusterResult): readonly string[] {
  const says = (record: NotEvaluated): boolean => {
    const { workload, check, container } = record;
    if (workload !== null) return isOpen(found, { check, workload, container });
    return (
      found.outcome === 'failed' ||
      found.notEvaluated.some((one) => one.check === check && one.workload === null)
    );
  };
  const failing = new Set(found.findings.map(title));
  return sound.notEvaluated
    .filter((record) => !says(record))
    .filter(({ workload, ...rest }) => workload === null || !failing.has(title({ ...rest, workload })))
    .map(({ check, message }) => `decided without the facts: ${check}: ${message}`);
}

const alarms = (sound: ClusterResult, found: ClusterResult): readonly string[] =>
  found.findings
    .filter(
      (row) =>
        !sound.findings.some((one) => title(one) === title(row)) &&
        !sound.findings.some((one) => isSameUnderOwner(row, one)),
    )
    .map((row) => `false alarm: ${title(row)}`);

function closed(sound: ClusterResult, found: ClusterResult): readonly string[] {
  const after = compare(sound.findings, found, LATER);
  const before = compare(found.findings, sound, LATER);
  return [
    ...after.closed.map((row) => `${row.status} by a fault: ${title(row)}`),
    ...before.closed
      .filter(({ status }) => status !== 'withdrawn')
      .map((row) => `${row.status} after a fault: ${title(row)}`),
    ...after.findings
      .filter(({ status, workload }) => status === 'new' && !CONTROLLED.has(workload.kind))
      .map((row) => `new by a fault: ${title(row)}`),
  ];
}

/** Whoever lost something does not exit as if all had been looked at. */
function exits(sound: ClusterResult, found: ClusterResult): readonly string[] {
  const run = { id: 'run', startedAt: new Date(NOW).toISOString(), version: '0', config: '' };
  const code = exitCode({ run, clusters: [found] }, { failOn: 'never', allowIncomplete: false });
  const lost = sound.findings.some((row) => find(row, found.findings) === undefined);
  return lost && code === 0 ? ['exit code 0 although findings are lost'] : [];
}
