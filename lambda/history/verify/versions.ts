import type { KeyObject } from 'node:crypto';
import { AuditorError, ReadError } from '../../errors.ts';
import { count, listed } from '../../report/words.ts';
import { inRunFolder } from '../../store/layout.ts';
import { parseManifest, sha256Of } from '../../store/manifest.ts';
import { isNote } from '../../store/run-notes.ts';
import type { ExpiryRule, ObjectVersion, StoreHistory } from '../../store/store-history.ts';
import { allOf } from '../all-of.ts';
import { MANIFEST, type StoredRecord } from '../records.ts';
import { ruleThatEnded } from './expiry.ts';
import { type Point, point } from './point.ts';
import { isSigned, SIGNATURE } from './signatures.ts';

const versions = point('versions');
const SHOWN = 3;

export interface VersionsOptions {
  readonly history: StoreHistory;
  readonly rules: readonly ExpiryRule[];
  readonly keys: readonly KeyObject[];
}

/** Whether the objects of a record were ever replaced by other ones, or deleted. */
export async function versionsPoint(record: StoredRecord, options: VersionsOptions): Promise<Point> {
  const { id } = record.manifest.run;
  try {
    if (!(await options.history.isVersioned())) {
      return versions(
        'not verifiable',
        'The bucket keeps no versions, so it is not known what was replaced.',
        id,
      );
    }
    const traces = await tracesOf(record, options);
    return traces.length === 0
      ? versions('pass', 'No object was replaced by another one, or deleted.', id)
      : versions('fail', `${count(traces.length, 'trace')} of changes: ${listed(traces, SHOWN)}.`, id);
  } catch (error) {
    if (error instanceof AuditorError) return versions('not verifiable', error.message, id);
    throw error;
  }
}

async function tracesOf(record: StoredRecord, options: VersionsOptions): Promise<readonly string[]> {
  const { folder, manifest } = record;
  const outside = manifest.objects.map(({ key }) => key).filter((key) => !key.startsWith(`${folder}/`));
  const traces: string[] = [];
  for (const prefix of [`${folder}/`, ...outside]) {
    const found = await allOf(options.history.versions(prefix));
    for (const [key, all] of Map.groupBy(found, (version) => version.key)) {
      if (prefix !== `${folder}/` && key !== prefix) continue;
      if (!isNote(inRunFolder(key)?.name ?? ''))
        traces.push(...(await tracesOfKey(key, all, { record, options })));
    }
  }
  return traces;
}

interface Context {
  readonly record: StoredRecord;
  readonly options: VersionsOptions;
}

/** A run that is repeated writes its objects again: the same content twice is no trace. */
async function tracesOfKey(
  key: string,
  all: readonly ObjectVersion[],
  { record, options }: Context,
): Promise<readonly string[]> {
  const written = all.filter(({ deleted }) => !deleted);
  const last = Math.max(...written.map(({ at }) => at), 0);
  const traces = all.flatMap(({ deleted, at }) =>
    deleted && ruleThatEnded(options.rules, key, at - last) === null
      ? [`${key} was deleted on ${new Date(at).toISOString()}`]
      : [],
  );
  if (written.length < 2) return traces;
  for (const version of written) {
    const bytes = await options.history.getVersion(key, version.id);
    if (bytes === null || isOfRecord(key, bytes, { record, options })) continue;
    traces.push(`${key} had another content since ${new Date(version.at).toISOString()}`);
  }
  return traces;
}

/** Whether the run itself can have written it. */
function isOfRecord(key: string, bytes: Uint8Array, { record, options }: Context): boolean {
  const { folder, manifest } = record;
  if (key === `${folder}/${MANIFEST}`) return isAttempt(bytes, record);
  // Each signature is another one; without the key none can be told from another.
  if (key === `${folder}/${SIGNATURE}`) {
    return options.keys.length === 0 || isSigned(record.bytes, bytes, options.keys);
  }
  const named = manifest.objects.find((object) => object.key === key);
  // `SHA256SUMS` follows from the manifest, which is compared with it elsewhere.
  return named === undefined || named.sha256 === sha256Of(bytes);
}

/** Of runs that end at the same moment one takes another number than it tried first; all else stays. */
function isAttempt(bytes: Uint8Array, { manifest }: StoredRecord): boolean {
  try {
    const { previous: _, sequence: __, ...rest } = parseManifest(Buffer.from(bytes).toString('utf8'));
    const { previous: ___, sequence: ____, ...own } = manifest;
    return JSON.stringify(rest) === JSON.stringify(own);
  } catch (error) {
    if (error instanceof ReadError) return false;
    throw error;
  }
}
