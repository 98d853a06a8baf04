import { annotationFacts } from '../../inventory/annotations.ts';
import type {
  ContainerFacts,
  Labels,
  OperatingSystem,
  PodSpecFacts,
  VolumeFacts,
} from '../../inventory/model.ts';
import { MalformedObject } from '../fields.ts';
import { keptMounts } from '../kept-mounts.ts';
import { type AgentContainer, isAgentContainer, policyAgentOf } from '../policy-agent.ts';
import { asOs } from '../read-pod.ts';
import { readAgentContainer } from './agent.ts';
import type { Caches } from './caches.ts';
import { readContainer } from './container.ts';
import { readEntry } from './metadata.ts';
import type { PodStatus } from './status.ts';
import { readVolume } from './volume.ts';
import { type Reader, readBoolean, readInt64, readMessage, readTag, skip } from './wire.ts';

export interface SpecContext {
  readonly caches: Caches;
  readonly status: PodStatus;
  readonly mirror: boolean;
  /** Those that are facts; `null`: none. */
  readonly annotations: Labels | null;
}

/** The facts of a spec, the one field of it that belongs to the pod alone, and what classes keep on demand. */
export interface DecodedSpec {
  readonly facts: PodSpecFacts;
  readonly nodeName: string | null;
  /** As named by the spec; empty if it names none. */
  readonly serviceAccount: string;
}

interface SpecDraft {
  readonly volumes: VolumeFacts[];
  readonly init: ContainerFacts[];
  readonly main: ContainerFacts[];
  readonly ephemeral: ContainerFacts[];
  readonly agents: AgentContainer[];
  readonly security: { runAsUser: number | null; runAsNonRoot: boolean | null };
  readonly os: OsNames;
  volumeCount: number;
  hostNetwork: boolean;
  nodeName: string | null;
  serviceAccount: string;
  serviceAccountAlias: string;
}

/**
 * PodSpec, all that checks read of it. Environment, commands and whatever else a container says are
 * stepped over, but for the containers of policy engines. Source: k8s.io/api core/v1/generated.proto, message PodSpec.
 * @throws MalformedObject
 */
export function readSpec(reader: Reader, context: SpecContext): DecodedSpec {
  const draft: SpecDraft = {
    volumes: [],
    init: [],
    main: [],
    ephemeral: [],
    agents: [],
    security: { runAsNonRoot: null, runAsUser: null },
    os: { named: '', selected: '' },
    volumeCount: 0,
    hostNetwork: false,
    nodeName: null,
    serviceAccount: '',
    serviceAccountAlias: '',
  };
  while (reader.at < reader.end) {
    const tag = readTag(reader);
    if (!readSpecField(reader, tag, { draft, context })) skip(reader, tag);
  }
  const { init, main, ephemeral, hostNetwork, nodeName } = draft;
  const volumes = draft.volumes.slice();
  if (main.length === 0) throw new MalformedObject('spec.containers is missing');
  const facts: PodSpecFacts = {
    containers: keptMounts([...init, ...main, ...ephemeral], volumes),
    volumes,
    hostNetwork,
    ...draft.security,
    os: osOf(draft.os),
    mirror: context.mirror,
    ...annotationFacts(context.annotations),
    ...policyAgentOf(draft.agents),
  };
  return { facts, nodeName, serviceAccount: draft.serviceAccount || draft.serviceAccountAlias };
}

function readSpecField(
  reader: Reader,
  tag: number,
  { draft, context }: { draft: SpecDraft; context: SpecContext },
): boolean {
  const { caches, status } = context;
  const { strings } = caches;
  const container = (type: 'container' | 'init' | 'ephemeral', into: ContainerFacts[]): void => {
    into.push(readContainer(reader, tag, { strings, status, type, index: into.length }));
  };
  switch (tag >>> 3) {
    case 1: {
      const { facts } = readVolume(reader, tag, { strings, index: draft.volumeCount++ });
      if (facts) draft.volumes.push(facts);
      return true;
    }
    case 2: {
      const start = reader.at;
      container('container', draft.main);
      const { name, image } = draft.main.at(-1) as ContainerFacts;
      if (isAgentContainer(name)) {
        reader.at = start;
        draft.agents.push(readAgentContainer(reader, tag, { name, image }));
      }
      return true;
    }
    case 7:
      readOsSelector(reader, tag, { os: draft.os, caches });
      return true;
    case 8:
      draft.serviceAccount = strings.text(reader, tag);
      return true;
    case 9:
      draft.serviceAccountAlias = strings.text(reader, tag);
      return true;
    case 10:
      draft.nodeName = caches.nodes.text(reader, tag) || null;
      return true;
    case 11:
      draft.hostNetwork = readBoolean(reader, tag);
      return true;
    case 14:
      readPodSecurity(reader, tag, draft.security);
      return true;
    case 20:
      container('init', draft.init);
      return true;
    case 34:
      container('ephemeral', draft.ephemeral);
      return true;
    case 36:
      readPodOs(reader, tag, { os: draft.os, caches });
      return true;
    default:
      return false;
  }
}

const FACT_FIELDS = new Uint8Array(64);
for (const number of [1, 2, 7, 8, 9, 11, 14, 20, 34, 36]) FACT_FIELDS[number] = 1;

/** Whether replicas must agree in a field of a PodSpec: all that {@link readSpecField} reads but `nodeName`. */
export function isFactField(number: number): boolean {
  return FACT_FIELDS[number] === 1;
}

/** `spec.os.name`, else the well-known node label in the node selector. */
function osOf({ named, selected }: OsNames): OperatingSystem | null {
  return asOs(named === '' ? selected : named);
}

interface OsNames {
  named: string;
  selected: string;
}

function readOsSelector(reader: Reader, tag: number, { os, caches }: { os: OsNames; caches: Caches }): void {
  const { key, value } = readEntry(reader, tag, caches);
  if (key === 'kubernetes.io/os') os.selected = value;
}

/** PodOS: name (1). */
function readPodOs(reader: Reader, tag: number, { os, caches }: { os: OsNames; caches: Caches }): void {
  readMessage(reader, tag, (inner) => {
    if (inner >>> 3 !== 1) return false;
    os.named = caches.strings.text(reader, inner);
    return true;
  });
}

/** PodSecurityContext: runAsUser (2), runAsNonRoot (3); pointers in Go: sent only where set. */
function readPodSecurity(
  reader: Reader,
  tag: number,
  security: { runAsUser: number | null; runAsNonRoot: boolean | null },
): void {
  readMessage(reader, tag, (inner) => {
    if (inner >>> 3 === 2) security.runAsUser = readInt64(reader, inner);
    else if (inner >>> 3 === 3) security.runAsNonRoot = readBoolean(reader, inner);
    else return false;
    return true;
  });
}
