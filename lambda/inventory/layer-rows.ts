import {
  type ByteWriter,
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

/** Gathers layers as bytes, about 25 for each that is kept. */
export interface LayerRows {
  /** @param group the classes of one workload; groups come sorted by workload */
  add(group: readonly PodClass[]): void;
  /** `null`: nothing was measured. */
  take(): LayerSource | null;
}

export function gatherLayers(): LayerRows {
  const to = newWriter();
  let before: Before = NOTHING;
  let entries = 0;
  return {
    add(group) {
      for (const { workload, population } of group) {
        for (const [container, sizes] of population.layers) {
          before = writeEntry(to, { workload, container, sizes }, before);
          entries++;
        }
      }
    },
    take: () => (entries === 0 ? null : { packed: [to.bytes.slice(0, to.size)], stored: [] }),
  };
}

/** What neighbours mostly have in common, or differ little in. */
interface Before {
  readonly namespace: string;
  readonly kind: string;
  readonly container: string;
  readonly startedAt: number;
  readonly sampledAt: number;
}

const NOTHING: Before = { namespace: '', kind: '', container: '', startedAt: 0, sampledAt: 0 };

function writeEntry(
  to: ByteWriter,
  entry: {
    readonly workload: WorkloadRef;
    readonly container: string;
    readonly sizes: LayerSizes;
  },
  before: Before,
): Before {
  const { container, sizes } = entry;
  const { namespace, kind, name } = entry.workload;
  const isLike = before.namespace === namespace && before.kind === kind && before.container === container;
  writeNumber(to, (sizes.unmeasured.size === 0 ? 1 : 0) + (isLike ? 2 : 0));
  if (!isLike) for (const text of [namespace, kind, container]) writeText(to, text);
  // The names of pods begin with that of the workload.
  writeText(to, name);
  const layers = kept(sizes);
  writeNumber(to, layers.length);
  let { startedAt, sampledAt } = before;
  for (const one of layers) {
    writeText(to, one.pod);
    writeSigned(to, one.startedAt - startedAt);
    writeSigned(to, one.sampledAt - sampledAt);
    writeNumber(to, one.bytes);
    writeNumber(to, one.inodes);
    ({ startedAt, sampledAt } = one);
  }
  return { namespace, kind, container, startedAt, sampledAt };
}

/** Containers of several classes are compared by name alone, as one start makes one layer. */
const kept = ({ largest, fullest }: LayerSizes): readonly MeasuredContainer[] => [
  ...new Map([...largest, ...fullest].map((one) => [`${one.pod} ${one.startedAt}`, one])).values(),
];

/** What {@link gatherLayers} has packed. */
export function* unpackLayers(packed: Uint8Array): Generator<MeasuredLayers> {
  const from = newReader(packed, 0);
  let { namespace, kind, container, startedAt, sampledAt } = NOTHING;
  while (from.at < packed.length) {
    const flags = readNumber(from);
    if (flags < 2) {
      namespace = readText(from);
      kind = readText(from);
      container = readText(from);
    }
    const workload = { namespace, kind, name: readText(from) };
    const layers: MeasuredContainer[] = [];
    for (let left = readNumber(from); left > 0; left--) {
      const pod = readText(from);
      startedAt += readSigned(from);
      sampledAt += readSigned(from);
      layers.push({ pod, startedAt, sampledAt, bytes: readNumber(from), inodes: readNumber(from) });
    }
    yield { workload, container, layers, isWhole: flags % 2 === 1 };
  }
}
