import type { Shortfall } from '../report/news.ts';
import type { LinkedManifest } from './chain.ts';
import { runKey, type SealObject } from './layout.ts';
import { checksumsText } from './manifest.ts';
import { orShortfall } from './shortfall.ts';
import type { ContentOptions, ReportStore } from './store.ts';

/** Signs manifests with a key that whoever writes the store does not hold. */
export interface Signer {
  /** ARN of the key. */
  readonly keyArn: string;
  /**
   * @param digest SHA-256 of what is signed.
   * @returns an ECDSA signature in DER, other ones each time
   * @throws AuditorError when the key is refused
   */
  sign(digest: Uint8Array): Promise<Uint8Array>;
}

export interface SealOptions {
  /** `null`: the run has no key, and is not signed. */
  readonly signer: Signer | null;
  /** The manifest was written just now, so that what an interrupted delivery may have left is of another one. */
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
  const put = async (object: SealObject, content: Uint8Array, options: ContentOptions): Promise<true> => {
    const key = runKey(run, object);
    if (fresh) await store.put(key, [content], options);
    else await store.putIf(key, [content], { ...options, expected: null });
    return true;
  };
  await orShortfall('the list of hashes of the run', shortfalls, () =>
    put('SHA256SUMS', Buffer.from(checksumsText(manifest, manifest.objects)), TEXT),
  );
  if (signer === null || manifest.signingKey !== signer.keyArn) return;
  await orShortfall('the signature of the manifest', shortfalls, async () => {
    if (!fresh && (await store.get(runKey(run, 'manifest.json.sig'))) !== null) return true;
    return put('manifest.json.sig', await signer.sign(Buffer.from(manifest.sha256, 'hex')), SIGNATURE);
  });
}

const TEXT = { contentType: 'text/plain; charset=utf-8' };
const SIGNATURE = { contentType: 'application/octet-stream' };
