import {
  annotationFacts,
  isKept,
  keptValue,
  networkInterfaceIn,
  POD_ENI_ANNOTATION,
} from '../../inventory/annotations.ts';
import type { WorkloadRef } from '../../inventory/names.ts';
import { generatedRef, topOwner } from '../../inventory/operators.ts';
import type { ContainerFacts, PodRecord, PodSpecFacts } from '../../inventory/pod.ts';
import { ownAddresses } from '../../inventory/pod-addresses.ts';
import { serviceAccountOf } from '../../inventory/service-account.ts';
import type { AgentContainer } from '../engines/agent-container.ts';
import { isAgentContainer, isWantedVariable, policyAgentOf, setVariable } from '../engines/policy-agent.ts';
import {
  type Fields,
  labelMap,
  list,
  optionalBoolean,
  optionalInteger,
  optionalObject,
  optionalString,
  optionalTime,
  requiredObject,
  requiredString,
} from '../fields.ts';
import { keptMounts } from './kept-mounts.ts';
import { readOs } from './operating-system.ts';
import { containerStatuses, readContainers, readVolumes, stateOf } from './read-containers.ts';

/** What of a pod is read only where it is asked for. */
export interface PodReading {
  /** Its addresses. @defaultValue false */
  readonly addresses?: boolean | undefined;
}

/**
 * Reads a Pod (core/v1) as JSON or YAML gave it.
 * @throws MalformedObject when a field that checks read has a wrong shape.
 */
export function readPod(object: Fields, asked: PodReading = {}): PodRecord {
  const metadata = requiredObject(object['metadata'], 'metadata');
  const spec = requiredObject(object['spec'], 'spec');
  const status = optionalObject(object['status'], 'status') ?? {};
  const phase = optionalString(status['phase'], 'status.phase');
  const states = containerStatuses(status);
  const containers = readContainers(spec, states);
  const annotations = readAnnotations(metadata, 'metadata');
  const pod: PodRecord = {
    name: requiredString(metadata['name'], 'metadata.name'),
    namespace: optionalString(metadata['namespace'], 'metadata.namespace') || 'default',
    uid: optionalString(metadata['uid'], 'metadata.uid'),
    labels: labelMap(metadata['labels'], 'metadata.labels'),
    owner: readController(metadata['ownerReferences']),
    createdAt: optionalTime(metadata['creationTimestamp'], 'metadata.creationTimestamp'),
    startedAt: optionalTime(status['startTime'], 'status.startTime'),
    deletedAt: optionalTime(metadata['deletionTimestamp'], 'metadata.deletionTimestamp'),
    phase,
    nodeName: optionalString(spec['nodeName'], 'spec.nodeName') || null,
    serviceAccount: readServiceAccount(spec, annotations.mirror),
    ...networkInterfaceIn(podEni(metadata)),
    spec: readSpec(spec, containers, annotations),
    containerStates: containers.map((container) => stateOf(container.name, states, phase)),
    source: 'pod',
  };
  if (asked.addresses !== true) return pod;
  return {
    ...pod,
    ...ownAddresses({ phase, hostNetwork: pod.spec.hostNetwork }, ...addressesIn(status)),
  };
}

/** Reads the pod template of a controller: one pod that does not run yet. */
export function readPodTemplate(template: Fields, name: string, namespace: string): PodRecord {
  const metadata = optionalObject(template['metadata'], 'spec.template.metadata') ?? {};
  const spec = requiredObject(template['spec'], 'spec.template.spec');
  return {
    name,
    namespace,
    uid: null,
    labels: labelMap(metadata['labels'], 'spec.template.metadata.labels'),
    owner: null,
    createdAt: null,
    startedAt: null,
    deletedAt: null,
    phase: null,
    nodeName: null,
    serviceAccount: readServiceAccount(spec, false),
    spec: readSpec(spec, readContainers(spec, new Map()), {
      ...readAnnotations(metadata, 'spec.template.metadata'),
      mirror: false,
    }),
    containerStates: [],
    source: 'template',
  };
}

/**
 * "We support DeprecatedServiceAccount as an alias for ServiceAccountName. If both are specified,
 * ServiceAccountName (the new field) wins" (kubernetes pkg/apis/core/v1/conversion.go).
 */
function readServiceAccount(spec: Fields, mirror: boolean): string | null {
  const name = optionalString(spec['serviceAccountName'], 'spec.serviceAccountName');
  const alias = optionalString(spec['serviceAccount'], 'spec.serviceAccount');
  return serviceAccountOf(name || alias, mirror);
}

/** The one owner reference with `controller: true`; garbage collection owners without it own no pods. */
export function readController(value: unknown): PodRecord['owner'] {
  for (const [index, entry] of list(value, 'metadata.ownerReferences').entries()) {
    const path = `metadata.ownerReferences[${index}]`;
    const reference = requiredObject(entry, path);
    if (optionalBoolean(reference['controller'], `${path}.controller`) !== true) continue;
    return {
      apiVersion: requiredString(reference['apiVersion'], `${path}.apiVersion`),
      kind: requiredString(reference['kind'], `${path}.kind`),
      name: requiredString(reference['name'], `${path}.name`),
    };
  }
  return null;
}

/** What an object that makes pods belongs to: its controller, or itself, under the name of all that are made alike. */
export function ownerOfObject(object: Fields, self: WorkloadRef): WorkloadRef {
  const metadata = requiredObject(object['metadata'], 'metadata');
  const controller = readController(metadata['ownerReferences']);
  const labels = labelMap(metadata['labels'], 'metadata.labels');
  if (controller === null) {
    const generateName = optionalString(metadata['generateName'], 'metadata.generateName');
    // Pods of custom kinds are told by what their owner is called, those of Jobs by the Job itself.
    return generateName || self.kind === 'Job'
      ? generatedRef(self, generateName)
      : topOwner(self, optionalString(object['apiVersion'], 'apiVersion') ?? '', labels);
  }
  const { kind, name, apiVersion } = controller;
  return topOwner({ namespace: self.namespace, kind, name }, apiVersion, labels);
}

function podEni(metadata: Fields): string | undefined {
  const annotations = optionalObject(metadata['annotations'], 'metadata.annotations') ?? {};
  const value = Object.hasOwn(annotations, POD_ENI_ANNOTATION) ? annotations[POD_ENI_ANNOTATION] : undefined;
  return optionalString(value, `metadata.annotations[${POD_ENI_ANNOTATION}]`) ?? undefined;
}

/** Of a wrong form they are left out: without them a check finds more, and whether a pod can be read must not depend on who asks. */
function addressesIn({ podIP, podIPs }: Fields): readonly [readonly string[], string | null] {
  const ips = Array.isArray(podIPs) ? podIPs.map((one: Fields | null) => one?.['ip']) : [];
  return [ips.filter(isText), isText(podIP) ? podIP : null];
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

type AnnotationFacts = Pick<PodSpecFacts, 'mirror' | 'annotations'>;

function readAnnotations(metadata: Fields, path: string): AnnotationFacts {
  const annotations = optionalObject(metadata['annotations'], `${path}.annotations`) ?? {};
  let kept: Record<string, string> | null = null;
  for (const key of Object.keys(annotations)) {
    if (!isKept(key)) continue;
    kept ??= {};
    kept[key] = keptValue(optionalString(annotations[key], `${path}.annotations[${key}]`) ?? '');
  }
  return {
    mirror: Object.hasOwn(annotations, 'kubernetes.io/config.mirror'),
    ...annotationFacts(kept),
  };
}

function readSpec(
  spec: Fields,
  containers: readonly ContainerFacts[],
  annotations: AnnotationFacts,
): PodSpecFacts {
  const security = optionalObject(spec['securityContext'], 'spec.securityContext') ?? {};
  const volumes = readVolumes(spec);
  return {
    containers: keptMounts(containers, volumes),
    volumes,
    hostNetwork: optionalBoolean(spec['hostNetwork'], 'spec.hostNetwork') ?? false,
    runAsNonRoot: optionalBoolean(security['runAsNonRoot'], 'spec.securityContext.runAsNonRoot'),
    runAsUser: optionalInteger(security['runAsUser'], 'spec.securityContext.runAsUser'),
    os: readOs(spec),
    ...annotations,
    ...policyAgentOf(readAgentContainers(spec)),
  };
}

/** Of the containers of policy engines alone: command, arguments, and the named variables of the environment. */
function readAgentContainers(spec: Fields): readonly AgentContainer[] {
  const found: AgentContainer[] = [];
  for (const [index, entry] of list(spec['containers'], 'spec.containers').entries()) {
    const path = `spec.containers[${index}]`;
    const container = requiredObject(entry, path);
    const name = container['name'];
    if (typeof name !== 'string' || !isAgentContainer(name)) continue;
    const env = new Map<string, string | null>();
    for (const [at, variable] of list(container['env'], `${path}.env`).entries()) {
      const { name: key, value, valueFrom } = requiredObject(variable, `${path}.env[${at}]`);
      if (typeof key !== 'string' || !isWantedVariable(key)) continue;
      setVariable(env, key, valueFrom ? null : typeof value === 'string' ? value : '');
    }
    const textsOf = (key: 'command' | 'args'): readonly string[] =>
      list(container[key], `${path}.${key}`).filter((word) => typeof word === 'string');
    found.push({
      name,
      image: optionalString(container['image'], `${path}.image`),
      command: textsOf('command'),
      args: textsOf('args'),
      env,
      envFrom: list(container['envFrom'], `${path}.envFrom`).length > 0,
    });
  }
  return found;
}
