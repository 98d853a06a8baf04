import { collectObjects } from '../../../lambda/collect/collect-objects.ts';
import { NO_OBSERVER } from '../../../lambda/collect/observe.ts';
import { newSorting, sortDocument } from '../../../lambda/collect/snapshot/objects.ts';
import { defaultConfig } from '../../../lambda/config/load.ts';
import type { EgressAnswer } from '../../../lambda/egress/answers/answer.ts';
import type { Enforcement } from '../../../lambda/egress/enforcement/enforcement.ts';
import { placedPod } from '../../../lambda/egress/enforcement/placed-pod.ts';
import { createEgress, selectedLabelKeys } from '../../../lambda/egress/engine.ts';
import type { Inventory } from '../../../lambda/inventory/inventory.ts';

/** One row of a file in `cases`: a cluster in short, and what is to be said of its pod. */
export interface EnforcementCase {
  readonly case: string;
  readonly source: string;
  /** Labels of the pod's node. */
  readonly node?: Readonly<Record<string, string>>;
  /** Internal address of every node, or several with commas. @defaultValue 10.0.0.10 */
  readonly address?: string;
  /** On the pod's node, and on another one. */
  readonly agents?: readonly Agent[];
  readonly elsewhere?: readonly Agent[];
  /** `data` of ConfigMaps in kube-system. */
  readonly configMaps?: Readonly<Record<string, unknown>>;
  /** `spec` of NodeClasses. */
  readonly nodeClasses?: Readonly<Record<string, unknown>>;
  readonly pod?: {
    readonly standalone?: boolean;
    readonly hostNetwork?: boolean;
    /** The annotation by which it has security groups of its own. */
    readonly branch?: boolean;
    readonly labels?: Readonly<Record<string, string>>;
  };
  /** Core policies by their `egress`; they select pods by these labels, and without those. @defaultValue one that denies all */
  readonly policies?: readonly {
    readonly egress?: readonly unknown[];
    readonly manyPorts?: number;
    readonly by?: Readonly<Record<string, string>>;
    readonly notBy?: Readonly<Record<string, readonly string[]>>;
  }[];
  readonly objects?: readonly object[];
  readonly expect: {
    readonly enforcement: Enforcement['state'];
    /** Part of the reason. */
    readonly because?: string;
    readonly reach: Reach;
    /** Parts of the sentence that says why the reach is not known. */
    readonly says?: readonly string[];
    readonly notes?: readonly string[];
  };
}

type Reach =
  | 'nothing'
  | 'everything'
  | 'unknown'
  | 'every IPv4 address'
  | 'every IPv6 address'
  | readonly string[];
type Agent = { readonly [name in keyof typeof CONTAINERS]?: AgentFacts };

interface AgentFacts {
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  /** By name a value, or what stands for it. */
  readonly env?: Readonly<Record<string, string | { readonly valueFrom: object }>>;
  readonly envFrom?: readonly object[];
  /** A container that is left out. */
  readonly without?: string;
  readonly running?: boolean;
  readonly namespace?: string;
  readonly version?: string;
}

/** Containers of the DaemonSets, the one that takes the arguments last. */
const CONTAINERS = {
  vpcCni: ['aws-node', 'aws-eks-nodeagent'],
  calico: ['calico-node'],
  calicoWindows: ['node', 'felix'],
  cilium: ['cilium-agent'],
  kubeRouter: ['kube-router'],
} as const;

const DENY_ALL: NonNullable<EnforcementCase['policies']>[number] = { egress: [] };

/** The cluster, read from objects as kubectl writes them. */
export function clusterOf(row: EnforcementCase): Inventory {
  const { node = {}, agents = [], elsewhere = [], configMaps = {}, nodeClasses = {} } = row;
  const address = row.address ?? '10.0.0.10';
  const items = [
    nodeObject('node-a', { 'kubernetes.io/os': 'linux', ...node }, address),
    nodeObject('node-b', { 'kubernetes.io/os': 'linux' }, address),
    ...agents.flatMap((agent) => agentPods(agent, 'node-a')),
    ...elsewhere.flatMap((agent) => agentPods(agent, 'node-b')),
    ...Object.entries(configMaps).map(([name, data]) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'kube-system' },
      data,
    })),
    ...Object.entries(nodeClasses).map(([name, spec]) => ({
      apiVersion: 'eks.amazonaws.com/v1',
      kind: 'NodeClass',
      metadata: { name },
      spec,
    })),
    ...(row.policies ?? [DENY_ALL]).map(({ egress, manyPorts, by, notBy = {} }, at) => ({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: `policy-${at}`, namespace: 'shop' },
      spec: {
        podSelector: {
          ...(by ? { matchLabels: by } : {}),
          matchExpressions: Object.entries(notBy).map(([key, values]) =>
            values.length === 0 ? { key, operator: 'DoesNotExist' } : { key, operator: 'NotIn', values },
          ),
        },
        policyTypes: ['Egress'],
        egress: egress ?? ports(manyPorts ?? 0),
      },
    })),
    ...(row.objects ?? []),
    pod('shop', 'web', {
      owner: row.pod?.standalone === true ? null : 'StatefulSet',
      labels: row.pod?.labels ?? {},
      annotations: row.pod?.branch ? { 'vpc.amazonaws.com/pod-eni': '[{"eniId":"eni-1"}]' } : {},
      spec: {
        nodeName: 'node-a',
        hostNetwork: row.pod?.hostNetwork ?? false,
        containers: [{ name: 'app' }],
      },
    }),
  ];
  const sorting = newSorting();
  sortDocument(
    { apiVersion: 'v1', kind: 'List', items },
    { origin: 'case', file: 'case', place: () => undefined },
    sorting,
  );
  return collectObjects(
    { name: 'case', arn: null, accountId: null, region: null },
    { ...sorting, content: { form: 'dump', holds: sorting.holds, complete: true }, notes: [] },
    { labelKeys: selectedLabelKeys, observer: NO_OBSERVER },
  );
}

/** What is said of the pod of that cluster. */
export function judge(inventory: Inventory) {
  const subject = inventory.classes.find(
    ({ workload }) => workload.namespace === 'shop' && workload.name === 'web',
  );
  if (subject === undefined) throw new Error(`The pod was not read: ${JSON.stringify(inventory.gaps)}`);
  const { policies, namespaces, network } = inventory;
  const engine = createEgress({ policies, namespaces, network, config: defaultConfig().egress });
  const view = engine.view({
    namespace: 'shop',
    labels: subject.labels,
    hostNetwork: subject.spec.hostNetwork,
  });
  const found = view.enforcement(placedPod(subject));
  const enforced = view.enforced(placedPod(subject));
  return {
    enforcement: found.state,
    because:
      found.state === 'unknown'
        ? found.message
        : found.state === 'not-enforced'
          ? (found.gaps[0]?.because ?? '')
          : '',
    reach: reachOf(enforced),
    says: 'unknown' in enforced ? enforced.unknown : '',
    notes: view.enforcementNotes(placedPod(subject)),
  };
}

const ALL_V4 = '0.0.0.0-255.255.255.255';
const ALL_V6 = '::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff';

function reachOf(enforced: EgressAnswer['enforced']): Reach {
  if ('unknown' in enforced) return 'unknown';
  const ranges = enforced.external.map(({ from, to }) => `${from}-${to}`);
  if (ranges.length === 0) return 'nothing';
  const [first, second] = ranges;
  if (first === ALL_V4 && second === ALL_V6) return 'everything';
  // The ports of these are limited.
  if (enforced.external.some(({ ports }) => ports !== 'all')) return ranges;
  if (ranges.length === 1 && first === ALL_V4) return 'every IPv4 address';
  return ranges.length === 1 && first === ALL_V6 ? 'every IPv6 address' : ranges;
}

const ports = (count: number): readonly unknown[] => [
  {
    to: [{ ipBlock: { cidr: '0.0.0.0/0' } }],
    ports: Array.from({ length: count }, (_, at) => ({ protocol: 'TCP', port: 1000 + 2 * at })),
  },
];

const nodeObject = (name: string, labels: Readonly<Record<string, string>>, address: string): object => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels },
  status:
    address === 'none'
      ? {}
      : {
          addresses: [
            { type: 'Hostname', address: name },
            ...address.split(',').map((one) => ({ type: 'InternalIP', address: one })),
          ],
        },
});

function agentPods(agent: Agent, nodeName: string): readonly object[] {
  return Object.entries(agent).map(([name, facts]) => {
    const {
      command = [],
      args = [],
      env = {},
      envFrom = [],
      without,
      running = true,
      namespace = 'kube-system',
      version = '1.19.0',
    } = facts;
    const containers = CONTAINERS[name as keyof typeof CONTAINERS].filter((one) => one !== without);
    const spec = {
      nodeName,
      hostNetwork: true,
      containers: containers.map((one) => ({
        name: one,
        image: `registry.example.com/${one}:v${version}`,
        ...(one === containers.at(-1) ? { command, args, envFrom } : {}),
        env: Object.entries(env).map(([key, value]) => ({
          name: key,
          ...(typeof value === 'string' ? { value } : value),
        })),
      })),
    };
    return pod(namespace, name.toLowerCase(), { owner: 'DaemonSet', spec, running });
  });
}

interface PodFacts {
  /** `null`: no controller. */
  readonly owner: string | null;
  readonly spec: {
    readonly nodeName: string;
    readonly hostNetwork: boolean;
    readonly containers: readonly { readonly name: string }[];
  };
  readonly running?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

function pod(namespace: string, name: string, facts: PodFacts): object {
  const { owner, spec, running = true, labels = {}, annotations = {} } = facts;
  const ownerReferences =
    owner === null ? [] : [{ apiVersion: 'apps/v1', kind: owner, name, controller: true }];
  const state = running ? { running: {} } : { waiting: {} };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: owner === null ? name : `${name}-0`, namespace, labels, annotations, ownerReferences },
    spec,
    status: {
      phase: 'Running',
      containerStatuses: spec.containers.map((one) => ({ name: one.name, state })),
    },
  };
}
