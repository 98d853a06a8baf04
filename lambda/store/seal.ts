import type { Shortfall } from '../report/news.ts';
import type { LinkedManifest } from './chain.ts';
import { runKey } from './layout.ts';
import { checksumsText } from './manifest.ts';
import { orShortfall } from './shortfall.ts';
import { SIGNATURE_PART, type Signer } from './signing.ts';
import type { ReportStore } from './store.ts';

export interface SealOptions {
  /** `null`: the run has no key, and is not signed. */
  readonly signer: Signer | null;
  /**
   * The manifest was linked just now, with its signature or the reason why there is none; so what an interrupted delivery may
   * have left is of another one.
   */
  readonly fresh: boolean;
  /** Takes what the store or the key refuses. */
  readonly shortfalls: Shortfall[];
}

/**
 * Writes what is made from a linked manifest: its hashes as a list for `sha256sum --check`, and its signature. Of a
 * manifest that was linked earlier only what is missing, since signing gives another signature each time.
 */
export async function sealManifest(
  store: ReportStore,
  run: string,
  { manifest, signer, fresh, shortfalls }: SealOptions & { readonly manifest: LinkedManifest },
): Promise<void> {
  await orShortfall('the list of hashes of the run', shortfalls, async () => {
    const content = Buffer.from(checksumsText(manifest, manifest.objects));
    if (fresh) await store.put(runKey(run, 'SHA256SUMS'), [content], TEXT);
    else await store.putIf(runKey(run, 'SHA256SUMS'), [content], { ...TEXT, expected: null });
    return true;
  });
  if (fresh || signer === null || manifest.signingKey !== signer.keyArn) return;
  await orShortfall(SIGNATURE_PART, shortfalls, async () => {
    const there = await store.getVersioned(runKey(run, 'manifest.json.sig'));
    // Emptied, where the manifest that it was of was replaced.
    if (there !== null && there.bytes.byteLength > 0) return true;
    const signature = await signer.sign(Buffer.from(manifest.sha256, 'hex'));
    const expected = there?.version ?? null;
    await store.putIf(runKey(run, 'manifest.json.sig'), [signature], { ...SIGNATURE, expected });
    return true;
  });
}

const TEXT = { contentType: 'text/plain; charset=utf-8' };
const SIGNATURE = { contentType: 'application/octet-stream' };
