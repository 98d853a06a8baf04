/** What an audit of the seeded cluster with the default configuration must say. See seed/. */

/**
 * The verdicts of one workload, as `check` or `check container`. Nothing else may be found: what stands in
 * neither list has passed, or is of a check that has no row at all yet.
 */
export interface Expected {
  readonly fail: readonly string[];
  readonly open: readonly string[];
}

type Verdicts = Readonly<Record<string, Expected>>;

/** Nothing keeps the pod from any address. */
const EVERYWHERE = [
  'egress-insecure-port',
  'egress-instance-metadata',
  'egress-package-registry',
  'egress-unrestricted',
];
const HTTPS_ONLY = ['egress-package-registry'];

/** A container that was left at its defaults, in a pod that reaches package registries. */
const careless = (container: string): readonly string[] => [
  `writable-root-filesystem ${container}`,
  `runtime-library-update ${container}`,
];
/** Older than 30 days, the pod and these containers of it. */
const old = (...containers: readonly string[]): readonly string[] => [
  'pod-too-old',
  ...containers.map((container) => `container-too-old ${container}`),
];
/** Named by `latest` or by no tag. */
const tagged = (...containers: readonly string[]): readonly string[] =>
  containers.map((container) => `image-tag-mutable ${container}`);

const only = (open: readonly string[], ...fail: readonly (readonly string[])[]): Expected => ({
  fail: fail.flat(),
  open,
});

const shop: Verdicts = {
  // Two of its three pods are old, one of them with a container that was restarted since.
  'shop/Deployment/frontend': only([], old('web'), careless('web'), HTTPS_ONLY, ['unbounded-empty-dir']),
  // An init container is judged as well, and under runAsNonRoot of the pod replaces no libraries.
  'shop/Deployment/cart': only([], EVERYWHERE, [
    'writable-root-filesystem migrate',
    'image-tag-mutable migrate',
  ]),
  // A policy of Ingress alone. One pod is pending, nothing of it runs.
  'shop/Rollout/search': only([], EVERYWHERE, careless('search'), tagged('search')),
};

const payments: Verdicts = {
  'payments/Deployment/tokenizer': only([]),
  'payments/StatefulSet/ledger': only([]),
  // Its one pod of 60 days has succeeded.
  'payments/CronJob/reconcile': only([]),
};

const legacy: Verdicts = {
  'legacy/Pod/erp': only(
    [],
    EVERYWHERE,
    old('erp'),
    careless('erp'),
    careless('debugger-x1'),
    tagged('erp'),
    ['debug-container-attached debugger-x1'],
  ),
  'legacy/Pod/reports-iis': only(
    ['writable-root-filesystem iis', 'runtime-library-update iis'],
    EVERYWHERE,
    old('iis'),
  ),
  // On Windows its settings are without effect, but the pod itself does not say that it runs there.
  'legacy/Pod/print-server': only(
    ['writable-root-filesystem spooler', 'runtime-library-update spooler'],
    EVERYWHERE,
  ),
  // Started an hour after the audit: clocks that are so far apart say nothing of its age.
  'legacy/Pod/ahead-of-time': only(['pod-too-old', 'container-too-old app'], EVERYWHERE, careless('app')),
  // Terminating for long: still there.
  'legacy/Pod/stuck': only([], EVERYWHERE, old('stuck'), careless('stuck'), tagged('stuck')),
};

const others: Verdicts = {
  // One pod has failed and has no age.
  'batch/Job/import': only([], EVERYWHERE, old('import'), careless('import')),
  // Its policy leaves it one payment service by name and the name server, but has no effect on Fargate, where
  // there is no metadata service.
  'serverless/Deployment/checkout': only(
    [],
    EVERYWHERE.filter((check) => check !== 'egress-instance-metadata'),
    old('checkout'),
    careless('checkout'),
    ['egress-policy-not-enforced'],
  ),
  'mesh/Deployment/catalog': only([], EVERYWHERE, careless('catalog'), ['mesh-allows-any']),
  // A native sidecar runs as long as its pod, an init container does not.
  'mesh/Deployment/pricing': only([], EVERYWHERE, old('istio-proxy', 'pricing'), careless('istio-init'), [
    'mesh-sidecar-bypassed',
  ]),
};

const platform: Verdicts = {
  'kube-system/DaemonSet/aws-node': only(
    [],
    EVERYWHERE,
    careless('aws-node'),
    careless('aws-eks-nodeagent'),
    ['egress-host-network'],
  ),
  'kube-system/Deployment/coredns': only([], EVERYWHERE),
  // A pod from a file is its own workload, not its node's.
  'kube-system/Pod/kube-proxy-ip-10-0-1-11.eu-west-1.compute.internal': only(
    [],
    EVERYWHERE,
    old('kube-proxy'),
    careless('kube-proxy'),
    ['egress-host-network'],
  ),
  'platform/DaemonSet/node-agent': only([], EVERYWHERE, careless('agent'), [
    'egress-host-network',
    'writable-host-path agent',
  ]),
  'platform/DaemonSet/log-reader': only([], EVERYWHERE),
};

const NOT_ENFORCED = ['egress-policy-not-enforced'];

/**
 * The one container of a hardened pod. They are standalone pods, to which the VPC CNI applies no policy, so
 * that they reach everything; what their policies declare is in `journeys-egress`.
 */
const app = (): Expected => only([], EVERYWHERE, NOT_ENFORCED);

/** The same in a ReplicaSet, to which policies are applied, and what they leave open. */
const shaped = (...fail: readonly string[]): Expected => only([], fail);

/** Each is selected by one NetworkPolicy of another shape. */
const shapes: Verdicts = {
  'shapes/ReplicaSet/port-range': shaped(),
  'shapes/ReplicaSet/named-port': shaped(),
  'shapes/ReplicaSet/protocol-only': shaped(),
  'shapes/ReplicaSet/sctp': shaped(),
  // SSH to anywhere leads to forges, whose addresses serve other things, too.
  'shapes/ReplicaSet/any-peer': only(['egress-package-registry'], ['egress-insecure-port']),
  'shapes/ReplicaSet/ipv6': shaped(),
  'shapes/ReplicaSet/metadata': shaped('egress-instance-metadata'),
  'shapes/ReplicaSet/cluster-only': shaped(),
  // Everything but the private ranges, the metadata service's not among them.
  'shapes/ReplicaSet/except-all-but-one': shaped(...EVERYWHERE),
  'shapes/ReplicaSet/types-left-out': shaped(),
  'shapes/ReplicaSet/by-expression': shaped(),
};

/** Each is selected by policies of another kind. */
const tenants: Verdicts = {
  // A baseline that denies the internet, and a higher tier that denies the metadata service.
  'tenant-admin/Pod/api': app(),
  'tenant-cluster/Pod/api': app(),
  // The metadata service is denied at its IPv4 address, and left open at the other.
  'tenant-aws/Pod/api': app(),
  // A tier that denies some mirrors and passes the rest to one that allows HTTPS, to pods of a ServiceAccount.
  'tenant-calico/Pod/api': app(),
  // github.com, by name.
  'tenant-cilium/Pod/builder': app(),
  // An empty rule of Cilium allows nothing, unlike one of a NetworkPolicy.
  'tenant-cilium/Pod/vault': app(),
};

/** By `namespace/Kind/name`. */
export const EXPECTED: ReadonlyMap<string, Expected> = new Map(
  Object.entries({ ...shop, ...payments, ...legacy, ...others, ...platform, ...shapes, ...tenants }),
);

/** Objects that checks are about besides workloads, in the same form. */
export const EXPECTED_OBJECTS: ReadonlyMap<string, Expected> = new Map(
  Object.entries({
    'mesh/ServiceEntry/anything-google': only([], ['mesh-service-entry-risky']),
    'mesh/ServiceEntry/plain-ssh': only([], ['mesh-service-entry-risky']),
    'mesh/ServiceEntry/no-endpoints': only([], ['mesh-service-entry-broken']),
  }),
);

/** The checks that the tables have rows for. */
export const PROVEN_CHECKS: ReadonlySet<string> = new Set(
  [...EXPECTED.values(), ...EXPECTED_OBJECTS.values()].flatMap(({ fail }) =>
    fail.map((verdict) => verdict.split(' ')[0] ?? ''),
  ),
);
