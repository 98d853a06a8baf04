import { type Cause, type CauseKind, type CauseObject, causeOf } from '../../lambda/findings/cause.ts';
import type { Finding, FindingStatus, Fix } from '../../lambda/findings/finding.ts';
import type { GapClass, NotEvaluated } from '../../lambda/findings/not-evaluated.ts';
import type { ClusterResult } from '../../lambda/findings/run-result.ts';
import { writtenText } from '../../lambda/findings/written.ts';
import type { ClusterIdentity } from '../../lambda/inventory/names.ts';
import type { DigestInput } from '../../lambda/report/digest.ts';
import { NO_EXEMPTION_NOTES } from '../../lambda/report/exemption-notes.ts';
import { aCluster, aFinding, aRun, type FindingOptions, MONDAY } from './builders.ts';

/** What the runs are made of whose mails are kept as texts in `golden/`. */

export const PROD = aCluster('prod-eu');
export const STAGING = aCluster('staging', 'eu-central-1');
export const US = aCluster('prod-us', 'us-east-1');

export const LAST_WEEK = '2026-02-23T06:00:00Z';

export const mail = (clusters: readonly ClusterResult[], rest: Partial<DigestInput> = {}): DigestInput => ({
  run: aRun(clusters),
  exemptions: NO_EXEMPTION_NOTES,
  firstRun: false,
  reportLocation: 's3://example-audit-reports/runs/20260302T060000Z/report.html',
  options: { minSeverity: 'medium', top: 5 },
  ...rest,
});

interface Place extends FindingOptions {
  readonly owner?: string | null;
  readonly firstSeen?: string;
}

interface Said {
  readonly cause: readonly [CauseKind, CauseObject];
  readonly fix: Fix;
}

function said({ owner = null, firstSeen, ...place }: Place, { cause, fix }: Said): Finding {
  const finding = aFinding(place);
  const [kind, object] = cause;
  const made: Cause = causeOf(finding.cluster, kind, object);
  return { ...finding, owner, cause: made, fix, ...(firstSeen === undefined ? {} : { firstSeen }) };
}

const workloadOf = (
  { namespace = 'payments', kind = 'Deployment', name = 'checkout' }: Place,
  part: string | null,
) => ({
  kind,
  namespace,
  name,
  part,
});

/** No policy narrows the egress of a namespace. */
export const openEgress = (place: Place): Finding => {
  const { namespace = 'payments' } = place;
  return said(place, {
    cause: ['no-egress-policy', { kind: 'Namespace', namespace: null, name: namespace, part: null }],
    fix: {
      text: `Add a NetworkPolicy to namespace ${namespace} that denies egress by default and names what its workloads need. eks-drift-audit fixes --write fixes makes a draft.`,
      command: null,
      risk: 'what the draft does not name is cut.',
    },
  });
};

/** The root filesystem of container app is writable. */
export const writable = (place: Place): Finding => {
  const { namespace = 'payments', kind = 'Deployment', name = 'checkout' } = place;
  return said(
    { check: 'writable-root-filesystem', container: 'app', ...place },
    {
      cause: ['writable-root', workloadOf(place, 'container app')],
      fix: {
        text: `Set readOnlyRootFilesystem: true for container app of ${kind} ${namespace}/${name}, and mount an emptyDir where it writes.`,
        command: `kubectl -n ${namespace} patch ${kind.toLowerCase()} ${name} --patch-file fixes/${name}.yaml`,
        risk: 'writes outside of its volumes will fail.',
      },
    },
  );
};

/** The same container installs packages while it runs. */
export const updates = (place: Place): Finding => writable({ check: 'runtime-library-update', ...place });

/** Pods that run for too long. */
export const old = (place: Place): Finding => {
  const { namespace = 'shop', name = 'cart' } = place;
  return said(
    { check: 'pod-too-old', namespace, name, ...place },
    {
      cause: ['not-restarted', { kind: 'Deployment', namespace, name, part: null }],
      fix: {
        text: `Restart Deployment ${namespace}/${name}.`,
        command: `kubectl -n ${namespace} rollout restart deployment/${name}`,
        risk: null,
      },
    },
  );
};

const MIB = 1024 ** 2;

/** What was measured of it, as in the check. */
const WRITTEN = {
  bytes: 48 * MIB,
  inodes: 312,
  limitBytes: 10 * MIB,
  limitInodes: null,
  since: '2026-02-12T09:30:00.000Z',
  sampledAt: '2026-03-02T05:59:51.000Z',
  smallestBytes: 20 * 1024,
  smallestInodes: 9,
  measured: 3,
  grownBytes: 31 * MIB,
  grownInodes: 204,
  grownSince: '2026-02-23T06:00:00.000Z',
};

/** A container that was changed while it ran, by measurement. */
export const drifted = (place: Place): Finding =>
  said(
    {
      check: 'writable-layer-drifted',
      severity: 'high',
      kind: 'Deployment',
      container: 'app',
      pods: 1,
      evidence: WRITTEN,
      message: `Container app ${writtenText(WRITTEN)}. The limit is 10 MiB.`,
      ...place,
    },
    {
      cause: [
        'drifted',
        { kind: 'Pod', namespace: 'payments', name: 'checkout-5d8f7c9b6-0', part: 'container app' },
      ],
      fix: {
        text: 'Keep a copy of the container for whoever investigates, then delete the pod: its Deployment makes a new one.',
        command: 'kubectl -n payments delete pod checkout-5d8f7c9b6-0',
        risk: 'what was written is lost.',
      },
    },
  );

/** A debug container that somebody attached. */
export const debugLeft = (place: Place): Finding =>
  said(
    {
      check: 'debug-container-attached',
      severity: 'critical',
      namespace: 'playground',
      kind: 'Pod',
      name: 'netshoot',
      pods: 1,
      message: 'Debug container debugger-x7k2p of pod netshoot runs as root and reaches the internet.',
      ...place,
    },
    {
      cause: ['debug-left', { kind: 'Pod', namespace: 'playground', name: 'netshoot', part: null }],
      fix: {
        text: 'Delete pod playground/netshoot; nothing makes a new one.',
        command: 'kubectl -n playground delete pod netshoot',
        risk: null,
      },
    },
  );

const MANAGED = [
  ['DaemonSet', 'aws-node', 'EKS add-on vpc-cni'],
  ['DaemonSet', 'kube-proxy', 'EKS add-on kube-proxy'],
  ['Deployment', 'coredns', 'EKS add-on coredns'],
] as const;

/** What AWS runs in a cluster. */
export const addOns = (cluster: ClusterIdentity, status: FindingStatus = 'open'): readonly Finding[] =>
  MANAGED.flatMap(([kind, name, managedBy]) => {
    const place = { cluster, namespace: 'kube-system', kind, name, status };
    return [openEgress(place), writable(place)].map((finding) => ({ ...finding, managedBy }));
  });

/** Rows as a run records them. */
export const classed = (
  rows: readonly NotEvaluated[],
  gap: GapClass,
  since: string = MONDAY,
): readonly NotEvaluated[] => rows.map((row) => ({ ...row, gap, since }));

/** As a cluster that could not be read, with the rows of that class. */
export const classedResult = (
  result: ClusterResult,
  gap: GapClass,
  since: string = MONDAY,
): ClusterResult => ({
  ...result,
  notEvaluated: classed(result.notEvaluated, gap, since),
});
