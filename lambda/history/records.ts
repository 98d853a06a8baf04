import { ReadError } from '../errors.ts';
import { inParallel } from '../in-parallel.ts';
import { compareText } from '../inventory/workload.ts';
import { inRunFolder, RUNS_FOLDER, runFolder } from '../store/layout.ts';
import { parseManifest, type ReadManifest, sha256Of } from '../store/manifest.ts';
import type { ReportStore } from '../store/store.ts';

/** A run that has a manifest. */
export interface StoredRecord {
  /** As {@link runFolder}. */
  readonly folder: string;
  readonly sha256: string;
  readonly bytes: Uint8Array;
  readonly manifest: ReadManifest;
}

/** What is below `runs/`. */
export interface Records {
  /** By the time at which they started. */
  readonly records: readonly StoredRecord[];
  /** Names in each folder of a run, also of those without a manifest. */
  readonly folders: ReadonlyMap<string, readonly string[]>;
  /** Folders whose manifest cannot be understood, or is that of another run. */
  readonly malformed: readonly string[];
}

/** Manifests that are read at once: those of large runs name many objects. */
const AT_ONCE = 8;

export const MANIFEST = 'manifest.json';

export async function readRecords(store: ReportStore): Promise<Records> {
  const folders = new Map<string, string[]>();
  for await (const key of store.list(RUNS_FOLDER)) {
    const found = inRunFolder(key);
    if (found === null) continue;
    const names = folders.get(found.folder);
    if (names === undefined) folders.set(found.folder, [found.name]);
    else names.push(found.name);
  }
  const whole = [...folders].filter(([, names]) => names.includes(MANIFEST)).map(([folder]) => folder);
  const read = await inParallel(whole, AT_ONCE, (folder) => readRecord(store, folder));
  const records = read.filter((record) => record !== null);
  const understood = new Set(records.map(({ folder }) => folder));
  return {
    records: records.toSorted((a, b) => compareText(startOf(a), startOf(b))),
    folders,
    malformed: whole.filter((folder) => !understood.has(folder)).sort(),
  };
}

const startOf = ({ manifest: { run } }: StoredRecord): string => `${run.startedAt} ${run.id}`;

async function readRecord(store: ReportStore, folder: string): Promise<StoredRecord | null> {
  const bytes = await store.get(`${folder}/${MANIFEST}`);
  if (bytes === null) return null;
  try {
    const manifest = parseManifest(Buffer.from(bytes).toString('utf8'));
    return runFolder(manifest.run.id) === folder
      ? { folder, sha256: sha256Of(bytes), bytes, manifest }
      : null;
  } catch (error) {
    if (error instanceof ReadError) return null;
    throw error;
  }
}
