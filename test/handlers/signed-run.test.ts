import { verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sha256Of } from '../../lambda/store/manifest.ts';
import { aSigner } from '../support/signing.ts';
import { type Deployment, deploy } from './scheduled-run.ts';

const FIRST = '2026-11-21T06:00:00Z';

const signer = aSigner();
let deployment: Deployment;

beforeAll(async () => {
  deployment = await deploy(Date.parse(FIRST), { signer });
});

afterAll(() => deployment.close());

const objectOf = (name: string): Uint8Array => {
  const [found] = [...deployment.aws.objects].filter(([key]) => /^runs\//.test(key) && key.endsWith(name));
  return found?.[1] ?? Buffer.alloc(0);
};

describe('a scheduled run with a signing key', () => {
  test('a run whose key is refused mails all the same, says what is missing, and is signed by its repetition', async () => {
    const { aws } = deployment;
    aws.reset(new Map(), ({ service }) =>
      service === 'kms' ? { kind: 'status', status: 400, code: 'DisabledException' } : null,
    );
    const refused = await deployment.deliver(FIRST);
    expect(refused.outcome).toBe('failed');
    expect(refused.problem).toMatch(
      /the signature of the manifest: kms:Sign for the key arn:.* Enable the key\./,
    );
    expect(aws.mails).toHaveLength(1);
    expect(aws.mails[0]?.get('Message')).toContain('the signature of the manifest');
    expect(objectOf('manifest.json.sig')).toHaveLength(0);

    aws.reset(new Map(aws.objects));
    expect(await deployment.deliver(FIRST)).toEqual({ outcome: 'done', problem: '' });
    expect(aws.mails).toHaveLength(0);
    const [manifest, signature] = [objectOf('manifest.json'), objectOf('manifest.json.sig')];
    expect(verify('sha256', manifest, signer.publicKey, signature)).toBe(true);
    expect(JSON.parse(Buffer.from(manifest).toString())).toMatchObject({
      sequence: 1,
      signingKey: signer.keyArn,
    });
  });

  test('a run that is signed in its first delivery names its manifest in the mail', async () => {
    const { aws } = deployment;
    aws.reset(new Map());
    expect((await deployment.deliver(FIRST)).outcome).toBe('done');
    const [manifest, signature] = [objectOf('manifest.json'), objectOf('manifest.json.sig')];
    expect(verify('sha256', manifest, signer.publicKey, signature)).toBe(true);
    expect(aws.mails[0]?.get('Message')?.trimEnd().split('\n').at(-1)).toBe(sha256Of(manifest));
  });
});
