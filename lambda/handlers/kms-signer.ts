import type { CredentialsProvider } from '../connect/aws/client.ts';
import { openKmsKey } from '../connect/aws/kms-sign.ts';
import { AuditorError, ReadError } from '../errors.ts';
import { orAborted } from '../or-aborted.ts';
import type { Signer } from '../store/signing.ts';

export interface KmsSignerSettings {
  readonly keyArn: string;
  /** Those of the function. */
  readonly credentials: CredentialsProvider;
  /** Ends the writing of the record. */
  readonly recording: AbortSignal;
}

/** A signer whose key is in KMS, with what keeps it from signing as one sentence. */
export function openKmsSigner({ keyArn, credentials, recording }: KmsSignerSettings): Signer & {
  close(): void;
} {
  const key = openKmsKey({ keyArn, credentials });
  const tooLate = (): AuditorError =>
    new AuditorError(
      `The key ${keyArn} gave no signature in the time that the function had left; look at the health of KMS, or give the function more time.`,
    );
  return {
    keyArn,
    async sign(digest) {
      if (recording.aborted) throw tooLate();
      try {
        return await orAborted(key.sign(digest), recording, tooLate);
      } catch (error) {
        if (!(error instanceof ReadError)) throw error;
        throw new AuditorError(`${error.message} ${error.remedy}`);
      }
    },
    close: () => key.close(),
  };
}
