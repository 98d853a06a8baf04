import type { Finding, FindingStatus } from '../../lambda/findings/finding.ts';
import { isActive } from '../../lambda/findings/identity.ts';
import type { NotEvaluated } from '../../lambda/findings/not-evaluated.ts';
import { compareFindings } from '../../lambda/findings/order.ts';
import type { ClusterResult, RunResult } from '../../lambda/findings/run-result.ts';
import type { GapReason } from '../../lambda/inventory/gap.ts';
import type { ClusterIdentity } from '../../lambda/inventory/names.ts';
import type { ExemptionNote } from '../../lambda/report/exemption-notes.ts';
import type { ListedWorkload } from '../../lambda/report/listed-workload.ts';
import { workloadRowKey } from '../../lambda/report/order.ts';
import { compareSeverity, type Severity, worse } from '../../lambda/severity.ts';

/** Results as the audit would hand them to reports; every field has a plain default. */

export const MONDAY = '2026-03-02T06:00:00Z';

export const aCluster = (name = 'prod-eu', region = 'eu-west-1'): ClusterIdentity => ({
  name,
  arn: `arn:aws:eks:${region}:111122223333:cluster/${name}`,
  accountId: '111122223333',
  region,
});

const CHECKS: Readonly<Record<string, { severity: Severity; message: string; remediation: string }>> = {
  'runtime-library-update': {
    severity: 'critical',
    message: 'Container app has a writable root filesystem, may run as root and reaches pypi.org on TCP 443.',
    remediation: 'Set readOnlyRootFilesystem: true and runAsNonRoot: true, or close egress to the registry.',
  },
  'egress-unrestricted': {
    severity: 'high',
    message: 'No policy selects the pods, so the whole internet is reachable on every port.',
    remediation:
      'Add a NetworkPolicy with policyTypes: [Egress] that selects the pods and names what they need.',
  },
  'writable-root-filesystem': {
    severity: 'medium',
    message: 'readOnlyRootFilesystem is not set, so the container can change its own files.',
    remediation: 'Set securityContext.readOnlyRootFilesystem: true.',
  },
  'pod-too-old': {
    severity: 'medium',
    message: '3 of 3 pods are older than 30d; the oldest runs for 94d.',
    remediation: 'Restart the workload from a current image.',
  },
  'unbounded-empty-dir': {
    severity: 'low',
    message: 'Volume cache is an emptyDir on disk without sizeLimit.',
    remediation: 'Set emptyDir.sizeLimit.',
  },
};

export interface FindingOptions {
  readonly check?: string;
  readonly status?: FindingStatus;
  readonly severity?: Severity;
  readonly cluster?: ClusterIdentity;
  readonly namespace?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly container?: string | null;
  readonly pods?: number;
  readonly message?: string;
  readonly remediation?: string;
  readonly evidence?: Finding['evidence'];
}

export function aFinding(options: FindingOptions = {}): Finding {
  const check = options.check ?? 'egress-unrestricted';
  const { namespace = 'payments', kind = 'Deployment', name = 'checkout', container = null } = options;
  const defaults = CHECKS[check] ?? {
    severity: 'medium' as const,
    message: 'It fails.',
    remediation: 'Mend it.',
  };
  const cluster = options.cluster ?? aCluster();
  const count = options.pods ?? 3;
  const status = options.status ?? 'new';
  return {
    id: [cluster.name, cluster.region, check, namespace, kind, name, container].join('|'),
    check,
    status,
    severity: options.severity ?? defaults.severity,
    cluster,
    workload: { namespace, kind, name },
    container,
    pods: {
      count,
      examples: Array.from({ length: Math.min(count, 5) }, (_, index) => `${name}-5d8f7c9b6-${index}`),
      oldestStartedAt: '2025-11-28T09:12:00Z',
    },
    evidence: options.evidence ?? { policies: 0 },
    message: options.message ?? defaults.message,
    remediation: options.remediation ?? defaults.remediation,
    controls: ['NSA-CISA 1.2: 3.1'],
    firstSeen: status === 'new' ? MONDAY : '2026-02-02T06:00:00Z',
    lastSeen: MONDAY,
    exemption:
      status === 'exempt'
        ? { reason: 'vendor image', owner: 'erp-team@example.com', expires: '2027-03-31' }
        : null,
  };
}

export interface GapOptions {
  readonly check?: string;
  readonly cluster?: ClusterIdentity;
  readonly workload?: NotEvaluated['workload'];
  readonly reason?: GapReason;
  readonly message?: string;
  readonly remediation?: string;
}

/** By default: the whole cluster denies its network policies. */
export const aGap = (options: GapOptions = {}): NotEvaluated => ({
  check: options.check ?? 'egress-unrestricted',
  cluster: options.cluster ?? aCluster(),
  workload: options.workload ?? null,
  container: null,
  pods: null,
  reason: options.reason ?? 'forbidden',
  message: options.message ?? 'The server refused to list networkpolicies (403).',
  remediation:
    options.remediation ?? 'Bind the ClusterRole eks-drift-auditor to the group eks-drift-auditor.',
});

const EGRESS = [
  'egress-unrestricted',
  'egress-insecure-port',
  'egress-package-registry',
  'runtime-library-update',
];

/** The gaps of a cluster that denies its network policies. */
export const deniedPolicies = (cluster: ClusterIdentity): readonly NotEvaluated[] =>
  EGRESS.map((check) => aGap({ check, cluster }));

/** Tallies follow from the findings and gaps, beside `passes` passed verdicts. */
export function anAudited(
  cluster: ClusterIdentity = aCluster(),
  findings: readonly Finding[] = [],
  notEvaluated: readonly NotEvaluated[] = [],
): ClusterResult {
  const checks = new Set([
    ...Object.keys(CHECKS),
    ...findings.map(({ check }) => check),
    ...notEvaluated.map(({ check }) => check),
  ]);
  return {
    cluster,
    outcome: 'audited',
    totals: { pods: 206, completed: 4, terminating: 1, workloads: 19, namespaces: 6, nodes: 5 },
    tallies: [...checks].sort().map((check) => ({
      check,
      pass: 15,
      fail: findings.filter((finding) => finding.check === check && isActive(finding)).length,
      notEvaluated: notEvaluated.filter((gap) => gap.check === check).length,
    })),
    findings,
    notEvaluated,
    notes: [],
  };
}

/** Nothing could be read: every check is not evaluated, for one reason. */
export const aFailed = (cluster: ClusterIdentity, gap: GapOptions = {}): ClusterResult => ({
  cluster,
  outcome: 'failed',
  totals: { pods: 0, completed: 0, terminating: 0, workloads: 0, namespaces: 0, nodes: 0 },
  tallies: [],
  findings: [],
  notEvaluated: Object.keys(CHECKS).map((check) =>
    aGap({
      check,
      cluster,
      reason: 'unreachable',
      message: `The API server of ${cluster.name} did not answer within 10 s; its endpoint is private.`,
      remediation:
        'Run the auditor in a subnet of the VPC of the cluster, or open its public endpoint to it.',
      ...gap,
    }),
  ),
  notes: [],
});

export const aRun = (clusters: readonly ClusterResult[] = [anAudited()]): RunResult => ({
  run: { id: '20260302T060000Z', startedAt: MONDAY, version: '0.1.0', config: 'c'.repeat(64) },
  clusters,
});

/** Ranks workloads by their worst finding, then by how many they have. */
export function ranking(run: RunResult): readonly ListedWorkload[] {
  const active = run.clusters.flatMap(({ findings }) => findings.filter(isActive)).sort(compareFindings);
  const groups = [
    ...Map.groupBy(active, ({ cluster, workload }) => workloadRowKey(cluster, workload)).values(),
  ];
  return groups
    .flatMap((findings): ListedWorkload[] => {
      const [first] = findings;
      if (first === undefined) return [];
      const pods = Math.max(...findings.map((finding) => finding.pods.count));
      return [{ cluster: first.cluster, workload: first.workload, pods, findings }];
    })
    .sort((a, b) => compareSeverity(worst(a), worst(b)) || b.findings.length - a.findings.length);
}

const worst = ({ findings }: ListedWorkload): Severity =>
  findings.map(({ severity }) => severity).reduce(worse);

export const anExemption = (
  options: Partial<ExemptionNote['exemption']> = {},
  findings = 1,
): ExemptionNote => ({
  exemption: {
    check: 'writable-root-filesystem',
    cluster: null,
    namespace: 'legacy',
    workload: 'Deployment/erp',
    container: null,
    reason: 'vendor image',
    owner: 'erp-team@example.com',
    expires: '2026-02-28',
    ...options,
  },
  findings,
});
