import {
  type ByteReader,
  newReader,
  newWriter,
  readNumber,
  readSigned,
  readText,
  writeNumber,
  writeSigned,
  writeText,
} from './bytes.ts';
import type { LayerSizes, MeasuredContainer } from './layers.ts';
import type { WorkloadRef } from './names.ts';
import type { PodClass } from './pod-class.ts';

/** The largest layers of the containers of one name in a workload, whether or not they are a finding. */
export interface MeasuredLayers {
  readonly workload: WorkloadRef;
  readonly container: string;
  /** Those with most bytes and those with most inodes, each once. */
  readonly layers: readonly MeasuredContainer[];
  /** Whether all that run were measured: else one that is missing here may run all the same. */
  readonly isWhole: boolean;
}

/** Where the layers of a cluster are, sorted by workload in each part: in memory, or in the store until they are needed. */
export interface LayerSource {
  readonly packed: readonly Uint8Array[];
  /** Keys of notes of the run. */
  readonly stored: readonly string[];
}

/** Gathers layers as bytes, about 30 for each that is kept. */
export interface LayerRows {
  /** @param group the classes of one workload; groups come sorted by workload */
  add(group: readonly PodClass[]): void;
  /** `null`: nothing was measured. */
  take(): LayerSource | null;
}

export function gatherLayers(): LayerRows {
  const to = newWriter();
  let entries = 0;
  return {
    add(group) {
      for (const { workload, population } of group) {
        for (const [container, sizes] of population.layers) {
          const layers = kept(sizes);
          entries++;
          // The name of the workload last: those of its pods begin with it.
          const { namespace, kind, name } = workload;
          for (const text of [namespace, kind, container, name]) writeText(to, text);
          writeNumber(to, sizes.unmeasured.size === 0 ? 1 : 0);
          writeNumber(to, layers.length);
          for (const { pod, startedAt, sampledAt, bytes, inodes } of layers) {
            writeText(to, pod);
            writeSigned(to, startedAt);
            writeNumber(to, sampledAt);
            writeNumber(to, bytes);
            writeNumber(to, inodes);
          }
        }
      }
    },
    take: () => (entries === 0 ? null : { packed: [to.bytes.slice(0, to.size)], stored: [] }),
  };
}

/** Containers of several classes are compared by name alone, as one start makes one layer. */
const kept = ({ largest, fullest }: LayerSizes): readonly MeasuredContainer[] => [
  ...new Map([...largest, ...fullest].map((one) => [`${one.pod} ${one.startedAt}`, one])).values(),
];

/** What {@link gatherLayers} has packed. */
export function* unpackLayers(packed: Uint8Array): Generator<MeasuredLayers> {
  const from = newReader(packed, 0);
  while (from.at < packed.length) {
    const [namespace, kind, container, name] = Array.from({ length: 4 }, () => readText(from)) as [
      string,
      string,
      string,
      string,
    ];
    const isWhole = readNumber(from) === 1;
    const layers = Array.from({ length: readNumber(from) }, () => readContainer(from));
    yield { workload: { namespace, kind, name }, container, layers, isWhole };
  }
}

const readContainer = (from: ByteReader): MeasuredContainer => ({
  pod: readText(from),
  startedAt: readSigned(from),
  sampledAt: readNumber(from),
  bytes: readNumber(from),
  inodes: readNumber(from),
});
