import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import { readLogin } from '../../../lambda/connect/aws/secret.ts';
import { ReadError } from '../../../lambda/errors.ts';
import { hubCredentials } from '../../support/aws-server.ts';
import { type AwsService, startAwsService } from '../../support/aws-service.ts';

const ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:ghcr-AbCdEf';
/** Not part of any sentence of ours. */
const PASSWORD = 'hunter2-Zq9';

let service: AwsService;
afterEach(() => service.close());

const holding = (secret: string): string => JSON.stringify({ ARN, Name: 'ghcr', SecretString: secret });

async function login(status: number, body: string | null, signal?: AbortSignal) {
  service = await startAwsService(() => ({ status, body }));
  const { url: endpoint, asked } = service;
  const settings = { region: 'eu-west-1', endpoint, credentials: hubCredentials, maxAttempts: 2 };
  const read = readLogin(ARN, signal === undefined ? settings : { ...settings, signal });
  return { read, asked };
}

async function refusedWith(status: number, body: string) {
  const { read, asked } = await login(status, body);
  const error = await read.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ReadError)) throw new Error(`not refused, but ${String(error)}`);
  // With its causes and their fields, as a log prints it.
  expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(/hunter2|Zq9/);
  return { error, times: asked.length };
}

describe('the login of a registry in Secrets Manager', () => {
  test.each([
    ['a password', { username: 'robot', password: PASSWORD }],
    ["a token, as in ECR's own secrets", { username: 'robot', accessToken: PASSWORD }],
    ['a password with more beside it', { username: 'robot', password: PASSWORD, email: 'a@example.com' }],
  ])('is %s', async (_, secret) => {
    const { read } = await login(200, holding(JSON.stringify(secret)));
    expect(await read).toEqual({ username: 'robot', password: PASSWORD });
  });

  test('is asked for once, in the region of the secret and not in that of the program', async () => {
    const { read, asked } = await login(200, holding(`{"username":"robot","password":"${PASSWORD}"}`));
    await read;
    expect(asked).toHaveLength(1);
    expect(JSON.parse(asked[0]?.body ?? '{}')).toEqual({ SecretId: ARN });
    expect(asked[0]?.headers).toMatchObject({
      'x-amz-target': 'secretsmanager.GetSecretValue',
      authorization: expect.stringContaining('/eu-central-1/secretsmanager/aws4_request'),
    });
  });

  test.each([
    ['text that is no JSON', PASSWORD],
    ['JSON that is cut off', `{"username":"robot","password":"${PASSWORD}`],
    ['JSON of another kind', `["robot","${PASSWORD}"]`],
    ['a login without a password', `{"username":"robot","secret":"${PASSWORD}"}`],
    ['a login whose password is empty', '{"username":"robot","password":""}'],
    ['a login without a user', `{"password":"${PASSWORD}"}`],
    ['a login whose user is no text', `{"username":7,"password":"${PASSWORD}"}`],
    [
      'a user with a colon, which Basic authentication cannot say',
      `{"username":"a:b","password":"${PASSWORD}"}`,
    ],
  ])('is not %s', async (_, secret) => {
    const { error, times } = await refusedWith(200, holding(secret));
    expect(error).toMatchObject({
      reason: 'malformed-object',
      message: `The secret ${ARN} is not a login.`,
      remedy: expect.stringContaining('{"username": "…", "password": "…"}'),
    });
    expect(times).toBe(1);
  });

  test('is not binary, which is said without asking again', async () => {
    const binary = Buffer.from(PASSWORD).toString('base64');
    const { error, times } = await refusedWith(200, JSON.stringify({ ARN, SecretBinary: binary }));
    expect(error).toMatchObject({ reason: 'malformed-object', message: expect.stringContaining('binary') });
    expect(inspect(error, { depth: 20 })).not.toContain(binary);
    expect(times).toBe(1);
  });

  test.each([
    ['words of a proxy', PASSWORD],
    ['an answer that is cut off', holding(`{"username":"robot","password":"${PASSWORD}"}`).slice(0, -9)],
    ['an answer that something has changed', `{"SecretString": ${PASSWORD}}`],
    ['an answer of another kind', JSON.stringify([PASSWORD])],
  ])('is not read from %s, and nothing of it is repeated', async (_, body) => {
    const { error, times } = await refusedWith(200, body);
    expect(error).toMatchObject({ reason: 'server-error' });
    // It may be a fault on the way.
    expect(times).toBe(2);
  });
});

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html#API_GetSecretValue_Errors */
describe('a secret that AWS does not give', () => {
  test.each([
    [
      'AccessDeniedException',
      400,
      'forbidden',
      /secretsmanager:GetSecretValue.*kms:Decrypt.*policy of the secret/s,
    ],
    ['ResourceNotFoundException', 400, 'unauthorized', /images\.registries\[\]\.secretArn/],
    ['InvalidRequestException', 400, 'unauthorized', /restore-secret/],
    ['DecryptionFailure', 400, 'forbidden', /KMS key/],
    ['UnrecognizedClientException', 400, 'unreachable', /eu-central-1/],
  ])('%s is said once and with what to do', async (code, status, reason, remedy) => {
    const { error, times } = await refusedWith(
      status,
      JSON.stringify({ __type: code, Message: 'as planned' }),
    );
    expect(error.reason).toBe(reason);
    expect(error.message).toContain(ARN);
    expect(error.remedy).toMatch(remedy);
    expect(times).toBe(1);
  });

  test('a failure on its side is tried again', async () => {
    const { error, times } = await refusedWith(500, JSON.stringify({ __type: 'InternalServiceError' }));
    expect(error.reason).toBe('server-error');
    expect(times).toBe(2);
  });

  test('a run that is out of time waits for it no longer', async () => {
    const outOfTime = new ReadError('out-of-time', 'The run ran out of time.', 'Give it more.');
    const ending = new AbortController();
    const { read } = await login(200, null, ending.signal);
    setTimeout(() => ending.abort(outOfTime), 50);
    await expect(read).rejects.toBe(outOfTime);
  });
});
