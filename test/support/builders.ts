import type { CheckContext } from '../../lambda/checks/check.ts';
import { egressOf } from '../../lambda/checks/evaluation/egress-of.ts';
import type { Config } from '../../lambda/config/config.ts';
import { defaultConfig } from '../../lambda/config/load.ts';
import { createEgress } from '../../lambda/egress/engine.ts';
import { createPodFold, type NodeFacts } from '../../lambda/inventory/fold.ts';
import type { Resource } from '../../lambda/inventory/gap.ts';
import type { MeshConfigs } from '../../lambda/inventory/mesh.ts';
import type { Labels } from '../../lambda/inventory/names.ts';
import type { NetworkFacts } from '../../lambda/inventory/network.ts';
import type { ContainerFacts, PodRecord } from '../../lambda/inventory/pod.ts';
import type { PodClass } from '../../lambda/inventory/pod-class.ts';
import type { PolicyObject } from '../../lambda/inventory/policy-object.ts';
import { createMesh } from '../../lambda/mesh/mesh.ts';

export const NOW = Date.parse('2026-11-21T12:00:00Z');
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const CLUSTER = { name: 'test', arn: null, accountId: null, region: null } as const;

export function aContainer(name = 'app', facts: Partial<ContainerFacts> = {}): ContainerFacts {
  return {
    name,
    type: 'container',
    image: 'registry.example.com/app:1.0',
    imageId: null,
    readOnlyRootFilesystem: null,
    runAsNonRoot: null,
    runAsUser: null,
    mounts: [],
    ports: [],
    ...facts,
  };
}

/** A running pod of Deployment `shop/web`, one day old, with one container; every field can be changed. */
export function aPod(facts: Partial<PodRecord> = {}): PodRecord {
  const spec = facts.spec ?? aSpec();
  const startedAt = facts.startedAt === undefined ? NOW - DAY : facts.startedAt;
  return {
    name: 'web-5d9c7b4f6-abcde',
    namespace: 'shop',
    uid: '0b5f5c52-6a0e-4f4e-9d61-1b1f3d1e0001',
    labels: { app: 'web', 'pod-template-hash': '5d9c7b4f6' },
    owner: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-5d9c7b4f6' },
    createdAt: startedAt,
    deletedAt: null,
    phase: 'Running',
    nodeName: 'node-a',
    serviceAccount: 'default',
    containerStates: spec.containers.map(({ name }) => ({ container: name, running: true, startedAt })),
    source: 'pod',
    ...facts,
    startedAt,
    spec,
  };
}

export function aSpec(facts: Partial<PodRecord['spec']> = {}): PodRecord['spec'] {
  return {
    containers: [aContainer()],
    volumes: [],
    hostNetwork: false,
    runAsNonRoot: null,
    runAsUser: null,
    os: 'linux',
    mirror: false,
    ...facts,
  };
}

/** The classes that some pods fold into. */
export function classesOf(
  pods: readonly PodRecord[],
  options: { labelKeys?: readonly string[]; nodes?: ReadonlyMap<string, NodeFacts> } = {},
): readonly PodClass[] {
  const fold = createPodFold({
    labelKeys: new Set(options.labelKeys ?? []),
    nodes: options.nodes ?? new Map(),
  });
  for (const pod of pods) fold.add(pod);
  return fold.finish(new Map()).classes;
}

/** Classes with their populations as plain objects, to be compared. */
export function inFull(classes: readonly PodClass[]): readonly PodClass[] {
  return classes.map((one) => {
    const { count, completed, terminating, active, examples, running, layers } = one.population;
    return { ...one, population: { count, completed, terminating, active, examples, running, layers } };
  });
}

/** The one class of one pod. */
export function aClass(facts: Partial<PodRecord> = {}): PodClass {
  const found = classesOf([aPod(facts)], { labelKeys: Object.keys(facts.labels ?? {}) })[0];
  if (found === undefined) throw new Error('the pod made no class');
  return found;
}

export interface ContextFacts {
  readonly config?: Config;
  readonly missing?: readonly Resource[];
  readonly policies?: readonly PolicyObject[];
  /** How policies are enforced; without it they are taken at their word. */
  readonly network?: NetworkFacts;
  /** To take them at their word all the same. */
  readonly asDeclared?: boolean;
  readonly mesh?: readonly PolicyObject[];
  readonly meshConfigs?: MeshConfigs;
  /** Labels of namespaces, for the mesh alone. */
  readonly namespaces?: ReadonlyMap<string, Labels>;
}

/** What a check is given, with a real egress engine over the given policies. */
export function aContext(subject: PodClass, facts: ContextFacts = {}): CheckContext {
  const config = facts.config ?? defaultConfig();
  const engine = createEgress({
    policies: facts.policies ?? [],
    namespaces: new Map(),
    config: config.egress,
    // Without nodes as manifests are judged: at the word of the policies.
    asDeclared: facts.asDeclared ?? facts.network === undefined,
    ...(facts.network === undefined ? {} : { network: facts.network }),
  });
  const viewOf = ({ workload: { namespace }, labels, spec: { hostNetwork } }: PodClass) =>
    engine.view({ namespace, labels, hostNetwork });
  return {
    cluster: CLUSTER,
    now: NOW,
    config,
    limits: config.limits,
    missing: new Set(facts.missing ?? []),
    manifests: false,
    ...egressOf(subject, viewOf),
    onPodNetwork: () => {
      const other = { ...subject, spec: { ...subject.spec, hostNetwork: false } };
      return { subject: other, context: aContext(other, facts) };
    },
    mesh: createMesh({
      classes: [subject],
      mesh: facts.mesh ?? [],
      meshConfigs: facts.meshConfigs ?? new Map(),
      namespaces: facts.namespaces ?? new Map(),
    }),
  };
}

/** A core NetworkPolicy in namespace `shop` that selects every pod. */
export function aPolicy(spec: Record<string, unknown>, name = 'policy'): PolicyObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    namespace: 'shop',
    name,
    labels: {},
    spec: { podSelector: {}, policyTypes: ['Egress'], ...spec },
  };
}

/** Egress to some CIDRs on some TCP ports; no ports given: on every port. */
export function allow(cidrs: readonly string[], ...ports: readonly number[]): Record<string, unknown> {
  return {
    to: cidrs.map((cidr) => ({ ipBlock: { cidr } })),
    ...(ports.length > 0 ? { ports: ports.map((port) => ({ protocol: 'TCP', port })) } : {}),
  };
}
