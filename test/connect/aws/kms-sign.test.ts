import { afterEach, describe, expect, test } from '@jest/globals';
import { openKmsKey } from '../../../lambda/connect/aws/kms-sign.ts';
import { hubCredentials } from '../../support/aws-server.ts';
import { type AwsAnswer, type AwsService, startAwsService } from '../../support/aws-service.ts';

const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

let service: AwsService;
afterEach(() => service.close());

/** KMS gives these answers, one after the other. */
async function kms(...answers: readonly AwsAnswer[]) {
  service = await startAwsService((_, before) => answers[before] ?? { status: 500, body: '' });
  return { endpoint: service.url, asked: service.asked };
}

const signature = Buffer.from('a signature');
const SIGNED = { status: 200, body: JSON.stringify({ KeyId: KEY, Signature: signature.toString('base64') }) };
const refused = (code: string, status = 400) => ({
  status,
  body: JSON.stringify({ __type: code, message: 'as planned' }),
});

async function sign(endpoint: string): Promise<Uint8Array> {
  const key = openKmsKey({ keyArn: KEY, endpoint, credentials: hubCredentials, maxAttempts: 3 });
  try {
    return await key.sign(Buffer.alloc(32, 7));
  } finally {
    key.close();
  }
}

describe('a signature of KMS', () => {
  test('KMS is asked for a signature over the digest, in the region of the key', async () => {
    const { endpoint, asked } = await kms(SIGNED);
    expect(Buffer.from(await sign(endpoint))).toEqual(signature);
    const [{ headers, body } = { headers: {}, body: '{}' }] = asked;
    expect(JSON.parse(body)).toEqual({
      KeyId: KEY,
      Message: Buffer.alloc(32, 7).toString('base64'),
      MessageType: 'DIGEST',
      SigningAlgorithm: 'ECDSA_SHA_256',
    });
    expect(headers).toMatchObject({
      'x-amz-target': 'TrentService.Sign',
      'content-type': 'application/x-amz-json-1.1',
      authorization: expect.stringContaining('/eu-central-1/kms/aws4_request'),
    });
  });

  test('KMS is asked again where it throttles, has an error, or gives an answer without a signature', async () => {
    const { endpoint, asked } = await kms(
      refused('ThrottlingException'),
      { status: 200, body: '{}' },
      SIGNED,
    );
    await sign(endpoint);
    expect(asked).toHaveLength(3);
  });

  test.each([
    [
      'AccessDeniedException',
      /AWS denies kms:Sign for the key arn:.*eu-central-1/,
      /Allow kms:Sign in the IAM policy/,
    ],
    ['DisabledException', /kms:Sign for the key arn:.* failed/, 'Enable the key.'],
    [
      'NotFoundException',
      /failed \(NotFoundException: as planned\)/,
      'Configure the ARN of a key that exists.',
    ],
  ])('KMS refuses with %s, which is said once and with what to do', async (code, message, remedy) => {
    const { endpoint, asked } = await kms(refused(code));
    await expect(sign(endpoint)).rejects.toMatchObject({
      message: expect.stringMatching(message),
      remedy: expect.stringMatching(remedy),
    });
    expect(asked).toHaveLength(1);
  });

  test('an answer that is not of KMS is no signature', async () => {
    const { endpoint } = await kms({ status: 403, body: '<html>proxy</html>' });
    await expect(sign(endpoint)).rejects.toThrow(/HTTP status 403/);
  });
});
