import type { Cause } from '../findings/cause.ts';
import type { Finding, FindingChange, Fix } from '../findings/finding.ts';
import type { NotEvaluated } from '../findings/not-evaluated.ts';
import type { ClusterResult, RecordedReading, RunResult } from '../findings/run-result.ts';
import type { Origin } from '../inventory/inventory.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import { jsonSafe } from './escape.ts';

const MAX_EXAMPLES = 5;

/** One line of JSON without its line break, harmless on a terminal. */
export const jsonLine = (value: unknown): string => jsonSafe(JSON.stringify(value));

/** The run without its clusters, its keys always in the same order. */
export function runRow({ run }: RunResult): RunResult['run'] {
  return { id: run.id, startedAt: run.startedAt, version: run.version, config: run.config };
}

/** A finding as one row of every data output, its keys always in the same order. SPEC §9. */
export function findingRow(finding: Finding): Finding {
  const { pods } = finding;
  return {
    id: finding.id,
    check: finding.check,
    status: finding.status,
    severity: finding.severity,
    cluster: clusterOf(finding),
    workload: workloadOf(finding.workload),
    owner: finding.owner ?? null,
    managedBy: finding.managedBy ?? null,
    container: finding.container,
    pods: {
      count: pods.count,
      examples: pods.examples.slice(0, MAX_EXAMPLES),
      oldestStartedAt: pods.oldestStartedAt,
    },
    evidence: finding.evidence,
    message: finding.message,
    impliedBy: finding.impliedBy ?? null,
    cause: finding.cause == null ? null : causeRow(finding.cause),
    ...(finding.remainsBy == null ? {} : { remainsBy: causeRow(finding.remainsBy) }),
    fix: finding.fix == null ? null : fixOf(finding.fix),
    remediation: finding.remediation,
    controls: finding.controls,
    firstSeen: finding.firstSeen,
    lastSeen: finding.lastSeen,
    exemption: finding.exemption,
    ...(finding.origin == null ? {} : { origin: originOf(finding.origin) }),
    ...(finding.reason == null ? {} : { reason: finding.reason }),
    ...(finding.changed == null ? {} : { changed: changeRow(finding.changed) }),
  };
}

/** What could not be decided, as one row, its keys always in the same order. */
export function notEvaluatedRow(row: NotEvaluated): NotEvaluated {
  return {
    check: row.check,
    cluster: clusterOf(row),
    workload: row.workload === null ? null : workloadOf(row.workload),
    ...(row.owner === undefined ? {} : { owner: row.owner }),
    container: row.container,
    pods: row.pods,
    reason: row.reason,
    message: row.message,
    remediation: row.remediation,
    ...(row.gap === undefined ? {} : { gap: row.gap }),
    ...(row.since === undefined ? {} : { since: row.since }),
  };
}

/** A cluster without its findings and not-evaluated rows, which stand in lists of their own. */
export type ClusterRow = Omit<ClusterResult, 'findings' | 'notEvaluated'>;

export function clusterRow(result: ClusterResult): ClusterRow {
  return {
    cluster: wholeIdentity(result),
    ...(result.unverified === undefined ? {} : { unverified: result.unverified }),
    outcome: result.outcome,
    ...(result.reading === undefined ? {} : { reading: readingRow(result.reading) }),
    ...(result.firstRun === true ? { firstRun: true } : {}),
    totals: result.totals,
    tallies: result.tallies,
    ...(result.askedExemptions === undefined ? {} : { askedExemptions: result.askedExemptions }),
    ...(result.excluded === undefined ? {} : { excluded: result.excluded }),
    ...(result.population === undefined ? {} : { population: result.population }),
    notes: result.notes,
    ...(result.patches === undefined ? {} : { patches: result.patches }),
    ...(result.numbers === undefined ? {} : { numbers: result.numbers }),
  };
}

const readingRow = ({ kubernetesVersion, principal, status, readAt }: RecordedReading): RecordedReading => ({
  kubernetesVersion,
  principal,
  status,
  readAt,
});

/** As rows name a cluster: the same, whether they are made or read again. */
export function clusterOf({ cluster }: Pick<Finding, 'cluster'>): Finding['cluster'] {
  const { name, arn, accountId, region, uid } = cluster;
  return { name, arn, accountId, region, ...(uid ? { uid } : {}) };
}

/** What distinguishes it from other clusters with its name, too. */
export function wholeIdentity(result: Pick<ClusterResult, 'cluster'>): ClusterIdentity {
  const { createdAt, incarnation } = result.cluster;
  return {
    ...clusterOf(result),
    ...(createdAt ? { createdAt } : {}),
    ...(incarnation ? { incarnation } : {}),
  };
}

function causeRow({ id, kind, object, content, rules }: Cause): Cause {
  const { kind: objectKind, namespace, name, part } = object;
  return {
    id,
    kind,
    object: { kind: objectKind, namespace, name, part },
    ...(content === undefined ? {} : { content }),
    ...(rules === undefined ? {} : { rules }),
  };
}

const fixOf = ({ text, command, risk }: Fix): Fix => ({ text, command, risk });

const changeRow = ({ since, facts }: FindingChange): FindingChange => ({ since, facts });

const originOf = ({ file, line }: Origin): Origin => ({ file, line });

function workloadOf({ namespace, kind, name }: Finding['workload']): Finding['workload'] {
  return { namespace, kind, name };
}
