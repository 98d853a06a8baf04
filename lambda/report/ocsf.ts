import { hash } from 'node:crypto';
import { type ControlMapping, controlLabel } from '../findings/control.ts';
import type { Finding } from '../findings/finding.ts';
import { clusterKey } from '../findings/identity.ts';
import type { NotEvaluated } from '../findings/not-evaluated.ts';
import { compareFindings } from '../findings/order.ts';
import type { RunResult } from '../findings/run-result.ts';
import type { ClusterIdentity, WorkloadRef } from '../inventory/names.ts';
import type { Severity } from '../severity.ts';
import {
  AWS_ACCOUNT,
  CLASS,
  FINDING_STATUS,
  gapStatus,
  OCSF_VERSION,
  type OcsfStatus,
  RELATED,
  RULE,
  severityOf,
  TARGET,
} from './ocsf-words.ts';
import { compareNotEvaluated, sortedClusters } from './order.ts';
import { jsonLine } from './rows.ts';
import { workloadName } from './words.ts';

/** What events say of a check; the catalogue gives it. */
export interface OcsfCheck {
  readonly id: string;
  readonly title: string;
  readonly controls: readonly ControlMapping[];
}

/**
 * The run as events of OCSF 1.6.0, class Compliance Finding (2003), one a line: one for each finding and for each row of
 * what was not evaluated, in the order of the other reports.
 */
export function* ocsfEvents(run: RunResult, checks: readonly OcsfCheck[]): Generator<string> {
  const of: Surroundings = {
    run: run.run,
    time: Date.parse(run.run.startedAt),
    checks: new Map(checks.map((check) => [check.id, knownCheck(check)])),
  };
  for (const { findings, notEvaluated } of sortedClusters(run)) {
    for (const finding of findings.toSorted(compareFindings)) yield line(ofFinding(finding, of), of);
    yield* gapLines(notEvaluated, of);
  }
}

/** Rows that differ in their message alone follow each other, and are numbered: each event has an id of its own. */
function* gapLines(gaps: readonly NotEvaluated[], of: Surroundings): Generator<string> {
  let last = '';
  let alike = 0;
  for (const gap of gaps.toSorted(compareNotEvaluated)) {
    const key = gapKey(gap);
    alike = key === last ? alike + 1 : 0;
    last = key;
    yield line(ofGap(gap, alike === 0 ? key : `${key} ${alike}`, of), of);
  }
}

function gapKey({ cluster, check, workload, container, reason }: NotEvaluated): string {
  const scope = workload === null ? null : [workload.namespace, workload.kind, workload.name];
  return JSON.stringify(['not evaluated', clusterKey(cluster), check, scope, container, reason]);
}

interface Surroundings {
  readonly run: RunResult['run'];
  /** Epoch milliseconds. */
  readonly time: number;
  readonly checks: ReadonlyMap<string, KnownCheck>;
}

interface KnownCheck {
  readonly title: string;
  /** With their editions: `PCI DSS 4.0.1`. */
  readonly standards: readonly string[];
  readonly requirements: readonly string[];
}

const knownCheck = ({ title, controls }: OcsfCheck): KnownCheck => ({
  title,
  standards: [...new Set(controls.map(({ framework, version }) => `${framework} ${version}`))],
  requirements: controls.map(controlLabel),
});

/** One of another version, whose rows are still open or are closed now. */
const otherCheck = (id: string): KnownCheck => ({ title: id, standards: [], requirements: [] });

/** What a finding and a gap have in common in the form of events. */
interface Told {
  readonly uid: string;
  readonly check: string;
  readonly cluster: ClusterIdentity;
  readonly workload: WorkloadRef | null;
  readonly container: string | null;
  readonly pods: object | null;
  readonly owner: string | null;
  readonly severity: Severity | null;
  readonly status: OcsfStatus;
  /** Its status as the other reports call it. */
  readonly code: string;
  /** Why it has that status, where that is known. */
  readonly reason: string | null;
  readonly message: string;
  readonly remediation: string;
  readonly firstSeen: string | null;
  readonly lastSeen: string;
  /** Labels of controls. */
  readonly requirements: readonly string[];
  readonly evidence: object;
  readonly unmapped: Readonly<Record<string, unknown>>;
}

function ofFinding(finding: Finding, { checks }: Surroundings): Told {
  const { id, status, exemption, fix, owner = null, managedBy, cause, impliedBy, changed, origin } = finding;
  const { controls } = finding;
  return {
    uid: id,
    check: finding.check,
    cluster: finding.cluster,
    workload: finding.workload,
    container: finding.container,
    pods: finding.pods,
    severity: finding.severity,
    message: finding.message,
    firstSeen: finding.firstSeen,
    lastSeen: finding.lastSeen,
    evidence: finding.evidence,
    owner,
    status: FINDING_STATUS[status],
    code: status,
    reason: finding.reason ?? exemption?.reason ?? null,
    remediation: fix?.text ?? finding.remediation,
    requirements: controls.length > 0 ? controls : (checks.get(finding.check)?.requirements ?? []),
    unmapped: { managedBy, exemption, cause, impliedBy, command: fix?.command, changed, origin },
  };
}

/** @param key the same in every run */
function ofGap(gap: NotEvaluated, key: string, { run, checks }: Surroundings): Told {
  const { check, pods, since, owner = null } = gap;
  return {
    ...gap,
    uid: hash('sha256', key, 'hex'),
    pods: pods === null ? null : { count: pods },
    owner,
    severity: null,
    status: gapStatus(since, run.startedAt),
    code: 'not-evaluated',
    firstSeen: since ?? null,
    lastSeen: run.startedAt,
    requirements: checks.get(check)?.requirements ?? [],
    evidence: {},
    unmapped: { gap: gap.gap },
  };
}

function line(told: Told, { run, time, checks }: Surroundings): string {
  const { uid, cluster, status, message, remediation, code, reason } = told;
  const [activityId, activity] = status.activity;
  const [statusId, statusName] = status.status;
  const [severityId, severity] = severityOf(told.severity);
  const check = checks.get(told.check) ?? otherCheck(told.check);
  const cloud = cloudOf(cluster);
  const event = {
    activity_id: activityId,
    activity_name: activity,
    ...CLASS,
    type_uid: CLASS.class_uid * 100 + activityId,
    type_name: `${CLASS.class_name}: ${activity}`,
    time,
    timezone_offset: 0,
    severity_id: severityId,
    severity,
    status_id: statusId,
    status: statusName,
    status_code: code,
    ...(reason === null ? {} : { status_detail: reason }),
    message,
    metadata: {
      uid: `${run.id}/${uid}`,
      version: OCSF_VERSION,
      profiles: cloud === null ? [] : ['cloud'],
      product: { name: 'EKS Drift Auditor', vendor_name: 'eks-drift-auditor', version: run.version },
      log_name: 'findings.ocsf',
      log_provider: 'eks-drift-auditor',
      event_code: told.check,
      correlation_uid: run.id,
    },
    finding_info: {
      uid,
      title: titleOf(told, check),
      types: ['Software and Configuration Checks'],
      analytic: { uid: told.check, name: check.title, ...RULE },
      ...times(told, time),
    },
    compliance: complianceOf(told, check),
    resources: resourcesOf(told, cloud),
    remediation: { desc: remediation },
    ...(Object.keys(told.evidence).length === 0 ? {} : { evidences: [{ data: told.evidence }] }),
    ...(cloud === null ? {} : { cloud: cloud.cloud }),
    unmapped: known({ config: run.config, ...told.unmapped }),
  };
  return `${jsonLine(event)}\n`;
}

function titleOf({ severity, workload, container, cluster }: Told, { title }: KnownCheck): string {
  const what = `${title}: ${workload === null ? cluster.name : whatOf(workload, container)}`;
  // The title of a check says that it fails.
  return severity === null ? `Not evaluated: ${what}` : what;
}

const whatOf = (workload: WorkloadRef, container: string | null): string =>
  container === null ? workloadName(workload) : `${workloadName(workload)}/${container}`;

/** Milliseconds, as all times of OCSF. */
function times({ firstSeen, lastSeen }: Told, modified: number): object {
  const first = firstSeen === null ? Number.NaN : Date.parse(firstSeen);
  const last = Date.parse(lastSeen);
  return {
    ...(Number.isNaN(first) ? {} : { created_time: first, first_seen_time: first }),
    ...(Number.isNaN(last) ? {} : { last_seen_time: last }),
    modified_time: modified,
  };
}

function complianceOf(
  { status, requirements, message, reason, check: id }: Told,
  { title, standards }: KnownCheck,
): object {
  const [statusId, caption] = status.compliance;
  return {
    control: id,
    status_id: statusId,
    status: caption,
    status_details: reason === null ? [message] : [message, reason],
    checks: [{ uid: id, name: title, status_id: statusId, status: caption }],
    ...(standards.length === 0 ? {} : { standards }),
    ...(requirements.length === 0 ? {} : { requirements }),
  };
}

interface Cloud {
  readonly cloud: object;
  /** What its resources say of it. */
  readonly ofResource: object;
}

/** Of EKS clusters; others are in no cloud that is known. */
function cloudOf({ arn, accountId, region }: ClusterIdentity): Cloud | null {
  const partition = arn?.split(':')[1];
  if (partition === undefined) return null;
  const place = known({ region, cloud_partition: partition });
  const account = accountId === null ? null : { uid: accountId, ...AWS_ACCOUNT };
  return { cloud: { provider: 'AWS', ...place, ...known({ account }) }, ofResource: place };
}

function resourcesOf(told: Told, cloud: Cloud | null): readonly object[] {
  const { cluster, workload, container, pods, owner } = told;
  const place = cloud?.ofResource ?? {};
  const ofCluster = { uid: clusterKey(cluster), name: cluster.name, type: 'Kubernetes cluster', ...place };
  if (workload === null) return [{ ...TARGET, ...ofCluster }];
  const { namespace, kind, name } = workload;
  const data = known({ container, pods });
  return [
    {
      ...TARGET,
      uid: [clusterKey(cluster), namespace, kind, name].join('/'),
      name,
      type: kind,
      ...(namespace === '' ? {} : { namespace }),
      ...(owner === null ? {} : { owner: { name: owner } }),
      ...(Object.keys(data).length === 0 ? {} : { data }),
      ...place,
    },
    { ...RELATED, ...ofCluster },
  ];
}

/** Without what is not known. */
function known(object: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const key in object) if (object[key] != null) found[key] = object[key];
  return found;
}
