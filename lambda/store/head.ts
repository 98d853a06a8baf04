import * as z from 'zod';
import { AuditorError } from '../errors.ts';
import { jsonLine } from '../report/rows.ts';
import { MANIFEST_HEAD, runKey } from './layout.ts';
import { sha256Of } from './manifest.ts';
import type { ReportStore } from './store.ts';

/** Versions that did not number their runs left the sequence out. */
const LINK = z.object({
  run: z.string().min(1),
  sha256: z.string(),
  sequence: z.number().int().positive().optional(),
});

/** The objects of a manifest that is part of the chain, and may not be in the folder of its run yet. */
const PENDING = z.object({
  manifest: z.string(),
  /** Base64; `null`: the run has no key, or that was refused. */
  signature: z.string().nullable(),
});

const HEAD = LINK.extend({ previous: LINK.nullable(), pending: PENDING.optional() });

/** A manifest of the chain. */
export type Link = Readonly<z.infer<typeof LINK>>;

/** The last manifest of the chain, and the one before it. */
export type Head = Readonly<z.infer<typeof HEAD>>;

export interface StoredHead {
  /** `null` when it cannot be understood: no reason to lose the run, and `verify` shows where. */
  readonly value: Head | null;
  readonly version: string;
}

/** Runs that end at the same moment take turns. */
export const ATTEMPTS = 20;

const JSON_TYPE = { contentType: 'application/json' };
const SIGNATURE_TYPE = { contentType: 'application/octet-stream' };

export async function readHead(store: ReportStore): Promise<StoredHead | null> {
  const stored = await store.getVersioned(MANIFEST_HEAD);
  if (stored === null) return null;
  const parsed = HEAD.safeParse(parseJson(stored.bytes));
  return { value: parsed.success ? parsed.data : null, version: stored.version };
}

/**
 * The head, after what is pending in it was stored in the folder of its run: a run that was killed right after it became part
 * of the chain is finished by whoever looks next, with the bytes that it has signed itself.
 */
export async function settledHead(store: ReportStore): Promise<StoredHead | null> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const head = await readHead(store);
    if (head?.value?.pending === undefined) return head;
    await storePending(store, head.value);
    const { pending: _, ...settled } = head.value;
    // Where it has moved meanwhile, it is read again.
    await moveHead(store, settled, head.version);
  }
  throw contended(store);
}

/** @returns whether it was still of the version that was expected; `null`: there was none */
export async function moveHead(store: ReportStore, head: Head, expected: string | null): Promise<boolean> {
  const content = Buffer.from(`${jsonLine(head)}\n`);
  return (await store.putIf(MANIFEST_HEAD, [content], { ...JSON_TYPE, expected })) !== null;
}

/** Whether the head holds the manifest that it names. Other text in its place is not of this run. */
export const holdsItsManifest = ({ sha256, pending }: Head): boolean =>
  pending !== undefined && sha256Of(Buffer.from(pending.manifest, 'utf8')) === sha256;

/**
 * Stores what is pending, unless it is there. What does not have the hash of the head is not of this run, and is left. Where a run that is
 * repeated has another manifest and no signature, that of its first manifest is emptied, since nothing may be deleted: it would look forged.
 */
export async function storePending(store: ReportStore, head: Head): Promise<void> {
  const { run, pending } = head;
  if (pending === undefined || !holdsItsManifest(head)) return;
  const manifest = Buffer.from(pending.manifest, 'utf8');
  const signature = Buffer.from(pending.signature ?? '', 'base64');
  const isSigned = pending.signature !== null;
  if (isSigned || (await replaces(store, run, manifest)))
    await putUnlessThere(store, runKey(run, 'manifest.json.sig'), signature, SIGNATURE_TYPE);
  await putUnlessThere(store, runKey(run, 'manifest.json'), manifest, JSON_TYPE);
}

/** Whether another manifest of the run is stored, and signed. */
async function replaces(store: ReportStore, run: string, manifest: Uint8Array): Promise<boolean> {
  const now = await store.get(runKey(run, 'manifest.json'));
  if (now === null || Buffer.from(now).equals(manifest)) return false;
  return (await store.get(runKey(run, 'manifest.json.sig'))) !== null;
}

/** The same content twice would be two versions for whoever looks for traces. */
async function putUnlessThere(
  store: ReportStore,
  key: string,
  bytes: Uint8Array,
  options: { readonly contentType: string },
): Promise<void> {
  const now = await store.get(key);
  if (now === null || !Buffer.from(now).equals(bytes)) await store.put(key, [bytes], options);
}

export const contended = (store: ReportStore): AuditorError =>
  new AuditorError(
    `Other runs kept changing ${store.location(MANIFEST_HEAD)}; run again when fewer of them run at once.`,
  );

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return null;
  }
}
