import { annotationFacts } from '../../../inventory/annotations.ts';
import type { Labels } from '../../../inventory/names.ts';
import type { ContainerFacts, PodSpecFacts, VolumeFacts } from '../../../inventory/pod.ts';
import type { AgentContainer } from '../../engines/agent-container.ts';
import { isAgentContainer, policyAgentOf } from '../../engines/policy-agent.ts';
import { MalformedObject } from '../../fields.ts';
import { keptMounts } from '../kept-mounts.ts';
import { newOsWords, type OsWords, osFrom } from '../operating-system.ts';
import { readAgentContainer } from './agent.ts';
import type { Caches } from './caches.ts';
import { type PodWords, readContainer } from './container.ts';
import { readAffinityOs, readHostProcess, readOsSelector, readPodOs } from './operating-system.ts';
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
  /** What required node affinity says: the rest of it differs among the pods of a DaemonSet. */
  readonly affinityOs: PodSpecFacts['os'];
  /** Whether the status has a say in the facts beyond the images, so that no replica may take them over. */
  readonly byStatus: boolean;
}

interface SpecDraft extends PodWords {
  readonly volumes: VolumeFacts[];
  readonly init: ContainerFacts[];
  readonly main: ContainerFacts[];
  readonly ephemeral: ContainerFacts[];
  readonly agents: AgentContainer[];
  readonly security: { runAsUser: number | null; runAsNonRoot: boolean | null };
  readonly os: OsWords;
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
    os: newOsWords(),
    readOnlyByStatus: false,
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
    os: osFrom(draft.os),
    mirror: context.mirror,
    ...annotationFacts(context.annotations),
    ...policyAgentOf(draft.agents),
  };
  return {
    facts,
    nodeName,
    serviceAccount: draft.serviceAccount || draft.serviceAccountAlias,
    affinityOs: draft.os.affinity,
    byStatus: draft.readOnlyByStatus,
  };
}

function readSpecField(
  reader: Reader,
  tag: number,
  { draft, context }: { draft: SpecDraft; context: SpecContext },
): boolean {
  const { caches, status } = context;
  const { strings } = caches;
  const container = (type: 'container' | 'init' | 'ephemeral', into: ContainerFacts[]): void => {
    into.push(readContainer(reader, tag, { strings, status, type, index: into.length, pod: draft }));
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
      readOsSelector(reader, tag, caches, draft.os);
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
      readPodSecurity(reader, tag, draft);
      return true;
    case AFFINITY:
      draft.os.affinity = readAffinityOs(reader, tag);
      return true;
    case 20:
      container('init', draft.init);
      return true;
    case 34:
      container('ephemeral', draft.ephemeral);
      return true;
    case 36:
      readPodOs(reader, tag, caches, draft.os);
      return true;
    default:
      return false;
  }
}

const FACT_FIELDS = new Uint8Array(64);
for (const number of [1, 2, 7, 8, 9, 11, 14, 20, 34, 36]) FACT_FIELDS[number] = 1;

export const AFFINITY = 18;

/**
 * Whether replicas must agree in a field of a PodSpec: all that {@link readSpecField} reads but `nodeName`, and
 * affinity, of which they must agree in what is read only.
 */
export function isFactField(number: number): boolean {
  return FACT_FIELDS[number] === 1;
}

/** PodSecurityContext: runAsUser (2), runAsNonRoot (3), windowsOptions (8); pointers in Go: sent only where set. */
function readPodSecurity(
  reader: Reader,
  tag: number,
  { security, os }: Pick<SpecDraft, 'security' | 'os'>,
): void {
  readMessage(reader, tag, (inner) => {
    if (inner >>> 3 === 2) security.runAsUser = readInt64(reader, inner);
    else if (inner >>> 3 === 3) security.runAsNonRoot = readBoolean(reader, inner);
    else if (inner >>> 3 === 8) os.hostProcess = readHostProcess(reader, inner) || os.hostProcess;
    else return false;
    return true;
  });
}
