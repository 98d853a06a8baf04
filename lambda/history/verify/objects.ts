import { inParallel } from '../../in-parallel.ts';
import { count, listed } from '../../report/words.ts';
import { parseClusterManifest } from '../../store/cluster-manifest.ts';
import { inRunFolder, isClusterManifest } from '../../store/layout.ts';
import {
  checksumsText,
  type ManifestObject,
  type ManifestProblem,
  sha256Of,
  verifyManifest,
} from '../../store/manifest.ts';
import { isNote } from '../../store/run-notes.ts';
import type { ReportStore } from '../../store/store.ts';
import type { ExpiryRule } from '../../store/store-history.ts';
import { MANIFEST, type StoredRecord } from '../records.ts';
import { ruleThatEnded } from './expiry.ts';
import { type Point, point } from './point.ts';

export interface ObjectsOptions {
  readonly store: ReportStore;
  /** Names in the folder of the run. */
  readonly names: readonly string[];
  /** Keys of its rows, of all clusters. */
  readonly rows: readonly string[];
  readonly rules: readonly ExpiryRule[];
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Objects that are read at once: each is held whole. */
const AT_ONCE = 4;
const SHOWN = 3;

/** Whether the objects of a record are those that its manifest names, and no others. */
export async function objectPoints(record: StoredRecord, options: ObjectsOptions): Promise<readonly Point[]> {
  const { store, names, rows, now } = options;
  const { manifest, folder } = record;
  const { run } = manifest;
  const ofClusters: ManifestObject[] = [];
  const readObject = async ({ key }: ManifestObject) => {
    const bytes = await store.get(key);
    if (bytes === null) return null;
    const observed = { bytes: bytes.byteLength, sha256: sha256Of(bytes) };
    return { key, observed, bytes: isClusterManifest(key) ? bytes : null };
  };
  const named = await inParallel(manifest.objects, AT_ONCE, async (object) => {
    const found = await readObject(object);
    // Only one that is as it was written says what else was.
    if (found?.bytes != null && found.observed.sha256 === object.sha256)
      ofClusters.push(...parseClusterManifest(found.bytes));
    return found;
  });
  const read = [...named, ...(await inParallel(ofClusters, AT_ONCE, readObject))].map((found) =>
    found === null ? null : ([found.key, found.observed] as const),
  );
  const inFolder = names.map((name) => `${folder}/${name}`).filter((key) => !isBesides(key));
  const observed = new Map([
    // What is only listed is known to be there; the manifest says whether it should be.
    ...[...inFolder, ...rows].map((key) => [key, { bytes: 0, sha256: '' }] as const),
    ...read.filter((one) => one !== null),
  ]);
  const age = now - Date.parse(run.startedAt);
  const whole = { ...manifest, objects: [...manifest.objects, ...ofClusters] };
  const problems = verifyManifest(whole, observed);
  const expired = new Map<string, ExpiryRule>();
  for (const { key, problem } of problems) {
    const rule = problem === 'missing' ? ruleThatEnded(options.rules, key, age) : null;
    if (rule !== null) expired.set(key, rule);
  }
  const wrong = problems.filter(({ key, problem }) => problem !== 'added' && !expired.has(key));
  return [
    matching({ ...record, manifest: whole }, { wrong, expired }),
    ...(await checksums(record, store)),
    ...added(
      record,
      problems.filter(({ problem }) => problem === 'added'),
    ),
  ];
}

/** What the manifest cannot name, and what is no record. */
function isBesides(key: string): boolean {
  const name = inRunFolder(key)?.name ?? '';
  return [MANIFEST, 'manifest.json.sig', 'SHA256SUMS'].includes(name) || isNote(name);
}

const objects = point('objects');

function matching(
  { manifest }: StoredRecord,
  {
    wrong,
    expired,
  }: { readonly wrong: readonly ManifestProblem[]; readonly expired: ReadonlyMap<string, ExpiryRule> },
): Point {
  const { id } = manifest.run;
  if (wrong.length > 0) {
    const what = listed(
      wrong.map(({ message }) => message.replace(/\.$/, '')),
      SHOWN,
    );
    return objects('fail', `${count(wrong.length, 'object')} not as written: ${what}.`, id);
  }
  const names = [...new Set([...expired.values()].map((rule) => `${rule.id} (${rule.days} days)`))].join(
    ', ',
  );
  const ended =
    expired.size === 0 ? '' : ` ${count(expired.size, 'other')} ended by the lifecycle rule ${names}.`;
  const left = manifest.objects.length - expired.size;
  return objects('pass', `${count(left, 'object')} as the manifest names them.${ended}`, id);
}

/** The list of hashes is for people; one that says something else than the manifest misleads them. */
async function checksums(
  { folder, sha256, manifest }: StoredRecord,
  store: ReportStore,
): Promise<readonly Point[]> {
  const key = `${folder}/SHA256SUMS`;
  const found = await store.get(key);
  const right = checksumsText({ key: `${folder}/${MANIFEST}`, sha256 }, manifest.objects);
  if (found === null || Buffer.from(found).toString('utf8') === right) return [];
  return [objects('fail', `${key} does not list the hashes of the manifest.`, manifest.run.id)];
}

function added({ manifest }: StoredRecord, problems: readonly ManifestProblem[]): readonly Point[] {
  const { id } = manifest.run;
  const say = point('added');
  // Of a delivery that was interrupted a list of pods may remain that the repetition could not read again.
  const isLeft = ({ key }: ManifestProblem): boolean => key.startsWith('inventory/');
  const left = problems.filter(isLeft).map(({ key }) => key);
  const others = problems.filter((one) => !isLeft(one)).map(({ key }) => key);
  if (others.length > 0) {
    return [
      say('fail', `${count(others.length, 'object')} not written by the run: ${listed(others, SHOWN)}.`, id),
    ];
  }
  if (left.length > 0) {
    const what = `${count(left.length, 'inventory', 'inventories')} that no manifest names: ${listed(left, SHOWN)}`;
    return [say('not verifiable', `${what}; an interrupted delivery may have left it, or it was added.`, id)];
  }
  return [say('pass', 'No object was added.', id)];
}
