import * as z from 'zod';
import { ReadError } from '../../errors.ts';
import type { RegistryLogin } from '../oci/oci-api.ts';
import type { AwsSettings, CredentialsProvider } from './client.ts';
import { awsError } from './errors.ts';
import { jsonRefusal } from './json-refusal.ts';
import { serviceEndpoint } from './service-endpoint.ts';
import { openSigned } from './signed-requests.ts';

const ANSWER = z.object({ SecretString: z.string() });

/** As Secrets Manager keeps logins; ECR's own secrets for pull-through caches say `accessToken`. */
const LOGIN = z
  .object({ username: z.string(), password: z.string().optional(), accessToken: z.string().optional() })
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
  let text: string;
  try {
    const question = JSON.stringify({ SecretId: secretArn });
    ({ SecretString: text } = await requests.post('', question, (body) => ANSWER.parse(JSON.parse(body))));
  } catch (error) {
    throw awsError(error, {
      action: 'secretsmanager:GetSecretValue',
      what: secretArn,
      region,
      verified: true,
    });
  } finally {
    requests.close();
  }
  const login = LOGIN.safeParse(parsed(text));
  if (login.success) return login.data;
  throw new ReadError(
    'malformed-object',
    `The secret ${secretArn} is not a login.`,
    'Store it as JSON: {"username": "…", "password": "…"}.',
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
