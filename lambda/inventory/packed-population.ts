import {
  type ByteReader,
  type ByteWriter,
  newReader,
  newWriter,
  readNumber,
  readSigned,
  readText,
  restartWriter,
  writeNumber,
  writeSigned,
  writeText,
} from './bytes.ts';
import { SECOND } from './durations.ts';
import type { LayerSizes, LayersBuilder } from './layers.ts';
import type { Numbering } from './numbering.ts';
import { createReasons, type Reasons, readLayers, writeLayers } from './packed-layers.ts';
import type { EndedPod, PodExample, Population, StartTimes } from './pod-class.ts';
import { newStartTimes, type PopulationBuilder, type StartTimesBuilder } from './population.ts';

/**
 * Puts populations away as bytes. Ages and examples are all of a cluster that grows with its pods, and as
 * objects they are most of its inventory: 2 KB a class of twenty pods, against 0.3 KB in bytes.
 */
export interface PopulationStore {
  pack(population: PopulationBuilder): PackedPopulation;
}

/** @param nodes numbers of the nodes that examples are on */
export function createPopulationStore(nodes: Numbering): PopulationStore {
  const memory: Memory = { nodes, reasons: createReasons(), last: null };
  const scratch = newWriter();
  let chunk = new Uint8Array(0);
  let used = 0;

  function keep(bytes: Uint8Array): Pick<ByteReader, 'bytes' | 'at'> {
    if (used + bytes.length > chunk.length) {
      chunk = new Uint8Array(Math.max(CHUNK, bytes.length));
      used = 0;
    }
    chunk.set(bytes, used);
    const at = used;
    used += bytes.length;
    return { bytes: chunk, at };
  }

  return {
    pack(population) {
      restartWriter(scratch);
      writeContents(scratch, population, memory);
      return new PackedPopulation(population, memory, keep(scratch.bytes.subarray(0, scratch.size)));
    },
  };
}

/** Bytes taken at a time. */
const CHUNK = 1 << 16;

type Contents = Pick<PopulationBuilder, 'active' | 'latest' | 'running' | 'layers'>;

interface Memory {
  readonly nodes: Numbering;
  readonly reasons: Reasons;
  /** Checks look at one population after the other, and at each several times. */
  last: { readonly of: PackedPopulation; readonly contents: Contents } | null;
}

/** A population in bytes that reads as if it were none. (A class, for getters that objects share.) */
export class PackedPopulation implements Population {
  /** Pods that have not ended. */
  readonly living: number;
  readonly completed: number;
  readonly terminating: number;
  private readonly memory: Memory;
  private readonly bytes: Uint8Array;
  private readonly at: number;

  constructor(
    { living, completed, terminating }: Pick<PopulationBuilder, 'living' | 'completed' | 'terminating'>,
    memory: Memory,
    { bytes, at }: Pick<ByteReader, 'bytes' | 'at'>,
  ) {
    this.living = living;
    this.completed = completed;
    this.terminating = terminating;
    this.memory = memory;
    this.bytes = bytes;
    this.at = at;
  }

  get count(): number {
    return this.living > 0 ? this.living : 1;
  }

  get latest(): EndedPod | null {
    return this.contents().latest;
  }

  get active(): StartTimes {
    return this.contents().active;
  }

  get examples(): readonly PodExample[] {
    const { active, latest } = this.contents();
    return this.living > 0 || latest === null ? active.oldest : [exampleOf(latest)];
  }

  get running(): ReadonlyMap<string, StartTimes> {
    return this.contents().running;
  }

  get layers(): ReadonlyMap<string, LayerSizes> {
    return this.contents().layers;
  }

  /** What it was made of, for more pods to be added. */
  unpack(): PopulationBuilder {
    const { living, completed, terminating } = this;
    return { living, completed, terminating, ...this.read() };
  }

  private contents(): Contents {
    if (this.memory.last?.of !== this) this.memory.last = { of: this, contents: this.read() };
    return this.memory.last.contents;
  }

  private read(): Contents {
    return readContents(newReader(this.bytes, this.at), this.memory);
  }
}

const exampleOf = ({ name, startedAt, node, terminating }: EndedPod): PodExample => ({
  name,
  startedAt,
  node,
  terminating,
});

/** The pods that were named so far: the examples of containers are mostly those of their pods. */
interface Named {
  readonly nodes: Numbering;
  readonly pods: Omit<PodExample, 'startedAt'>[];
}

function writeContents(
  to: ByteWriter,
  { active, latest, running, layers }: Contents,
  { nodes, reasons }: Memory,
): void {
  const named: Named = { nodes, pods: [] };
  writeTimes(to, active, named);
  writeNumber(to, latest === null ? 0 : latest.phase === 'Failed' ? 2 : 1);
  if (latest !== null) {
    writePod(to, latest, named);
    writeTime(to, latest.startedAt);
    writeTime(to, latest.createdAt);
  }
  writeNumber(to, running.size);
  for (const [container, times] of running) {
    writeText(to, container);
    writeTimes(to, times, named);
  }
  writeNumber(to, layers.size);
  for (const [container, sizes] of layers) {
    writeText(to, container);
    writeLayers(to, sizes, reasons);
  }
}

function readContents(from: ByteReader, { nodes, reasons }: Memory): Contents {
  const named: Named = { nodes, pods: [] };
  const active = readTimes(from, named);
  const latest = readLatest(from, named);
  const running = new Map<string, StartTimesBuilder>();
  for (let left = readNumber(from); left > 0; left--) running.set(readText(from), readTimes(from, named));
  const layers = new Map<string, LayersBuilder>();
  for (let left = readNumber(from); left > 0; left--) layers.set(readText(from), readLayers(from, reasons));
  return { active, latest, running, layers };
}

function readLatest(from: ByteReader, named: Named): EndedPod | null {
  const ended = readNumber(from);
  if (ended === 0) return null;
  const pod = readPod(from, named);
  const startedAt = readTime(from);
  return { ...pod, startedAt, createdAt: readTime(from), phase: ended === 2 ? 'Failed' : 'Succeeded' };
}

function writeTime(to: ByteWriter, time: number | null): void {
  writeNumber(to, time === null ? 0 : 1);
  if (time !== null) writeSigned(to, time);
}

const readTime = (from: ByteReader): number | null => (readNumber(from) === 0 ? null : readSigned(from));

/** Ascending, so that small differences are all there is to write; Kubernetes' times are whole seconds. */
function writeTimes(to: ByteWriter, { startedAt, unknown, oldest }: StartTimesBuilder, named: Named): void {
  const times = startedAt.toSorted((a, b) => a - b);
  // A fifth of the time of a remainder.
  const unit = times.every((time) => Math.floor(time / SECOND) * SECOND === time) ? SECOND : 1;
  writeNumber(to, unknown);
  writeNumber(to, times.length);
  writeNumber(to, unit);
  let before = 0;
  for (const [index, time] of times.entries()) {
    if (index === 0) writeSigned(to, time / unit);
    else writeNumber(to, (time - before) / unit);
    before = time;
  }
  writeNumber(to, oldest.length);
  for (const pod of oldest) writePod(to, pod, named);
}

function readTimes(from: ByteReader, named: Named): StartTimesBuilder {
  const times = newStartTimes();
  times.unknown = readNumber(from);
  const count = readNumber(from);
  const unit = readNumber(from);
  let before = 0;
  for (let index = 0; index < count; index++) {
    before += (index === 0 ? readSigned(from) : readNumber(from)) * unit;
    times.startedAt.push(before);
  }
  const examples = readNumber(from);
  for (let index = 0; index < examples; index++) {
    // The oldest examples have the oldest times; those that come after them have none.
    times.oldest.push({ ...readPod(from, named), startedAt: times.startedAt[index] ?? null });
  }
  return times;
}

/** A number of a pod that was named before, or the next one and the pod. */
function writePod(to: ByteWriter, { name, node, terminating }: PodExample, { nodes, pods }: Named): void {
  const known = pods.findIndex(
    (pod) => pod.name === name && pod.node === node && pod.terminating === terminating,
  );
  writeNumber(to, known < 0 ? pods.length : known);
  if (known >= 0) return;
  writeText(to, name);
  writeNumber(to, node === null ? 0 : nodes.numberOf(node) + 1);
  writeNumber(to, terminating ? 1 : 0);
  pods.push({ name, node, terminating });
}

function readPod(from: ByteReader, { nodes, pods }: Named): Omit<PodExample, 'startedAt'> {
  const known = pods[readNumber(from)];
  if (known !== undefined) return known;
  const name = readText(from);
  const node = readNumber(from);
  const pod = {
    name,
    node: node === 0 ? null : nodes.nameOf(node - 1),
    terminating: readNumber(from) === 1,
  };
  pods.push(pod);
  return pod;
}
