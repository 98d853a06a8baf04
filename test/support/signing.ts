import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Signer } from '../../lambda/store/signing.ts';

export interface TestSigner extends Signer {
  /** As {@link Signer.sign}, at once. */
  readonly signNow: (digest: Uint8Array) => Uint8Array;
  /** As `aws kms get-public-key` and OpenSSL give it. */
  readonly publicKey: string;
  /** How often it has signed. */
  readonly signed: () => number;
}

/**
 * Signs digests as KMS does with a key of the kind ECC_NIST_P256. Node.js signs messages only, and hashes them itself; so
 * OpenSSL does it, which auditors verify with, too.
 */
export function aSigner(name = 'signing-key'): TestSigner {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  let signed = 0;
  const signNow = (digest: Uint8Array): Uint8Array => {
    signed++;
    const folder = mkdtempSync(join(tmpdir(), 'signing-'));
    try {
      const [key, input] = [join(folder, 'key.pem'), join(folder, 'digest')];
      writeFileSync(key, pem);
      writeFileSync(input, digest);
      return execFileSync('openssl', ['pkeyutl', '-sign', '-inkey', key, '-in', input]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  return {
    keyArn: `arn:aws:kms:eu-west-1:111122223333:key/${name}`,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    signed: () => signed,
    signNow,
    sign: async (digest) => signNow(digest),
  };
}
