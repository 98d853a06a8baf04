import { hash } from 'node:crypto';
import type { LayerReading } from '../inventory/layers.ts';
import type { ContainerLayer } from './summary.ts';

/** Of one container: its node, since a StatefulSet's pod may be on two for a moment. */
export interface ContainerKey {
  readonly node: string;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** What a kubelet said of one container. */
export type Known = LayerReading | NonNullable<ContainerLayer['because']>;

/** Readings of all containers of a cluster, 24 bytes each and a third of that unused. */
export interface Readings {
  add(key: ContainerKey, known: Known): void;
  /** `undefined`: its kubelet did not name it. */
  find(key: ContainerKey): Known | undefined;
  readonly size: number;
}

const CODES = ['not-sampled', 'no-rootfs', 'malformed'] as const;
const FIRST_ROOM = 1024;
/** Fuller tables are searched for too long. */
const FULLEST = 0.85;
const GROWTH = 1.5;

/** An open-addressed table: objects would take ten times as much, and there may be a million. */
export function createReadings(): Readings {
  let table = newTable(FIRST_ROOM);
  let size = 0;

  function grow(): void {
    const before = table;
    table = newTable(Math.ceil(before.room * GROWTH));
    for (let slot = 0; slot < before.room; slot++) {
      if (before.sampled[slot] === FREE) continue;
      copy(before, slot, table, slotOf(table, before.low[slot] as number, before.high[slot] as number));
    }
  }

  return {
    get size() {
      return size;
    },
    add(key, known) {
      if (size + 1 > table.room * FULLEST) grow();
      const [low, high] = digest(key);
      const slot = slotOf(table, low, high);
      if (table.sampled[slot] === FREE) size++;
      table.low[slot] = low;
      table.high[slot] = high;
      const isCode = typeof known === 'string';
      table.bytes[slot] = isCode ? CODES.indexOf(known) : known.bytes;
      table.inodes[slot] = isCode ? 0 : Math.min(known.inodes, MOST_INODES);
      table.sampled[slot] = isCode ? UNKNOWN : Math.floor(known.sampledAt / 1000);
    },
    find(key) {
      const [low, high] = digest(key);
      const slot = slotOf(table, low, high);
      const sampled = table.sampled[slot] as number;
      if (sampled === FREE) return undefined;
      const bytes = table.bytes[slot] as number;
      if (sampled === UNKNOWN) return CODES[bytes];
      return { bytes, inodes: table.inodes[slot] as number, sampledAt: sampled * 1000 };
    },
  };
}

/** Seconds since the epoch; samples are far from either. */
const FREE = 0;
const UNKNOWN = 1;
const MOST_INODES = 0xffff_ffff;

interface Table {
  readonly room: number;
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  readonly bytes: Float64Array;
  readonly inodes: Uint32Array;
  readonly sampled: Uint32Array;
}

const newTable = (room: number): Table => ({
  room,
  low: new Uint32Array(room),
  high: new Uint32Array(room),
  bytes: new Float64Array(room),
  inodes: new Uint32Array(room),
  sampled: new Uint32Array(room),
});

function copy(from: Table, slot: number, to: Table, at: number): void {
  for (const column of ['low', 'high', 'bytes', 'inodes', 'sampled'] as const) {
    to[column][at] = from[column][slot] as number;
  }
}

/** Where it is, or the free place where it belongs. */
function slotOf({ room, low, high, sampled }: Table, wantedLow: number, wantedHigh: number): number {
  let slot = wantedLow % room;
  while (sampled[slot] !== FREE && (low[slot] !== wantedLow || high[slot] !== wantedHigh)) {
    slot = slot + 1 === room ? 0 : slot + 1;
  }
  return slot;
}

/**
 * 64 bits of SHA-256: names are chosen by who may want to be taken for another, which a hash that is only fast would allow.
 * No name contains a slash.
 */
function digest({ node, namespace, pod, container }: ContainerKey): readonly [number, number] {
  const bytes = hash('sha256', `${node}/${namespace}/${pod}/${container}`, 'buffer');
  return [bytes.readUInt32LE(0), bytes.readUInt32LE(4)];
}
