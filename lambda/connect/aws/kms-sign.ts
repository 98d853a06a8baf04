import * as z from 'zod';
import { ReadError } from '../../errors.ts';
import type { AwsSettings, CredentialsProvider } from './client.ts';
import { awsError } from './errors.ts';
import { jsonRefusal } from './json-refusal.ts';
import { serviceEndpoint } from './service-endpoint.ts';
import { openSigned } from './signed-requests.ts';

/** Signs with one asymmetric key of KMS. The SDK's client is not used: one action of it is called. */
export interface KmsKey {
  /**
   * An ECDSA signature in DER over a SHA-256 digest. Needs `kms:Sign` with the key.
   * https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
   * @throws ReadError
   */
  sign(digest: Uint8Array): Promise<Uint8Array>;
  close(): void;
}

export interface KmsKeySettings extends Omit<AwsSettings, 'region'> {
  /** The region of it is where the key is asked for. */
  readonly keyArn: string;
  readonly credentials: CredentialsProvider;
}

const ANSWER = z.object({ Signature: z.base64().min(1) });

export function openKmsKey({ keyArn, ...given }: KmsKeySettings): KmsKey {
  const [, , , region = ''] = keyArn.split(':');
  const settings = { ...given, region };
  const requests = openSigned({
    service: 'kms',
    settings,
    endpoint: () => serviceEndpoint('kms', region, settings.endpoint),
    contentType: 'application/x-amz-json-1.1',
    headers: { 'x-amz-target': 'TrentService.Sign' },
    refusal: jsonRefusal('KMS'),
  });
  return {
    async sign(digest) {
      const request = {
        KeyId: keyArn,
        Message: Buffer.from(digest).toString('base64'),
        // What is larger than 4,096 bytes can only be signed by its digest.
        MessageType: 'DIGEST',
        SigningAlgorithm: 'ECDSA_SHA_256',
      };
      try {
        const { Signature } = await requests.post('', JSON.stringify(request), (text) =>
          ANSWER.parse(JSON.parse(text)),
        );
        return Buffer.from(Signature, 'base64');
      } catch (error) {
        throw explained(error, keyArn, region);
      }
    },
    close: () => requests.close(),
  };
}

/** What KMS says of the key itself. https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html#API_Sign_Errors */
const REMEDIES: Readonly<Record<string, string>> = {
  DisabledException: 'Enable the key.',
  KMSInvalidStateException: 'Cancel the deletion of the key and enable it, or configure another one.',
  NotFoundException: 'Configure the ARN of a key that exists.',
  InvalidKeyUsageException: 'Configure a key of the kind ECC_NIST_P256 that signs and verifies.',
  AccessDeniedException: 'Allow kms:Sign in the IAM policy of this role and in the policy of the key.',
};

function explained(error: unknown, keyArn: string, region: string): ReadError {
  const call = { action: 'kms:Sign', what: `the key ${keyArn}`, region, verified: true };
  const said = awsError(error, call);
  const remedy = REMEDIES[(error as { name?: string } | null)?.name ?? ''];
  return remedy === undefined ? said : new ReadError(said.reason, said.message, remedy, error);
}
