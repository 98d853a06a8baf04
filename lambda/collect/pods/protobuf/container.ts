import type { ContainerFacts, ContainerPort, ContainerType, VolumeMount } from '../../../inventory/pod.ts';
import { MalformedObject } from '../../fields.ts';
import { recursiveReadOnly } from '../recursive-read-only.ts';
import type { Interner } from './interner.ts';
import { readHostProcess } from './operating-system.ts';
import { mountStatusOf, type PodStatus, statusOf } from './status.ts';
import { isTokenName, TOKEN_SUFFIX } from './token-volume.ts';
import { type Reader, readBoolean, readInt32, readInt64, readMessage, readText, skipBytes } from './wire.ts';

/** What reading a container needs to know of where it stands. */
export interface ContainerContext {
  readonly strings: Interner;
  readonly status: PodStatus;
  readonly type: Exclude<ContainerType, 'sidecar'>;
  readonly index: number;
  /** What is told of the pod as a whole. */
  readonly pod: PodWords;
}

export interface PodWords {
  readonly os: { hostProcess: boolean };
  /** Whether some mount is what its status says, which differs from replica to replica. */
  readOnlyByStatus: boolean;
}

/** The lists of a PodSpec as messages name them. */
const LISTS = { container: 'containers', init: 'initContainers', ephemeral: 'ephemeralContainers' } as const;

interface Draft {
  name: string;
  image: string | null;
  sidecar: boolean;
  readOnlyRootFilesystem: boolean | null;
  runAsNonRoot: boolean | null;
  runAsUser: number | null;
  readonly mounts: DraftMount[];
  readonly ports: ContainerPort[];
}

type DraftMount = VolumeMount & { readonly asked: string | null };

/**
 * Container, or EphemeralContainer, whose fields are those of a container in a message of their own
 * (field 1, ephemeralContainerCommon). Source: core/v1/generated.proto.
 */
export function readContainer(reader: Reader, tag: number, context: ContainerContext): ContainerFacts {
  const draft: Draft = {
    name: '',
    image: null,
    sidecar: false,
    readOnlyRootFilesystem: null,
    runAsNonRoot: null,
    runAsUser: null,
    mounts: [],
    ports: [],
  };
  const readFields = (at: number): void =>
    readMessage(reader, at, (inner) => readContainerField(reader, inner, { draft, context }));
  if (context.type !== 'ephemeral') readFields(tag);
  else {
    readMessage(reader, tag, (inner) => {
      if (inner >>> 3 !== 1) return false;
      readFields(inner);
      return true;
    });
  }
  const { name, image, sidecar, mounts, ports, ...facts } = draft;
  if (name === '') throw new MalformedObject(`${pathOf(context)}.name is missing`);
  return {
    name,
    type: sidecar && context.type === 'init' ? 'sidecar' : context.type,
    image,
    imageId: statusOf(context.status, name)?.imageId ?? null,
    ...facts,
    mounts: mounts.map((mount) => asMount(reader, mount, name, context)),
    // Arrays that were filled one by one have room for sixteen more: a copy takes what is there.
    ports: ports.slice(),
  };
}

/** The name that the status goes by may come after the mounts. */
function asMount(
  reader: Reader,
  { asked, ...mount }: DraftMount,
  container: string,
  { status, pod }: ContainerContext,
): VolumeMount {
  if (asked === null) return mount;
  const recursive = recursiveReadOnly(asked, () => {
    pod.readOnlyByStatus = true;
    const found = statusOf(status, container);
    return found === undefined ? null : mountStatusOf(reader, found, mount.path);
  });
  return { ...mount, ...recursive };
}

function pathOf({ type, index }: ContainerContext): string {
  return `spec.${LISTS[type]}[${index}]`;
}

function readContainerField(
  reader: Reader,
  tag: number,
  { draft, context }: { draft: Draft; context: ContainerContext },
): boolean {
  const { strings } = context;
  switch (tag >>> 3) {
    case 1: // name
      draft.name = strings.text(reader, tag);
      return true;
    case 2: // image
      draft.image = strings.text(reader, tag) || null;
      return true;
    case 6: // ports
      draft.ports.push(readPort(reader, tag, strings));
      return true;
    case 9: // volumeMounts
      draft.mounts.push(
        readMount(reader, tag, { strings, path: pathOf(context), index: draft.mounts.length }),
      );
      return true;
    case 15: // securityContext
      readMessage(reader, tag, (inner) => readSecurityField(reader, inner, { draft, context }));
      return true;
    case 24: // restartPolicy, which makes an init container a sidecar
      draft.sidecar = readText(reader, tag) === 'Always';
      return true;
    default:
      return false;
  }
}

/** SecurityContext; its scalars are pointers in Go, so they are sent only where they are set. */
function readSecurityField(
  reader: Reader,
  tag: number,
  { draft, context }: { draft: Draft; context: ContainerContext },
): boolean {
  switch (tag >>> 3) {
    case 4:
      draft.runAsUser = readInt64(reader, tag);
      return true;
    case 5:
      draft.runAsNonRoot = readBoolean(reader, tag);
      return true;
    case 6:
      draft.readOnlyRootFilesystem = readBoolean(reader, tag);
      return true;
    case 10: // windowsOptions
      if (readHostProcess(reader, tag)) context.pod.os.hostProcess = true;
      return true;
    default:
      return false;
  }
}

function readPort(reader: Reader, tag: number, strings: Interner): ContainerPort {
  const port = { name: null as string | null, port: 0, protocol: 'TCP' };
  readMessage(reader, tag, (inner) => {
    switch (inner >>> 3) {
      case 1:
        port.name = strings.text(reader, inner) || null;
        return true;
      case 3: // containerPort
        port.port = readInt32(reader, inner);
        return true;
      case 4:
        port.protocol = strings.text(reader, inner) || 'TCP';
        return true;
      default:
        return false;
    }
  });
  return port;
}

function readMount(
  reader: Reader,
  tag: number,
  { strings, path, index }: { strings: Interner; path: string; index: number },
): DraftMount {
  const mount = { volume: '', path: '', readOnly: false, asked: null as string | null };
  readMessage(reader, tag, (inner) => {
    switch (inner >>> 3) {
      case 1: // name; not interned, because that of the token volume is another one in every pod
        mount.volume = readText(reader, inner);
        return true;
      case 2:
        mount.readOnly = readBoolean(reader, inner);
        return true;
      case 3: // mountPath
        mount.path = strings.text(reader, inner);
        return true;
      case 7: // recursiveReadOnly
        mount.asked = strings.text(reader, inner);
        return true;
      default:
        return false;
    }
  });
  if (mount.volume === '') throw new MalformedObject(`${path}.volumeMounts[${index}].name is missing`);
  return mount;
}

const VOLUME_MOUNTS = 9;

/**
 * Where the last characters of the names of token volumes stand in the mounts of a container: in the
 * reader's bytes, ascending. Nothing for other fields of a PodSpec.
 */
export function tokenMountsOf(reader: Reader, tag: number): readonly number[] {
  const found: number[] = [];
  const inContainer = (inner: number): boolean => {
    if (inner >>> 3 !== VOLUME_MOUNTS) return false;
    readMessage(reader, inner, (field) => {
      if (field >>> 3 !== 1) return false;
      const start = skipBytes(reader, field);
      if (isTokenName(reader.bytes.toString('latin1', start, reader.at)))
        found.push(reader.at - TOKEN_SUFFIX);
      return true;
    });
    return true;
  };
  switch (tag >>> 3) {
    case 2:
    case 20:
      readMessage(reader, tag, inContainer);
      break;
    case 34:
      readMessage(reader, tag, (inner) => {
        if (inner >>> 3 !== 1) return false;
        readMessage(reader, inner, inContainer);
        return true;
      });
      break;
    default:
  }
  return found;
}
