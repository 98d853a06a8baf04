import { MalformedObject } from '../fields.ts';
import type { Caches } from './caches.ts';
import { readTime } from './metadata.ts';
import { enter, leave, type Reader, readTag, skip } from './wire.ts';

export interface ContainerStatus {
  name: string;
  imageId: string | null;
  running: boolean;
  startedAt: number | null;
}

/** What is kept of a PodStatus. */
export interface PodStatus {
  phase: string | null;
  startedAt: number | null;
  /** Init containers, containers, ephemeral containers; asked with {@link statusOf}. */
  containers: readonly ContainerStatus[];
  /** Made when there are many. */
  byName: ReadonlyMap<string, ContainerStatus> | null;
}

/** With as many a search costs what a map costs to make. */
const FEW = 16;

/** Should types share a name, ephemeral goes before container before init, as when read from JSON. */
export function statusOf(status: PodStatus, name: string): ContainerStatus | undefined {
  const { containers } = status;
  if (containers.length > FEW) {
    status.byName ??= new Map(containers.map((found) => [found.name, found]));
    return status.byName.get(name);
  }
  for (let index = containers.length - 1; index >= 0; index--) {
    if (containers[index]?.name === name) return containers[index];
  }
  return undefined;
}

const INIT = 'initContainerStatuses';
const MAIN = 'containerStatuses';
const EPHEMERAL = 'ephemeralContainerStatuses';

/** Source: k8s.io/api core/v1/generated.proto, message PodStatus. */
export function readStatus(reader: Reader, status: PodStatus, caches: Caches): void {
  const ephemeral: ContainerStatus[] = [];
  const init: ContainerStatus[] = [];
  const main: ContainerStatus[] = [];
  while (reader.at < reader.end) {
    const tag = readTag(reader);
    switch (tag >>> 3) {
      case 1: // phase
        status.phase = caches.strings.text(reader, tag) || null;
        break;
      case 7: // startTime
        status.startedAt = readTime(reader, tag);
        break;
      case 8: // containerStatuses
        main.push(readContainerStatus(reader, tag, { caches, path: MAIN, index: main.length }));
        break;
      case 10: // initContainerStatuses
        init.push(readContainerStatus(reader, tag, { caches, path: INIT, index: init.length }));
        break;
      case 13: // ephemeralContainerStatuses
        ephemeral.push(
          readContainerStatus(reader, tag, { caches, path: EPHEMERAL, index: ephemeral.length }),
        );
        break;
      default:
        skip(reader, tag);
    }
  }
  status.containers = [...init, ...main, ...ephemeral];
}

/** Source: core/v1/generated.proto, message ContainerStatus. */
function readContainerStatus(
  reader: Reader,
  tag: number,
  { caches, path, index }: { caches: Caches; path: string; index: number },
): ContainerStatus {
  const outer = enter(reader, tag);
  const status: ContainerStatus = { name: '', imageId: null, running: false, startedAt: null };
  while (reader.at < reader.end) {
    const inner = readTag(reader);
    switch (inner >>> 3) {
      case 1: // name
        status.name = caches.strings.text(reader, inner);
        break;
      case 2: // state; a container without one counts as waiting
        readState(reader, inner, status);
        break;
      case 7: // imageID
        status.imageId = caches.strings.text(reader, inner) || null;
        break;
      default:
        skip(reader, inner);
    }
  }
  leave(reader, outer);
  if (status.name === '') throw new MalformedObject(`status.${path}[${index}].name is missing`);
  return status;
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

export function newStatus(): PodStatus {
  return { phase: null, startedAt: null, containers: [], byName: null };
}
