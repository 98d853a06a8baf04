import * as z from 'zod';
import { ReadError } from '../../errors.ts';
import type { GapReason } from '../../inventory/gap.ts';
import type { RegistryLogin } from '../oci/oci-api.ts';
import type { AwsSettings, CredentialsProvider } from './client.ts';
import { awsError, codeOf } from './errors.ts';
import { jsonRefusal } from './json-refusal.ts';
import { serviceEndpoint } from './service-endpoint.ts';
import { openSigned } from './signed-requests.ts';

/** One of the two: a secret is text or bytes. */
const ANSWER = z.union([z.object({ SecretString: z.string() }), z.object({ SecretBinary: z.string() })]);

/**
 * As Secrets Manager keeps logins; ECR's own secrets for pull-through caches say `accessToken`. A user has no colon:
 * Basic authentication ends it there (https://www.rfc-editor.org/rfc/rfc7617#section-2).
 */
const LOGIN = z
  .object({
    username: z.string().regex(/^[^:]+$/),
    password: z.string().min(1).optional(),
    accessToken: z.string().min(1).optional(),
  })
  .transform(({ username, password, accessToken }, context): RegistryLogin => {
    const secret = password ?? accessToken;
    if (secret !== undefined) return { username, password: secret };
    context.addIssue({ code: 'custom', message: 'no password' });
    return z.NEVER;
  });

/**
 * The login of a registry from Secrets Manager, asked without the SDK's client for the one action that is called.
 * @throws ReadError
 */
export async function readLogin(
  secretArn: string,
  settings: AwsSettings & { readonly credentials: CredentialsProvider },
): Promise<RegistryLogin> {
  const region = secretArn.split(':')[3] ?? settings.region;
  const requests = openSigned({
    service: 'secretsmanager',
    settings: { ...settings, region },
    endpoint: () => serviceEndpoint('secretsmanager', region, settings.endpoint),
    contentType: 'application/x-amz-json-1.1',
    headers: { 'x-amz-target': 'secretsmanager.GetSecretValue' },
    // What it says may name the secret, and never its value.
    refusal: jsonRefusal('Secrets Manager'),
  });
  let answer: z.output<typeof ANSWER>;
  try {
    answer = await requests.post('', JSON.stringify({ SecretId: secretArn }), understood);
  } catch (error) {
    throw explained(error, secretArn, region);
  } finally {
    requests.close();
  }
  if (!('SecretString' in answer)) throw notALogin(secretArn, 'is binary, and not the text of a login');
  const login = LOGIN.safeParse(parsed(answer.SecretString));
  if (login.success) return login.data;
  throw notALogin(secretArn, 'is not a login');
}

/** The words of a failed parser repeat what it read, which may be the secret: they go nowhere. */
function understood(body: string): z.output<typeof ANSWER> {
  const answer = ANSWER.safeParse(parsed(body));
  if (answer.success) return answer.data;
  throw new Error('the answer is none of Secrets Manager');
}

const notALogin = (secretArn: string, how: string): ReadError =>
  new ReadError(
    'malformed-object',
    `The secret ${secretArn} ${how}.`,
    'Store it as JSON: {"username": "…", "password": "…"}.',
  );

/**
 * What is wrong with the secret itself.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html#API_GetSecretValue_Errors
 */
const REMEDIES: Readonly<Record<string, { readonly reason?: GapReason; readonly remedy: string }>> = {
  AccessDeniedException: {
    remedy:
      'Allow secretsmanager:GetSecretValue for it in the IAM policy of this role, and kms:Decrypt where a key of your own encrypts it; of another account also in the policy of the secret and in that of the key.',
  },
  DecryptionFailure: {
    reason: 'forbidden',
    remedy: 'Enable the KMS key that encrypts the secret, and allow this role kms:Decrypt with it.',
  },
  InvalidRequestException: {
    reason: 'unauthorized',
    remedy:
      'Restore the secret if it is scheduled for deletion (aws secretsmanager restore-secret), or name another one in images.registries[].secretArn.',
  },
  ResourceNotFoundException: {
    reason: 'unauthorized',
    remedy:
      'Name a secret that exists in images.registries[].secretArn, with its region and account (aws secretsmanager list-secrets).',
  },
};

function explained(error: unknown, secretArn: string, region: string): ReadError {
  const call = { action: 'secretsmanager:GetSecretValue', what: secretArn, region, verified: true };
  const said = awsError(error, call);
  const meant = REMEDIES[codeOf(error)];
  if (meant === undefined) return said;
  return new ReadError(meant.reason ?? said.reason, said.message, meant.remedy, error);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
