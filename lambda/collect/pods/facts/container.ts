import type { ContainerFacts, ContainerType } from '../../../inventory/pod.ts';
import type { AgentContainer } from '../../engines/agent-container.ts';
import { isAgentContainer } from '../../engines/policy-agent.ts';
import { MalformedObject } from '../../fields.ts';
import { type Reader, readMessage, skipBytes } from '../protobuf/wire.ts';
import { AGENT, type ReadAgent } from './agent.ts';
import { boolean, embedded, inline, int32, int64, ownText, repeated, text } from './kinds.ts';
import { message, type Reading } from './message.ts';
import { WINDOWS_OPTIONS } from './operating-system.ts';

/** Its scalars are pointers in Go: sent only where they are set. */
const SECURITY_CONTEXT = message({
  runAsUser: int64(4),
  runAsNonRoot: boolean(5),
  readOnlyRootFilesystem: boolean(6),
  windowsOptions: embedded(10, WINDOWS_OPTIONS),
});

const VOLUME_MOUNT = message({
  // Not among known texts, because that of the token volume is another one in every pod.
  name: ownText(1),
  readOnly: boolean(2),
  mountPath: text(3),
  recursiveReadOnly: text(7),
});

const CONTAINER_PORT = message({ name: text(1), containerPort: int32(3), protocol: text(4) });

/** Environment, commands and whatever else a container says are stepped over. */
export const CONTAINER = message({
  name: text(1),
  image: text(2),
  ports: repeated(6, CONTAINER_PORT),
  volumeMounts: repeated(9, VOLUME_MOUNT),
  securityContext: embedded(15, SECURITY_CONTEXT),
  restartPolicy: text(24),
});
export type ReadContainer = ReturnType<typeof CONTAINER.fresh>;

/** Its fields are those of a container, in protobuf in a message of their own. */
export const EPHEMERAL_CONTAINER = message({ ephemeralContainerCommon: inline(1, CONTAINER) });

/** A container of the main list, with what it says as the agent of a policy engine, if its name is that of one. */
export interface MainContainer {
  readonly container: ReadContainer;
  readonly agent: ReadAgent | null;
}

export const MAIN_CONTAINER: Reading<MainContainer> = {
  fromJson(value, path) {
    const container = CONTAINER.fromJson(value, path);
    return { container, agent: isAgentContainer(container.name) ? AGENT.fromJson(value, path) : null };
  },
  fromProtobuf(reader, tag, caches) {
    const start = reader.at;
    const container = CONTAINER.fromProtobuf(reader, tag, caches);
    if (!isAgentContainer(container.name)) return { container, agent: null };
    reader.at = start;
    return { container, agent: AGENT.fromProtobuf(reader, tag, caches) };
  },
};

export const agentsIn = (containers: readonly MainContainer[]): readonly AgentContainer[] =>
  containers.flatMap(({ container: { name, image }, agent }) =>
    agent === null ? [] : [{ ...agent, name, image: image || null }],
  );

/** The facts of a container in which its status has a say (see `BY_STATUS`). */
export type FactByStatus = 'imageId' | 'mounts';

/** The facts of a container that its pod's template has: nothing of a status is within reach where these are made. */
export type ContainerSpec = Omit<ContainerFacts, FactByStatus> & {
  /** As they are asked for. */
  readonly mounts: ContainerFacts['mounts'];
};

/** Where a container is in its pod, and how one without a name is called. */
export interface ContainerPlace {
  readonly list: 'initContainers' | 'containers' | 'ephemeralContainers';
  readonly index: number;
  /** @throws MalformedObject where a container cannot be without */
  readonly unnamed: (place: string) => string;
  /** The volumes that are facts: mounts of others are left out. */
  readonly volumes: ReadonlySet<string>;
}

const TYPES = { initContainers: 'init', containers: 'container', ephemeralContainers: 'ephemeral' } as const;

export function containerSpec(
  read: ReadContainer,
  { list, index, unnamed, volumes }: ContainerPlace,
): ContainerSpec {
  const place = `${list}[${index}]`;
  const { securityContext: security } = read;
  return {
    name: read.name || unnamed(place),
    type: typeOf(read, TYPES[list]),
    image: read.image || null,
    readOnlyRootFilesystem: security?.readOnlyRootFilesystem ?? null,
    runAsNonRoot: security?.runAsNonRoot ?? null,
    runAsUser: security?.runAsUser ?? null,
    mounts: mountsOf(read, place, volumes),
    ports: read.ports.map(({ name, containerPort, protocol }) => ({
      name: name || null,
      port: containerPort ?? 0,
      protocol: protocol || 'TCP',
    })),
  };
}

const typeOf = ({ restartPolicy }: ReadContainer, type: Exclude<ContainerType, 'sidecar'>): ContainerType =>
  type === 'init' && restartPolicy === 'Always' ? 'sidecar' : type;

/**
 * Leaves the mounts of volumes that are facts themselves. The others must go: admission gives every pod
 * a token volume with a generated name (`kube-api-access-` and five random characters), which would
 * tell apart the replicas of one template.
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-token-volume
 */
function mountsOf(
  { volumeMounts }: ReadContainer,
  place: string,
  volumes: ReadonlySet<string>,
): ContainerFacts['mounts'] {
  return volumeMounts.flatMap(({ name, mountPath, readOnly, recursiveReadOnly: asked }, index) => {
    if (name === '') throw new MalformedObject(`spec.${place}.volumeMounts[${index}].name is missing`);
    if (!volumes.has(name)) return [];
    const recursive =
      asked === 'Enabled' || asked === 'IfPossible' ? ({ recursiveReadOnly: asked } as const) : {};
    return [{ volume: name, path: mountPath, readOnly: readOnly ?? false, ...recursive }];
  });
}

export const isHostProcess = ({ securityContext }: ReadContainer): boolean =>
  securityContext?.windowsOptions?.hostProcess === true;

/**
 * Where the last characters of the names of token volumes are in the mounts of a container: in the
 * reader's bytes, ascending.
 * @param isToken of the name of a volume
 * @param suffix how many characters tell token volumes apart
 */
export function tokenMountsOf(
  reader: Reader,
  tag: number,
  { isToken, suffix }: { readonly isToken: (name: string) => boolean; readonly suffix: number },
): readonly number[] {
  const found: number[] = [];
  readMessage(reader, tag, (inner) => {
    if (inner >>> 3 !== CONTAINER.numbers.volumeMounts) return false;
    readMessage(reader, inner, (field) => {
      if (field >>> 3 !== VOLUME_MOUNT.numbers.name) return false;
      const start = skipBytes(reader, field);
      if (isToken(reader.bytes.toString('latin1', start, reader.at))) found.push(reader.at - suffix);
      return true;
    });
    return true;
  });
  return found;
}
