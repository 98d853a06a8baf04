import type { VpcReading } from '../../lambda/inventory/vpc.ts';
import { sampleFleet } from '../sample/fleet/fleet.ts';
import type { KubeObject } from '../sample/fleet/kubernetes.ts';
import { NOW } from '../support/builders.ts';

/** A cluster that asks for as many different things as possible, and is small, since it is audited a thousand times. */
export interface FaultCluster {
  readonly name: string;
  readonly objects: readonly object[];
  readonly vpc: VpcReading;
  /** Pods come in protobuf, as from a kube-apiserver; else in JSON. */
  readonly protobuf: boolean;
}

interface Owner {
  readonly kind: string;
  readonly name: string;
  readonly controller?: boolean;
}

const ownerOf = ({ kind, metadata }: KubeObject): Owner => {
  const owners = (metadata as { readonly ownerReferences?: readonly Owner[] }).ownerReferences ?? [];
  return owners.find(({ controller }) => controller) ?? { kind, name: metadata.name };
};

/** Of a namespace, one pod of one owner of each kind; of the engines, of each owner. */
function reduced(objects: readonly KubeObject[]): readonly KubeObject[] {
  const seen = new Set<string>();
  const pods = objects.filter((object) => {
    if (object.kind !== 'Pod') return false;
    const { namespace = '' } = object.metadata;
    const { kind, name } = ownerOf(object);
    const key = namespace === 'kube-system' ? name : `${namespace}/${kind}`;
    return !seen.has(key) && seen.add(key);
  });
  const owners = new Set(pods.map((one) => `${one.metadata.namespace}/${ownerOf(one).name}`));
  const isKept = ({ kind, metadata: { namespace, name } }: KubeObject): boolean =>
    kind !== 'Pod' && !UNASKED.has(kind) && (!CONTROLLED.has(kind) || owners.has(`${namespace}/${name}`));
  return [...pods, ...objects.filter(isKept)];
}

/** Nothing asks for these. */
const UNASKED = new Set(['Service', 'Deployment', 'StatefulSet', 'DaemonSet', 'CronJob', 'Rollout']);
const CONTROLLED = new Set(['ReplicaSet', 'Job']);

const TEAM = { team: 'faults' };

const object = (apiVersion: string, kind: string, metadata: object, more: object = {}) => ({
  apiVersion,
  kind,
  metadata: { uid: `uid-of-${kind}-${JSON.stringify(metadata).length}-${NAMES++}`, ...metadata },
  ...more,
});
let NAMES = 0;

const pod = (name: string, namespace: string, spec: object = {}, metadata: object = {}) =>
  object(
    'v1',
    'Pod',
    { name, namespace, creationTimestamp: '2026-09-01T00:00:00Z', labels: { app: name }, ...metadata },
    {
      spec: {
        serviceAccountName: 'default',
        containers: [{ name: 'app', image: 'registry.example.com/app:latest' }],
        nodeName: 'node-auto',
        ...spec,
      },
      status: {
        phase: 'Running',
        startTime: '2026-09-01T00:00:00Z',
        containerStatuses: [{ name: 'app', state: { running: { startedAt: '2026-09-01T00:00:00Z' } } }],
      },
    },
  );

const namespace = (labels: object) =>
  object('v1', 'Namespace', { name: 'faults', labels: { ...TEAM, ...labels } });

/** What decides something for pods of one namespace, by kinds that the sample does not have. */
const OTHER_KINDS: readonly object[] = [
  object('v1', 'ServiceAccount', { name: 'default', namespace: 'faults', labels: TEAM }),
  object('v1', 'Node', {
    name: 'node-auto',
    labels: {
      'kubernetes.io/os': 'linux',
      'eks.amazonaws.com/compute-type': 'auto',
      'eks.amazonaws.com/nodeclass': 'default',
    },
  }),
  object('v1', 'Node', { name: 'node-windows', labels: { 'kubernetes.io/os': 'windows' } }),
  pod('lonely', 'faults'),
  pod('denied', 'faults'),
  pod('on-windows', 'faults', {
    nodeName: 'node-windows',
    containers: [
      { name: 'app', image: 'registry.example.com/win:1', securityContext: { readOnlyRootFilesystem: true } },
    ],
  }),
  pod('cilium-agent', 'kube-system', {
    nodeName: 'node-auto',
    containers: [{ name: 'cilium-agent', image: 'quay.io/cilium/cilium:v1.18.0' }],
  }),
  object(
    'eks.amazonaws.com/v1',
    'NodeClass',
    { name: 'default' },
    { spec: { networkPolicy: 'DefaultAllow' } },
  ),
  object(
    'v1',
    'ConfigMap',
    { name: 'cilium-config', namespace: 'kube-system' },
    { data: { 'enable-policy': 'default' } },
  ),
  object(
    'networking.k8s.io/v1',
    'NetworkPolicy',
    { name: 'deny', namespace: 'faults' },
    { spec: { podSelector: {}, policyTypes: ['Egress'] } },
  ),
  object(
    'policy.networking.k8s.io/v1alpha1',
    'AdminNetworkPolicy',
    { name: 'allow' },
    {
      spec: {
        priority: 10,
        subject: { namespaces: { matchLabels: TEAM } },
        egress: [{ name: 'all', action: 'Allow', to: [{ networks: ['0.0.0.0/0'] }] }],
      },
    },
  ),
  // It comes before the one above, and nothing enforces it: were it lost, that finding would vanish.
  object(
    'policy.networking.k8s.io/v1alpha1',
    'AdminNetworkPolicy',
    { name: 'deny' },
    {
      spec: {
        priority: 5,
        subject: {
          pods: {
            namespaceSelector: { matchLabels: TEAM },
            podSelector: { matchLabels: { app: 'denied' } },
          },
        },
        egress: [{ name: 'all', action: 'Deny', to: [{ networks: ['0.0.0.0/0', '::/0'] }] }],
      },
    },
  ),
  object(
    'vpcresources.k8s.aws/v1beta1',
    'SecurityGroupPolicy',
    { name: 'own', namespace: 'faults' },
    { spec: { podSelector: { matchLabels: { app: 'lonely' } }, securityGroups: { groupIds: ['sg-data'] } } },
  ),
];

const MESH: readonly object[] = [
  object(
    'v1',
    'ConfigMap',
    { name: 'istio', namespace: 'istio-system' },
    { data: { mesh: 'outboundTrafficPolicy: { mode: ALLOW_ANY }' } },
  ),
  object(
    'networking.istio.io/v1',
    'ServiceEntry',
    { name: 'wide', namespace: 'faults' },
    { spec: { hosts: ['*.example.com'], ports: [{ number: 443, name: 'tls', protocol: 'TLS' }] } },
  ),
];

const CALICO_AND_CILIUM: readonly object[] = [
  object(
    'projectcalico.org/v3',
    'GlobalNetworkPolicy',
    { name: 'default.accounts' },
    {
      spec: {
        types: ['Egress'],
        serviceAccountSelector: 'team == "faults"',
        egress: [{ action: 'Allow' }],
      },
    },
  ),
  object('projectcalico.org/v3', 'Tier', { name: 'default' }, { spec: { order: 1_000_000 } }),
  object(
    'cilium.io/v2',
    'CiliumNetworkPolicy',
    { name: 'world', namespace: 'faults' },
    { spec: { endpointSelector: {}, egress: [{ toEntities: ['world'] }] } },
  ),
];

/** Two clusters: each list that one of them does not have, the other has. */
export function faultClusters(): readonly FaultCluster[] {
  const [shop, analytics] = sampleFleet(NOW);
  if (shop === undefined || analytics === undefined) throw new Error('The sample has two clusters.');
  return [
    {
      name: 'shop',
      objects: [
        ...reduced(shop.objects),
        namespace({ 'istio.io/dataplane-mode': 'ambient' }),
        ...OTHER_KINDS,
        ...MESH,
      ],
      vpc: shop.vpc,
      protobuf: true,
    },
    {
      name: 'analytics',
      objects: [...reduced(analytics.objects), namespace({}), ...OTHER_KINDS, ...CALICO_AND_CILIUM],
      vpc: analytics.vpc,
      protobuf: false,
    },
  ];
}
