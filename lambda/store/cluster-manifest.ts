import * as z from 'zod';
import { ReadError } from '../errors.ts';
import { compareText } from '../inventory/workload.ts';
import { jsonLine } from '../report/rows.ts';
import type { ManifestObject } from './manifest.ts';

const OBJECT = z.strictObject({
  key: z.string().min(1),
  bytes: z.number().int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const FORM = z.strictObject({
  clusterManifestVersion: z.literal(1),
  /** Id of the run. */
  run: z.string().min(1),
  objects: z.array(OBJECT),
});

/**
 * The objects of one cluster of a fleet in a run, with their hashes. The manifest of the run names this list with its
 * hash, so that what vouches for the run vouches for each of them.
 */
export function clusterManifestText(run: string, objects: readonly ManifestObject[]): string {
  const sorted = objects
    .map(({ key, bytes, sha256 }) => ({ key, bytes, sha256 }))
    .sort((a, b) => compareText(a.key, b.key));
  const lines = sorted.map((object) => jsonLine(object)).join(',\n');
  return `{\n"clusterManifestVersion": 1,\n"run": ${jsonLine(run)},\n"objects": [\n${lines}\n]\n}\n`;
}

/** @throws ReadError when the bytes are no such list */
export function parseClusterManifest(bytes: Uint8Array): readonly ManifestObject[] {
  try {
    return FORM.parse(JSON.parse(Buffer.from(bytes).toString('utf8'))).objects;
  } catch (error) {
    throw new ReadError(
      'malformed-object',
      'The list of the objects of a cluster is not one that eks-drift-audit wrote.',
      'Restore the object from the version history of the bucket, or treat the run as tampered with.',
      error,
    );
  }
}
