import * as z from 'zod';
import { count, listed } from '../../report/words.ts';
import { runOfFolder, startOfRunId } from '../../store/layout.ts';
import { sha256Of } from '../../store/manifest.ts';
import type { ReportStore } from '../../store/store.ts';
import { MANIFEST, type Records, type StoredRecord } from '../records.ts';
import { type Point, point } from './point.ts';

const added = point('added');
const SHOWN = 3;

/** What a later run has recorded of those before it. */
const ABOUT = z.object({ unfinished: z.array(z.object({ run: z.string() })) });

interface UnfinishedSources {
  readonly store: ReportStore;
  /** Keys of rows, by the folder of their run. */
  readonly rows: ReadonlyMap<string, readonly string[]>;
}

/**
 * Runs without a manifest: they did not finish, or their manifests were deleted. Which of both, a later record says that named
 * them as unfinished: of a run that had a manifest none does, and the run after it would miss it.
 */
export async function unfinishedPoints(
  { folders }: Records,
  records: readonly StoredRecord[],
  { store, rows }: UnfinishedSources,
): Promise<readonly Point[]> {
  const without = [...folders]
    .flatMap(([folder, names]) => (names.includes(MANIFEST) ? [] : [folder]))
    .sort();
  if (without.length === 0) return [];
  const known = await namedUnfinished(without, records, store);
  const [explained, others] = [true, false].map((isKnown) =>
    without.filter((folder) => known.has(runOfFolder(folder)) === isKnown),
  ) as [string[], string[]];
  const points: Point[] = [];
  if (explained.length > 0) {
    const what = `${count(explained.length, 'run')} without a manifest: ${listed(explained, SHOWN)}`;
    points.push(added('pass', `${what}; later records say that they did not finish.`));
  }
  // That a run is named says nothing of what is found under its name.
  const left = explained.flatMap((folder) => rows.get(folder) ?? []);
  if (left.length > 0) {
    const what = `${count(left.length, 'object')} of runs that did not finish: ${listed(left, SHOWN)}`;
    points.push(
      added(
        'not verifiable',
        `${what}. No manifest names them, so that anybody who can write the store may have made or changed them, and tables over the rows count them.`,
      ),
    );
  }
  if (others.length > 0) {
    const what = `${count(others.length, 'folder')} without a manifest: ${listed(others, SHOWN)}`;
    points.push(added('not verifiable', `${what}; the runs did not end, or the manifests were deleted.`));
  }
  return points;
}

/** Ids of runs that records name as unfinished, of those that are as they were written. */
async function namedUnfinished(
  folders: readonly string[],
  records: readonly StoredRecord[],
  store: ReportStore,
): Promise<ReadonlySet<string>> {
  const first = Math.min(...folders.map((folder) => startOfRunId(runOfFolder(folder)) ?? 0));
  const named = new Set<string>();
  for (const { folder, manifest } of records) {
    const about = manifest.objects.find(({ key }) => key === `${folder}/run.json`);
    if (about === undefined || Date.parse(manifest.run.startedAt) < first) continue;
    const bytes = await store.get(about.key);
    if (bytes === null || sha256Of(bytes) !== about.sha256) continue;
    const read = ABOUT.safeParse(parsed(bytes));
    for (const { run } of read.data?.unfinished ?? []) named.add(run);
  }
  return named;
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return null;
  }
}
