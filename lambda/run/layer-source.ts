import { ReadError } from '../errors.ts';
import { type LayerSource, type MeasuredLayers, unpackLayers } from '../inventory/layer-rows.ts';
import type { WorkloadRef } from '../inventory/names.ts';
import { compareWorkloads } from '../inventory/workload.ts';
import { jsonLine } from '../report/rows.ts';
import { gunzipLines, gzipLines } from '../store/gzip.ts';
import type { ReportStore } from '../store/store.ts';

/** Stores layers until the run is decided, which another function does. */
export async function storeLayers(
  store: ReportStore,
  key: string,
  source: LayerSource,
): Promise<LayerSource> {
  function* lines(): Generator<string> {
    for (const packed of source.packed) {
      for (const layers of unpackLayers(packed)) yield `${jsonLine(layers)}\n`;
    }
  }
  await store.put(key, gzipLines(lines()), { contentType: 'application/gzip' });
  return { packed: [], stored: [...source.stored, key] };
}

/**
 * The layers of a cluster, sorted by workload, of which no two parts have the same.
 * @throws ReadError when a stored part is missing or cannot be understood
 */
export async function* layersIn(store: ReportStore, source: LayerSource): AsyncGenerator<MeasuredLayers> {
  const parts = [
    ...source.packed.map((packed) => unpackLayers(packed)),
    ...source.stored.map((key) => storedLayers(store, key)),
  ];
  const heads = await Promise.all(parts.map(async (part) => ({ part, next: (await part.next()) as Next })));
  for (;;) {
    const left = heads.filter(({ next }) => next.done !== true);
    const [first] = left.toSorted((a, b) => compareWorkloads(workloadOf(a.next), workloadOf(b.next)));
    if (first === undefined) return;
    yield first.next.value as MeasuredLayers;
    first.next = (await first.part.next()) as Next;
  }
}

type Next = IteratorResult<MeasuredLayers, undefined>;

const workloadOf = ({ value }: Next): WorkloadRef => (value as MeasuredLayers).workload;

/** As this program wrote it earlier in the run. */
async function* storedLayers(store: ReportStore, key: string): AsyncGenerator<MeasuredLayers, undefined> {
  const bytes = await store.get(key);
  try {
    if (bytes === null) throw new Error('it is missing');
    for await (const line of gunzipLines(bytes)) if (line !== '') yield JSON.parse(line) as MeasuredLayers;
  } catch (error) {
    throw new ReadError(
      'malformed-object',
      `The measured layers in ${store.location(key)} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      'Run the audit again.',
      error,
    );
  }
}

/** Neighbours of one workload. */
export async function* byWorkload<T extends { readonly workload: WorkloadRef }>(
  items: AsyncIterable<T>,
): AsyncGenerator<readonly [T, ...T[]]> {
  let run: [T, ...T[]] | null = null;
  for await (const item of items) {
    if (run !== null && compareWorkloads(run[0].workload, item.workload) === 0) run.push(item);
    else {
      if (run !== null) yield run;
      run = [item];
    }
  }
  if (run !== null) yield run;
}
