import { isAboveBase } from '../findings/growth.ts';
import { DAY } from '../inventory/durations.ts';
import { instantText } from '../inventory/instant.ts';
import type { MeasuredLayers } from '../inventory/layer-rows.ts';
import { compareLayers, type StoredLayer } from '../store/layer-state.ts';

export interface AdvanceOptions {
  /** RFC 3339: when this run measured. */
  readonly at: string;
  /** Whether the earlier rows are of this very run, which is repeated. */
  readonly repeated: boolean;
}

/** A layer that could not be measured is kept so long: a restart would have made another one, most likely. */
const KEPT_DAYS = 35;
/** Of the containers of one name, which come and go. */
const MOST_KEPT = 10;

/**
 * What is known of the layers of one workload after a run. A container that ran on and could not be measured this time,
 * which whoever writes can bring about, keeps what was known of it.
 *
 * @param measured of one workload, in this run
 * @param earlier what was known of it
 */
export function advanceLayers(
  measured: readonly MeasuredLayers[],
  earlier: readonly StoredLayer[],
  { at, repeated }: AdvanceOptions,
): readonly StoredLayer[] {
  const left = new Map(earlier.map((row) => [layerKey(row), row]));
  const rows = measured.flatMap(({ workload, container, layers }) =>
    layers.map(({ pod, startedAt, sampledAt, bytes, inodes }): StoredLayer => {
      const now = { container, pod, startedAt: instantText(startedAt) };
      const known = left.get(layerKey(now));
      left.delete(layerKey(now));
      const above = isAboveBase({ bytes, inodes }) ? at : null;
      return {
        workload,
        ...now,
        sampledAt: instantText(sampledAt),
        bytes,
        inodes,
        at,
        aboveBaseSince: known?.aboveBaseSince ?? above,
        before: known === undefined ? null : repeated ? known.before : valuesOf(known),
      };
    }),
  );
  // Nearly always: a row that is left is of a container that is gone, or could not be measured.
  if (left.size === 0) return rows.length === 1 ? rows : rows.sort(compareLayers);
  const open = new Set(measured.filter(({ isWhole }) => !isWhole).map(({ container }) => container));
  const oldest = Date.parse(at) - KEPT_DAYS * DAY;
  const kept = [...left.values()].filter((row) => open.has(row.container) && Date.parse(row.at) >= oldest);
  const most = [...Map.groupBy(kept, ({ container }) => container).values()].flatMap((of) =>
    of.toSorted((a, b) => b.bytes - a.bytes || compareLayers(a, b)).slice(0, MOST_KEPT),
  );
  return [...rows, ...most].sort(compareLayers);
}

const layerKey = ({ container, pod, startedAt }: Pick<StoredLayer, 'container' | 'pod' | 'startedAt'>) =>
  JSON.stringify([container, pod, startedAt]);

const valuesOf = ({ at, bytes, inodes }: StoredLayer): StoredLayer['before'] => ({ at, bytes, inodes });
