import { MalformedObject } from '../../fields.ts';
import type { Caches } from './caches.ts';
import { readTime } from './metadata.ts';
import { enter, leave, type Reader, readMessage, readTag, readText, skip, skipBytes } from './wire.ts';

export interface ContainerStatus {
  name: string;
  imageId: string | null;
  running: boolean;
  startedAt: number | null;
  /** Where the message is in the bytes of its page: what is hardly ever asked for is read from there. */
  at: number;
  end: number;
}

/** Room for the statuses in one list, which the next pod uses again: what was there is likely what comes. */
interface Statuses {
  readonly path: string;
  readonly slots: ContainerStatus[];
  count: number;
}

/** What is kept of a PodStatus, until the next one is read into it. */
export interface PodStatus {
  phase: string | null;
  startedAt: number | null;
  /** `podIP`; like the next one only where it is asked for. */
  ip: string | null;
  /** `podIPs`; `null` where it is not asked for. They belong to the pod alone, so none is looked for among known texts. */
  ips: string[] | null;
  readonly init: Statuses;
  readonly main: Statuses;
  readonly ephemeral: Statuses;
  /** Made when there are many. */
  byName: ReadonlyMap<string, ContainerStatus> | null;
}

/** With as many a search costs what a map costs to make. */
const FEW = 16;

/** Should types share a name, ephemeral goes before container before init, as when read from JSON. */
export function statusOf(status: PodStatus, name: string): ContainerStatus | undefined {
  const { init, main, ephemeral } = status;
  if (init.count + main.count + ephemeral.count > FEW) {
    status.byName ??= new Map([init, main, ephemeral].flatMap(entriesOf));
    return status.byName.get(name);
  }
  return lastOf(ephemeral, name) ?? lastOf(main, name) ?? lastOf(init, name);
}

const entriesOf = ({ slots, count }: Statuses): [string, ContainerStatus][] =>
  slots.slice(0, count).map((found) => [found.name, found]);

function lastOf({ slots, count }: Statuses, name: string): ContainerStatus | undefined {
  for (let index = count - 1; index >= 0; index--) {
    if (slots[index]?.name === name) return slots[index];
  }
  return undefined;
}

export function newStatus(withAddresses: boolean): PodStatus {
  const statuses = (path: string): Statuses => ({ path, slots: [], count: 0 });
  return {
    phase: null,
    startedAt: null,
    ip: null,
    ips: withAddresses ? [] : null,
    init: statuses('initContainerStatuses'),
    main: statuses('containerStatuses'),
    ephemeral: statuses('ephemeralContainerStatuses'),
    byName: null,
  };
}

/** Forgets the pod before. */
export function restartStatus(status: PodStatus): void {
  status.phase = null;
  status.startedAt = null;
  status.ip = null;
  if (status.ips !== null) status.ips = [];
  status.byName = null;
  for (const statuses of [status.init, status.main, status.ephemeral]) {
    statuses.count = 0;
    if (statuses.slots.length > FEW) statuses.slots.length = FEW;
  }
}

/** Source: k8s.io/api core/v1/generated.proto, message PodStatus. */
export function readStatus(reader: Reader, status: PodStatus, caches: Caches): void {
  while (reader.at < reader.end) {
    const tag = readTag(reader);
    switch (tag >>> 3) {
      case 1: // phase
        status.phase = caches.strings.text(reader, tag) || null;
        break;
      case 6: // podIP
        if (status.ips === null) skip(reader, tag);
        else status.ip = readText(reader, tag) || null;
        break;
      case 7: // startTime
        status.startedAt = readTime(reader, tag);
        break;
      case 8: // containerStatuses
        readContainerStatus(reader, tag, status.main, caches);
        break;
      case 10: // initContainerStatuses
        readContainerStatus(reader, tag, status.init, caches);
        break;
      case 12: // podIPs
        if (status.ips === null) skip(reader, tag);
        else readPodIp(reader, tag, status.ips);
        break;
      case 13: // ephemeralContainerStatuses
        readContainerStatus(reader, tag, status.ephemeral, caches);
        break;
      default:
        skip(reader, tag);
    }
  }
}

/** Source: core/v1/generated.proto, message PodIP: ip (1). */
function readPodIp(reader: Reader, tag: number, into: string[]): void {
  readMessage(reader, tag, (inner) => {
    if (inner >>> 3 !== 1) return false;
    const ip = readText(reader, inner);
    if (ip !== '') into.push(ip);
    return true;
  });
}

/** Source: core/v1/generated.proto, message ContainerStatus. */
function readContainerStatus(
  reader: Reader,
  tag: number,
  statuses: Statuses,
  { strings, images }: Caches,
): void {
  const status = nextSlot(statuses);
  const outer = enter(reader, tag);
  status.at = reader.at;
  status.end = reader.end;
  let name = '';
  let imageId: string | null = null;
  status.running = false;
  status.startedAt = null;
  while (reader.at < reader.end) {
    const inner = readTag(reader);
    switch (inner >>> 3) {
      case 1: // name
        name = strings.text(reader, inner, status.name);
        break;
      case 2: // state; a container without one counts as waiting
        readState(reader, inner, status);
        break;
      case 7: // imageID
        imageId = readImageId(reader, inner, images) || null;
        break;
      default:
        skip(reader, inner);
    }
  }
  leave(reader, outer);
  if (name === '') {
    throw new MalformedObject(`status.${statuses.path}[${statuses.count - 1}].name is missing`);
  }
  status.name = name;
  status.imageId = imageId;
}

function readImageId(reader: Reader, tag: number, images: Caches['images']): string {
  const start = skipBytes(reader, tag);
  const { bytes, at: end } = reader;
  return images.find(bytes, start, end) ?? images.keep(bytes, start, end, bytes.toString('utf8', start, end));
}

function nextSlot(statuses: Statuses): ContainerStatus {
  const index = statuses.count++;
  const known = statuses.slots[index];
  if (known !== undefined) return known;
  const slot: ContainerStatus = { name: '', imageId: null, running: false, startedAt: null, at: 0, end: 0 };
  statuses.slots.push(slot);
  return slot;
}

/** ContainerState: `running` (2) is there or not; ContainerStateRunning: `startedAt` (1). */
function readState(reader: Reader, tag: number, status: ContainerStatus): void {
  const outer = enter(reader, tag);
  while (reader.at < reader.end) {
    const inner = readTag(reader);
    if (inner >>> 3 !== 2) {
      skip(reader, inner);
      continue;
    }
    const around = enter(reader, inner);
    status.running = true;
    while (reader.at < reader.end) {
      const field = readTag(reader);
      if (field >>> 3 === 1) status.startedAt = readTime(reader, field);
      else skip(reader, field);
    }
    leave(reader, around);
  }
  leave(reader, outer);
}

/** VolumeMountStatus: mountPath (2), recursiveReadOnly (4); of a ContainerStatus: volumeMounts (12). */
export function mountStatusOf(reader: Reader, status: ContainerStatus, mountPath: string): string | null {
  const { at, end } = reader;
  let found: string | null | undefined;
  reader.at = status.at;
  reader.end = status.end;
  while (reader.at < reader.end && found === undefined) {
    const tag = readTag(reader);
    if (tag >>> 3 !== 12) {
      skip(reader, tag);
      continue;
    }
    let path = '';
    let recursive: string | null = null;
    readMessage(reader, tag, (inner) => {
      if (inner >>> 3 === 2) path = readText(reader, inner);
      else if (inner >>> 3 === 4) recursive = readText(reader, inner);
      else return false;
      return true;
    });
    if (path === mountPath) found = recursive;
  }
  reader.at = at;
  reader.end = end;
  return found ?? null;
}
