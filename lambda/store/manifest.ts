import { createHash } from 'node:crypto';
import * as z from 'zod';
import { ReadError } from '../errors.ts';
import type { RunResult } from '../findings/run-result.ts';
import { compareText } from '../inventory/workload.ts';
import { jsonLine, runRow } from '../report/rows.ts';

const SHA256 = z.string().regex(/^[0-9a-f]{64}$/);

const COMMON = {
  run: z.object({ id: z.string().min(1), startedAt: z.string(), version: z.string(), config: z.string() }),
  /** The complete run before this one; `null` for the first. */
  previous: z.strictObject({ run: z.string().min(1), sha256: SHA256 }).nullable(),
  /** Every object of the run but this one and what is made from it (`SealObject`), sorted by key. */
  objects: z.array(
    z.strictObject({ key: z.string().min(1), bytes: z.number().int().nonnegative(), sha256: SHA256 }),
  ),
};

/** Of versions that neither numbered nor signed their runs. */
const FIRST_FORM = z.strictObject(COMMON);

const SECOND_FORM = z.strictObject({
  manifestVersion: z.literal(2),
  ...COMMON,
  /** 1 for the first run of a store, or the first one after those of the first form; then one more each. */
  sequence: z.number().int().positive(),
  configSha256: z.string(),
  /** What made the run; the hash is that of the bundle of its function, `null` elsewhere. */
  tool: z.strictObject({ version: z.string(), bundleSha256: SHA256.nullable() }),
  /** ARN of the key that signs it; `null`: the run has none, and is not signed. */
  signingKey: z.string().min(1).nullable(),
});

/**
 * `runs/<run>/manifest.json`. It names each object that the run wrote with its hash, and the hash of the
 * manifest before it, so that a record which is changed, removed or added later shows.
 */
export type Manifest = Readonly<z.infer<typeof SECOND_FORM>>;
/** As it was read: earlier versions did not number their runs. */
export type ReadManifest = Omit<Manifest, 'manifestVersion' | 'sequence'> & {
  readonly sequence: number | null;
};
export type ManifestObject = Manifest['objects'][number];
export type PreviousManifest = NonNullable<Manifest['previous']>;
export type Tool = Manifest['tool'];

export interface ManifestParts {
  readonly objects: readonly ManifestObject[];
  readonly previous: PreviousManifest | null;
  readonly sequence: number;
  readonly tool: Tool;
  readonly signingKey: string | null;
}

/** Objects that later runs overwrite (`state/`, `latest/`) and a run's notes do not belong in a manifest. */
export function manifestOf(
  run: RunResult,
  { objects, previous, sequence, tool, signingKey }: ManifestParts,
): Manifest {
  return {
    manifestVersion: 2,
    run: runRow(run),
    sequence,
    previous,
    configSha256: run.run.config,
    tool: { version: tool.version, bundleSha256: tool.bundleSha256 },
    signingKey,
    objects: objects
      .map(({ key, bytes, sha256 }) => ({ key, bytes, sha256 }))
      .sort((a, b) => compareText(a.key, b.key)),
  };
}

/** The bytes that are stored, hashed and signed. */
export function manifestText({ objects, ...head }: Manifest): string {
  const fields = Object.entries(head).map(([name, value]) => `"${name}": ${jsonLine(value)},\n`);
  const lines = objects.map((object) => jsonLine(object)).join(',\n');
  return `{\n${fields.join('')}"objects": [\n${lines}\n]\n}\n`;
}

/** `SHA256SUMS`: what `sha256sum --check` takes in the top folder of the store. Keys need no escapes; see `keySafe`. */
export const checksumsText = (manifest: StoredManifest, objects: readonly ManifestObject[]): string =>
  [...objects, manifest].map(({ key, sha256 }) => `${sha256}  ${key}\n`).join('');

/** The manifest as an object of the store. */
export type StoredManifest = Pick<ManifestObject, 'key' | 'sha256'>;

/** @throws ReadError when the text is not a manifest. */
export function parseManifest(text: string): ReadManifest {
  try {
    const json: unknown = JSON.parse(text);
    const second = SECOND_FORM.safeParse(json);
    if (second.success) {
      const { manifestVersion: _, ...manifest } = second.data;
      return manifest;
    }
    const first = FIRST_FORM.parse(json);
    const { version, config } = first.run;
    const tool = { version, bundleSha256: null };
    return { ...first, sequence: null, configSha256: config, tool, signingKey: null };
  } catch (error) {
    throw new ReadError(
      'malformed-object',
      'The manifest is not one that eks-drift-audit wrote.',
      'Restore the object from the version history of the bucket, or treat the run as tampered with.',
      error,
    );
  }
}

/** Lower-case hexadecimal SHA-256. */
export const sha256Of = (bytes: Uint8Array | string): string =>
  createHash('sha256').update(bytes).digest('hex');

/** What an object looks like now. */
export interface ObservedObject {
  readonly bytes: number;
  readonly sha256: string;
}

export interface ManifestProblem {
  readonly key: string;
  /** `added`: it stands in the run's folder, but the manifest does not name it. */
  readonly problem: 'missing' | 'changed' | 'added';
  /** One sentence. */
  readonly message: string;
}

/**
 * Compares a manifest with what is stored: `observed` holds every object that was found, by key, that of
 * the manifest itself and the run's notes (`RunNote`) left out. An empty list means that every record is as it was written.
 */
export function verifyManifest(
  manifest: ReadManifest,
  observed: ReadonlyMap<string, ObservedObject>,
): readonly ManifestProblem[] {
  const problems: ManifestProblem[] = [];
  const named = new Set(manifest.objects.map(({ key }) => key));
  for (const { key, bytes, sha256 } of manifest.objects) {
    const found = observed.get(key);
    if (found === undefined) {
      problems.push({ key, problem: 'missing', message: `${key} is gone; it had ${bytes} bytes.` });
    } else if (found.sha256 !== sha256 || found.bytes !== bytes) {
      const message = `${key} is not what was written: SHA-256 ${found.sha256} instead of ${sha256}.`;
      problems.push({ key, problem: 'changed', message });
    }
  }
  for (const key of observed.keys()) {
    if (!named.has(key))
      problems.push({ key, problem: 'added', message: `${key} was not written by the run.` });
  }
  return problems.sort((a, b) => compareText(a.key, b.key));
}
