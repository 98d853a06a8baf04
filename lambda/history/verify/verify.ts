import type { KeyObject } from 'node:crypto';
import { AuditorError, UsageError } from '../../errors.ts';
import { count, listed } from '../../report/words.ts';
import { folderOfRows, ROW_FOLDERS, runFolder, startOfRunId } from '../../store/layout.ts';
import type { ReportStore } from '../../store/store.ts';
import type { StoreHistory } from '../../store/store-history.ts';
import { allOf } from '../all-of.ts';
import { segmentsOf } from '../chain-of-records.ts';
import { MANIFEST, type Records, readRecords, type StoredRecord } from '../records.ts';
import { beginningPoint } from './beginning.ts';
import { endPoints } from './end.ts';
import { readExpiry, rulesOf } from './expiry.ts';
import { objectPoints } from './objects.ts';
import { type Outcome, outcomeOf, type Point, point } from './point.ts';
import { sequencePoints } from './sequence.ts';
import { signaturePoints } from './signatures.ts';
import { unfinishedPoints } from './unfinished.ts';
import { versionsPoint } from './versions.ts';

export interface VerifyOptions {
  readonly store: ReportStore;
  /** `null`: a folder remembers nothing. */
  readonly history: StoreHistory | null;
  /** Runs whose objects are read; `all` of them, or the newest. */
  readonly runs: readonly string[] | 'all' | 'newest';
  /** The run from which on records are verified. */
  readonly from: string | null;
  /** Hashes of manifests that somebody kept elsewhere. */
  readonly expected: readonly string[];
  /** Public keys of the signing key, of which one must have signed. */
  readonly keys: readonly KeyObject[];
  /** Epoch milliseconds. */
  readonly now: number;
}

export interface Verification {
  readonly outcome: Outcome;
  readonly points: readonly Point[];
  /** What is worth knowing and proves nothing. */
  readonly notes: readonly string[];
  /** Those whose objects were read. */
  readonly runs: readonly string[];
}

/** Whether the records of a store are complete and unchanged, point by point. */
export async function verifyRecords(options: VerifyOptions): Promise<Verification> {
  const { store, history, expected, keys, now } = options;
  const found = await readRecords(store);
  const segments = segmentsOf(found.records);
  const all = segments.flatMap(({ records }) => records);
  const begin = options.from === null ? 0 : indexOf(all, options.from);
  const records = all.slice(begin);
  const chosen = chosenOf(records, options.runs);
  const expiry = await readExpiry(history);
  const rows = await rowsByFolder(store);
  const rules = rulesOf(expiry);
  const [first] = records;
  const perRun: Point[] = [];
  for (const record of chosen) {
    const names = found.folders.get(record.folder) ?? [];
    const options = { store, names, rows: rows.get(record.folder) ?? [], rules, now };
    perRun.push(...(await objectPoints(record, options)));
    if (history !== null) perRun.push(await versionsPoint(record, { history, rules, keys }));
  }
  const kept = new Set(records);
  const seen = segments
    .map((segment) => ({ ...segment, records: segment.records.filter((record) => kept.has(record)) }))
    .filter((segment) => segment.records.length > 0);
  const points = [
    ...(records.length === 0 ? [NOTHING] : perRun),
    ...(options.runs === 'all'
      ? [...(await unfinishedPoints(found, records, { store, rows })), ...ofNoRun(found, rows, first)]
      : []),
    ...(await signaturePoints(records, { store, keys })),
    ...sequencePoints(seen, found.malformed),
    ...(first === undefined ? [] : [await beginningPoint(first, { ...options, expiry })]),
    ...(await endPoints(records, { store, expected })),
  ];
  return {
    outcome: outcomeOf(points),
    points,
    notes: await notesOf(history, records.at(-1)),
    runs: chosen.map(({ manifest }) => manifest.run.id),
  };
}

function indexOf(records: readonly StoredRecord[], run: string): number {
  const index = records.findIndex(({ manifest }) => manifest.run.id === run);
  if (index < 0) throw new UsageError(`There is no record of a run ${run} to begin with.`);
  return index;
}

function chosenOf(records: readonly StoredRecord[], runs: VerifyOptions['runs']): readonly StoredRecord[] {
  if (runs === 'all') return records;
  if (runs === 'newest') return records.slice(-1);
  return runs.map((run) => {
    const found = records.find(({ manifest }) => manifest.run.id === run);
    if (found === undefined) throw new UsageError(`There is no record of a run ${run}.`);
    return found;
  });
}

/** Keys of rows, by the folder of their run. */
async function rowsByFolder(store: ReportStore): Promise<ReadonlyMap<string, readonly string[]>> {
  const keys: string[] = [];
  for (const folder of ROW_FOLDERS) keys.push(...(await allOf(store.list(folder))));
  return Map.groupBy(keys, folderOfRows);
}

/** An empty folder, or a store of which everything was deleted: who asked has to know that nothing was looked at. */
const NOTHING = point('objects')(
  'not verifiable',
  'There is no record of a run here, so nothing was verified.',
);

const added = point('added');
const SHOWN = 3;

/** Rows that belong to no run that is there: tables over them would count them. */
function ofNoRun(
  { folders }: Records,
  rows: ReadonlyMap<string, readonly string[]>,
  first: StoredRecord | undefined,
): readonly Point[] {
  const others = [...rows].filter(([folder]) => !folders.has(folder));
  const begun = first === undefined ? 0 : Date.parse(first.manifest.run.startedAt);
  // Rules that let rows end may be a day behind those for the runs.
  const isOlder = (folder: string): boolean =>
    (startOfRunId(folder.slice(folder.indexOf('/') + 1)) ?? Number.POSITIVE_INFINITY) < begun;
  const older = others.filter(([folder]) => isOlder(folder)).flatMap(([, keys]) => keys);
  const newer = others.filter(([folder]) => !isOlder(folder)).flatMap(([, keys]) => keys);
  const isLeft = (key: string): boolean => key.startsWith('inventory/');
  const say = (outcome: Outcome, keys: readonly string[], what: string): readonly Point[] =>
    keys.length === 0
      ? []
      : [added(outcome, `${count(keys.length, 'object')} ${what}: ${listed(keys, SHOWN)}.`)];
  return [
    ...say(
      'fail',
      newer.filter((key) => !isLeft(key)),
      'of no run that is there',
    ),
    // A run that was stopped while it read clusters has stored those of the first ones.
    ...say(
      'not verifiable',
      newer.filter(isLeft),
      'of no run that is there, which a run that was stopped may have left',
    ),
    ...say('not verifiable', older, 'of runs before the first record'),
  ];
}

/** What is worth knowing of a store whose records are as they were written. */
async function notesOf(
  history: StoreHistory | null,
  last: StoredRecord | undefined,
): Promise<readonly string[]> {
  if (last === undefined) return [];
  if (history === null) {
    return ['A folder keeps no versions: that an object was replaced and put back leaves no trace.'];
  }
  try {
    const lock = await history.lockOf(`${runFolder(last.manifest.run.id)}/${MANIFEST}`);
    return [
      lock === null
        ? 'The newest manifest is not locked: whoever may delete versions in the bucket can delete records (deployment.objectLock).'
        : `The newest manifest is locked until ${lock.until} (${lock.mode}).`,
    ];
  } catch (error) {
    if (error instanceof AuditorError) return [`Whether records are locked is not known: ${error.message}`];
    throw error;
  }
}
