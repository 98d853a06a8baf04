import * as z from 'zod';
import { AuditorError, ReadError } from '../errors.ts';
import type { RunResult } from '../findings/run-result.ts';
import { ATTEMPTS, contended, type Head, type Link, moveHead, settledHead, storePending } from './head.ts';
import { latestKey, runKey } from './layout.ts';
import {
  type ManifestObject,
  type ManifestParts,
  manifestOf,
  manifestText,
  parseManifest,
  type ReadManifest,
  sha256Of,
} from './manifest.ts';
import type { Signing } from './signing.ts';
import type { ReportStore, StoredObject } from './store.ts';

/** How far back a repeated run looks for itself: a delivery is repeated within a day. */
const LOOK_BACK = 50;

/** A manifest that is part of the chain. */
export interface LinkedManifest extends StoredObject {
  /** `null` in the form of earlier versions. */
  readonly sequence: number | null;
  readonly signingKey: string | null;
  readonly objects: readonly ManifestObject[];
}

export interface LinkParts extends Pick<ManifestParts, 'objects' | 'tool'> {
  /** @defaultValue the run has no key, and is not signed */
  readonly signing?: Signing | null;
}

/**
 * Stores the manifest of a run as the new end of the chain: it names the hash of the one that was the last, and has the
 * next number. Of runs that end together one is first and the others continue it, so that the chain has no forks.
 *
 * The head of the chain moves first and holds the signed manifest until that is stored, so that a run which is killed in
 * between is part of the chain, and no manifest is stored that is not. See docs/decisions/0024.
 *
 * Repeating it gives the same manifest, as long as no other run has continued it; see {@link linkedManifest}.
 */
export async function linkManifest(
  store: ReportStore,
  run: RunResult,
  { objects: written, tool, signing = null }: LinkParts,
): Promise<LinkedManifest> {
  const { id } = run.run;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const head = await settledHead(store);
    // Another delivery of the same run may have been faster, and a later run have continued it.
    const mayBeLinked = attempt > 1 || (head?.value?.run !== id && (await isStored(store, id)));
    const done = mayBeLinked ? await linkedManifest(store, id) : null;
    if (done !== null) return done;
    const before = await previousOf(store, head?.value ?? null, id);
    const previous = before === null ? null : { run: before.run, sha256: before.sha256 };
    const sequence = (before?.sequence ?? 0) + 1;
    const signingKey = signing?.keyArn ?? null;
    const manifest = manifestOf(run, { objects: written, tool, signingKey, previous, sequence });
    const text = manifestText(manifest);
    const sha256 = sha256Of(text);
    const signature = (await signing?.sign(Buffer.from(sha256, 'hex'))) ?? null;
    const pending = {
      manifest: text,
      signature: signature === null ? null : Buffer.from(signature).toString('base64'),
    };
    const value: Head = { run: id, sha256, sequence, previous: before, pending };
    if (!(await moveHead(store, value, head?.version ?? null))) continue;
    await storePending(store, value);
    await settledOrLater(store);
    const { objects } = manifest;
    const key = runKey(id, 'manifest.json');
    return { key, bytes: Buffer.byteLength(text), sha256, sequence, signingKey, objects };
  }
  throw contended(store);
}

/** No run continues one whose manifest is not stored; see {@link settledHead}. */
const isStored = async (store: ReportStore, runId: string): Promise<boolean> =>
  (await store.get(runKey(runId, 'manifest.json'))) !== null;

/** A head that still holds what is stored costs nothing: the next run sees to it. */
async function settledOrLater(store: ReportStore): Promise<void> {
  try {
    await settledHead(store);
  } catch (error) {
    if (!(error instanceof AuditorError)) throw error;
  }
}

/** The manifest of a run that is part of the chain already, so that its record is complete; `null`: it is not. */
export async function linkedManifest(store: ReportStore, runId: string): Promise<LinkedManifest | null> {
  let link: Link | null = (await settledHead(store))?.value ?? null;
  for (let step = 0; link !== null && step < LOOK_BACK; step++) {
    const key = runKey(link.run, 'manifest.json');
    const bytes = await store.get(key);
    if (bytes === null) return null;
    const manifest = readManifest(bytes);
    if (manifest === null) return null;
    const { sequence, signingKey, objects, previous } = manifest;
    if (link.run === runId) {
      const sha256 = sha256Of(bytes);
      if (sha256 !== link.sha256) return null;
      return { key, bytes: bytes.byteLength, sha256, sequence, signingKey, objects };
    }
    link = previous;
  }
  return null;
}

/** The run whose manifest that of this run continues; `null`: none, or its manifest is not there or not understood. */
export async function previousRun(store: ReportStore, runId: string): Promise<string | null> {
  const bytes = await store.get(runKey(runId, 'manifest.json'));
  return bytes === null ? null : (readManifest(bytes)?.previous?.run ?? null);
}

/** A run that is repeated keeps the predecessor that it named the first time. */
async function previousOf(store: ReportStore, head: Head | null, runId: string): Promise<Link | null> {
  if (head === null) return beforeHeads(store, runId);
  if (head.run === runId) return head.previous;
  const { run, sha256, sequence } = head;
  return numbered(run, sha256, sequence ?? (await sequenceOf(store, run)));
}

const numbered = (run: string, sha256: string, sequence: number | null): Link =>
  sequence === null ? { run, sha256 } : { run, sha256, sequence };

/** Where the head does not say it, since an earlier version wrote that. */
async function sequenceOf(store: ReportStore, run: string): Promise<number | null> {
  const bytes = await store.get(runKey(run, 'manifest.json'));
  return bytes === null ? null : (readManifest(bytes)?.sequence ?? null);
}

const LATEST = z.object({ run: z.object({ id: z.string().min(1) }) });

/** Where there is no head yet, the chain goes on from the run to which `latest/` leads. */
async function beforeHeads(store: ReportStore, runId: string): Promise<Link | null> {
  const latest = await store.get(latestKey('summary.json'));
  const parsed = LATEST.safeParse(latest === null ? null : parseJson(latest));
  if (!parsed.success || parsed.data.run.id === runId) return null;
  const { id } = parsed.data.run;
  const manifest = await store.get(runKey(id, 'manifest.json'));
  return manifest === null
    ? null
    : numbered(id, sha256Of(manifest), readManifest(manifest)?.sequence ?? null);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return null;
  }
}

function readManifest(bytes: Uint8Array): ReadManifest | null {
  try {
    return parseManifest(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    if (error instanceof ReadError) return null;
    throw error;
  }
}
