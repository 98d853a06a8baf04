import { AuditorError } from '../errors.ts';
import type { Shortfall } from '../report/news.ts';

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

/** A {@link Signer} that a run can do without. */
export interface Signing {
  readonly keyArn: string;
  /** @returns `null` when the key is refused: the run is recorded without a signature, which is said once */
  readonly sign: (digest: Uint8Array) => Promise<Uint8Array | null>;
}

/** What a person calls the part of the record that is missing then. */
export const SIGNATURE_PART = 'the signature of the manifest';

/** @param shortfalls Takes the refusal. A key that refused once is not asked again. */
export function signingBy(signer: Signer, shortfalls: Shortfall[]): Signing {
  let refused = false;
  return {
    keyArn: signer.keyArn,
    async sign(digest) {
      if (refused) return null;
      try {
        return await signer.sign(digest);
      } catch (error) {
        if (!(error instanceof AuditorError)) throw error;
        refused = true;
        shortfalls.push({ part: SIGNATURE_PART, problem: error.message });
        return null;
      }
    },
  };
}
