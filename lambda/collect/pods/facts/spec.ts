import { annotationFacts, sameAnnotations } from '../../../inventory/annotations.ts';
import type { Labels } from '../../../inventory/names.ts';
import type { OperatingSystem, PodSpecFacts } from '../../../inventory/pod.ts';
import { policyAgentOf } from '../../engines/policy-agent.ts';
import { MalformedObject } from '../../fields.ts';
import { hasFacts, withStatus } from './by-status.ts';
import {
  agentsIn,
  CONTAINER,
  type ContainerPlace,
  type ContainerSpec,
  containerSpec,
  EPHEMERAL_CONTAINER,
  isHostProcess,
  MAIN_CONTAINER,
} from './container.ts';
import { boolean, embedded, int64, nodeText, repeated, text } from './kinds.ts';
import { message } from './message.ts';
import { affinityOs, type OsWords, osFrom, osSelector, POD_OS, WINDOWS_OPTIONS } from './operating-system.ts';
import type { StatusOf } from './status.ts';
import { READ_VOLUME, volumeFacts } from './volume.ts';

/**
 * What is read of a PodSpec, as a field of the template or of the replica. A field of the template takes part in the
 * comparison of replicas by the bytes that it has; a field of the replica is read for each pod. Facts of the template
 * are made of the first alone, so what is in neither table can be no fact, and what is in the wrong one costs time only.
 */
export const TEMPLATE = message({
  volumes: repeated(1, READ_VOLUME),
  containers: repeated(2, MAIN_CONTAINER),
  nodeSelector: osSelector(7),
  serviceAccountName: text(8),
  serviceAccount: text(9),
  hostNetwork: boolean(11),
  securityContext: embedded(
    14,
    message({ runAsUser: int64(2), runAsNonRoot: boolean(3), windowsOptions: embedded(8, WINDOWS_OPTIONS) }),
  ),
  initContainers: repeated(20, CONTAINER),
  ephemeralContainers: repeated(34, EPHEMERAL_CONTAINER),
  os: embedded(36, POD_OS),
});

export const REPLICA = message({ nodeName: nodeText(10), affinity: affinityOs(18) });
export type ReplicaFields = ReturnType<typeof REPLICA.fresh>;

/** The facts of a spec in which more than its template has a say (see `OF_REPLICA`). */
type FactOfReplica = 'containers' | 'os' | 'mirror' | 'annotations';

/** What the template of a pod says: the same for all of its replicas. */
export interface TemplateFacts {
  readonly facts: Omit<PodSpecFacts, FactOfReplica>;
  readonly containers: readonly ContainerSpec[];
  readonly os: OsWords;
  /** As named by the spec; empty if it names none. */
  readonly serviceAccount: string;
}

/** @throws MalformedObject */
export function templateFacts(
  read: ReturnType<typeof TEMPLATE.fresh>,
  unnamed: ContainerPlace['unnamed'],
): TemplateFacts {
  const { securityContext: security, initContainers, containers } = read;
  const volumes = volumeFacts(read.volumes);
  const ephemeral = read.ephemeralContainers.map((one) => one.ephemeralContainerCommon ?? CONTAINER.fresh());
  const main = containers.map(({ container }) => container);
  if (main.length === 0) throw new MalformedObject('spec.containers is missing');
  const kept = new Set(volumes.map(({ name }) => name));
  const specsOf = (list: ContainerPlace['list'], all: typeof main): readonly ContainerSpec[] =>
    all.map((one, index) => containerSpec(one, { list, index, unnamed, volumes: kept }));
  return {
    facts: {
      volumes,
      hostNetwork: read.hostNetwork ?? false,
      runAsNonRoot: security?.runAsNonRoot ?? null,
      runAsUser: security?.runAsUser ?? null,
      ...policyAgentOf(agentsIn(containers)),
    },
    containers: [
      ...specsOf('initContainers', initContainers),
      ...specsOf('containers', main),
      ...specsOf('ephemeralContainers', ephemeral),
    ],
    os: {
      named: read.os?.name ?? '',
      hostProcess:
        security?.windowsOptions?.hostProcess === true ||
        [...initContainers, ...main, ...ephemeral].some(isHostProcess),
      selected: read.nodeSelector,
    },
    serviceAccount: read.serviceAccountName || read.serviceAccount,
  };
}

/** What a pod has beside its template, as far as it is a fact of its spec. */
export interface OfReplica {
  readonly affinity: OperatingSystem | null;
  readonly mirror: boolean;
  /** Those that something reads; `null`: none. */
  readonly annotations: Labels | null;
  readonly statusOf: StatusOf;
}

interface ReplicaFact<T> {
  of(template: TemplateFacts, replica: OfReplica): T;
  /** Whether a replica has this fact, too. */
  has(fact: T, template: TemplateFacts, replica: OfReplica): boolean;
}

/** Every fact that {@link FactOfReplica} names, and so no template has by itself. */
const OF_REPLICA: { readonly [Name in FactOfReplica]: ReplicaFact<PodSpecFacts[Name]> } = {
  containers: {
    of: ({ containers }, { statusOf }) => containers.map((spec) => withStatus(spec, statusOf(spec.name))),
    has: (facts, { containers }, { statusOf }) => {
      let index = 0;
      for (const spec of containers) {
        const fact = facts[index++];
        if (fact === undefined || !hasFacts(fact, spec, statusOf(spec.name))) return false;
      }
      return true;
    },
  },
  os: {
    of: ({ os }, { affinity }) => osFrom(os, affinity),
    has: (fact, { os }, { affinity }) => fact === osFrom(os, affinity),
  },
  mirror: {
    of: (_, { mirror }) => mirror,
    has: (fact, _, { mirror }) => fact === mirror,
  },
  annotations: {
    of: (_, { annotations }) => annotationFacts(annotations).annotations,
    has: (fact, _, { annotations }) => sameAnnotations(fact, annotations ?? undefined),
  },
};

/** The facts of one pod. */
export function specFacts(template: TemplateFacts, replica: OfReplica): PodSpecFacts {
  const annotations = OF_REPLICA.annotations.of(template, replica);
  return {
    ...template.facts,
    containers: OF_REPLICA.containers.of(template, replica),
    os: OF_REPLICA.os.of(template, replica),
    mirror: OF_REPLICA.mirror.of(template, replica),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

const FACTS = Object.keys(OF_REPLICA) as readonly FactOfReplica[];

/** Whether a replica of the template has these facts of another one. */
export function hasSpecFacts(facts: PodSpecFacts, template: TemplateFacts, replica: OfReplica): boolean {
  for (const name of FACTS) {
    if (!hasFact(name, facts, template, replica)) return false;
  }
  return true;
}

function hasFact<Name extends FactOfReplica>(
  name: Name,
  facts: PodSpecFacts,
  template: TemplateFacts,
  replica: OfReplica,
): boolean {
  const fact: ReplicaFact<PodSpecFacts[Name]> = OF_REPLICA[name];
  return fact.has(facts[name], template, replica);
}
