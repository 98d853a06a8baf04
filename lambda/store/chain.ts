import * as z from 'zod';
import { AuditorError, ReadError } from '../errors.ts';
import type { RunResult } from '../findings/run-result.ts';
import { jsonLine } from '../report/rows.ts';
import { latestKey, MANIFEST_HEAD, runKey } from './layout.ts';
import {
  type Manifest,
  type ManifestObject,
  manifestOf,
  manifestText,
  type PreviousManifest,
  parseManifest,
  sha256Of,
} from './manifest.ts';
import type { ReportStore, StoredObject } from './store.ts';

const JSON_TYPE = { contentType: 'application/json' };
const LINK = z.object({ run: z.string().min(1), sha256: z.string() });
const HEAD = LINK.extend({ previous: LINK.nullable() });

/** The last manifest of the chain, and the one before it. */
type Head = Readonly<z.infer<typeof HEAD>>;

/** Runs that end at the same moment take turns. */
const ATTEMPTS = 20;

/** How far back a repeated run looks for itself: a delivery is repeated within a day. */
const LOOK_BACK = 50;

/**
 * Stores the manifest of a run as the new end of the chain: it names the hash of the one that was the last.
 * Of runs that end together one is first and the others continue it, so that the chain has no forks.
 *
 * Repeating it gives the same manifest, as long as no other run has continued it; see {@link isLinked}.
 */
export async function linkManifest(
  store: ReportStore,
  run: RunResult,
  objects: readonly ManifestObject[],
): Promise<StoredObject> {
  const { id } = run.run;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const head = await readHead(store);
    const previous = await previousOf(store, head?.value ?? null, id);
    const text = manifestText(manifestOf(run, objects, previous));
    const manifest = await store.put(runKey(id, 'manifest.json'), [Buffer.from(text, 'utf8')], JSON_TYPE);
    const value: Head = { run: id, sha256: manifest.sha256, previous };
    if (head?.value?.run === id && head.value.sha256 === manifest.sha256) return manifest;
    const expected = head?.version ?? null;
    const moved = await store.putIf(MANIFEST_HEAD, [Buffer.from(`${jsonLine(value)}\n`)], {
      ...JSON_TYPE,
      expected,
    });
    if (moved !== null) return manifest;
  }
  throw new AuditorError(
    `Other runs kept changing ${store.location(MANIFEST_HEAD)}; run again when fewer of them run at once.`,
  );
}

/** Whether the manifest of a run is part of the chain already, so that its record is complete. */
export async function isLinked(store: ReportStore, runId: string): Promise<boolean> {
  let link: z.infer<typeof LINK> | null = (await readHead(store))?.value ?? null;
  for (let step = 0; link !== null && step < LOOK_BACK; step++) {
    const bytes = await store.get(runKey(link.run, 'manifest.json'));
    if (bytes === null) return false;
    if (link.run === runId) return sha256Of(bytes) === link.sha256;
    link = readManifest(bytes)?.previous ?? null;
  }
  return false;
}

/** The run whose manifest that of this run continues; `null`: none, or its manifest is not there or not understood. */
export async function previousRun(store: ReportStore, runId: string): Promise<string | null> {
  const bytes = await store.get(runKey(runId, 'manifest.json'));
  return bytes === null ? null : (readManifest(bytes)?.previous?.run ?? null);
}

interface StoredHead {
  /** `null` when it cannot be understood: no reason to lose the run, and `verifyChain` shows where. */
  readonly value: Head | null;
  readonly version: string;
}

async function readHead(store: ReportStore): Promise<StoredHead | null> {
  const stored = await store.getVersioned(MANIFEST_HEAD);
  if (stored === null) return null;
  const parsed = HEAD.safeParse(parseJson(stored.bytes));
  return { value: parsed.success ? parsed.data : null, version: stored.version };
}

/** A run that is repeated keeps the predecessor that it named the first time. */
async function previousOf(
  store: ReportStore,
  head: Head | null,
  runId: string,
): Promise<PreviousManifest | null> {
  if (head === null) return beforeHeads(store, runId);
  if (head.run === runId) return head.previous;
  return { run: head.run, sha256: head.sha256 };
}

const LATEST = z.object({ run: z.object({ id: z.string().min(1) }) });

/** Where there is no head yet, the chain goes on from the run to which `latest/` leads. */
async function beforeHeads(store: ReportStore, runId: string): Promise<PreviousManifest | null> {
  const latest = await store.get(latestKey('summary.json'));
  const parsed = LATEST.safeParse(latest === null ? null : parseJson(latest));
  if (!parsed.success || parsed.data.run.id === runId) return null;
  const { id } = parsed.data.run;
  const manifest = await store.get(runKey(id, 'manifest.json'));
  return manifest === null ? null : { run: id, sha256: sha256Of(manifest) };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return null;
  }
}

function readManifest(bytes: Uint8Array): Manifest | null {
  try {
    return parseManifest(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    if (error instanceof ReadError) return null;
    throw error;
  }
}
