import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { ReadError } from '../../errors.ts';
import { type AwsSettings, bounded, type CredentialsProvider, serviceConfig } from './client.ts';
import { awsError } from './errors.ts';

/** A role to assume, with what its trust policy asks for. Plain JSON: it travels with a cluster target. */
export interface AwsRole {
  readonly arn: string;
  readonly externalId: string | null;
  /** Session tags; the trust policy must then allow `sts:TagSession`. */
  readonly tags: Readonly<Record<string, string>>;
}

/** Credentials, with the account that AWS says they are of. */
export interface AwsAccount {
  readonly accountId: string;
  /** `aws`, `aws-cn`, `aws-us-gov`… */
  readonly partition: string;
  /** The IAM role or user behind the credentials, as an access entry names it; the path of a role is not known. */
  readonly principalArn: string;
  readonly credentials: CredentialsProvider;
}

export interface AwsRequest {
  /** `null`: the program's own credentials. */
  readonly role: AwsRole | null;
  /** The account that the credentials must be of; `null`: whichever they are of. */
  readonly accountId: string | null;
}

/** Credentials for accounts. Each is asked for once, and its account verified, in the life of this object. */
export interface AwsAccess {
  readonly settings: AwsSettings;
  /** @throws ReadError when there are no credentials, or they are of another account than expected */
  account(request: AwsRequest): Promise<AwsAccount>;
  close(): void;
}

/** Shows in CloudTrail, and as the end of the user name in the audit log of the API server. */
const SESSION_NAME = 'eks-drift-auditor';

export function openAwsAccess(settings: AwsSettings): AwsAccess {
  const sts = bounded(new STSClient(serviceConfig('sts', settings)), settings.signal);
  const clients = [sts];
  const accounts = new Map<string, Promise<AwsAccount>>();

  const assume = async (role: AwsRole): Promise<AwsAccount> => {
    const credentials = (() => assumeRole(sts, role, settings)) as CredentialsProvider;
    // The client keeps the credentials, and renews them before they expire.
    const client = bounded(
      new STSClient(serviceConfig('sts', { ...settings, credentials })),
      settings.signal,
    );
    clients.push(client);
    const account = await identify(client, settings, `the role ${role.arn}`);
    return { ...account, principalArn: role.arn };
  };
  return {
    settings,
    async account({ role, accountId }) {
      const key = role === null ? '' : JSON.stringify(role);
      const kept = accounts.get(key);
      const asked =
        kept ?? (role === null ? identify(sts, settings, "this program's own credentials") : assume(role));
      accounts.set(key, asked);
      const account = await asked;
      const expected = accountId ?? (role === null ? null : accountOfArn(role.arn));
      if (expected !== null && account.accountId !== expected) throw otherAccount(account, expected, role);
      return account;
    },
    close: () => {
      for (const client of clients) client.destroy();
    },
  };
}

async function assumeRole(sts: STSClient, role: AwsRole, { region }: AwsSettings) {
  try {
    const { Credentials: issued } = await sts.send(
      new AssumeRoleCommand({
        RoleArn: role.arn,
        RoleSessionName: SESSION_NAME,
        ...(role.externalId === null ? {} : { ExternalId: role.externalId }),
        Tags: Object.entries(role.tags).map(([Key, Value]) => ({ Key, Value })),
      }),
    );
    if (!issued?.AccessKeyId || !issued.SecretAccessKey || !issued.SessionToken || !issued.Expiration) {
      throw new ReadError(
        'server-error',
        `AWS returned no credentials for the role ${role.arn}.`,
        'Run again later.',
      );
    }
    return {
      accessKeyId: issued.AccessKeyId,
      secretAccessKey: issued.SecretAccessKey,
      sessionToken: issued.SessionToken,
      expiration: issued.Expiration,
    };
  } catch (error) {
    throw assumeError(error, role, region);
  }
}

/** AWS does not distinguish a role that is missing from one that does not trust the caller. */
function assumeError(error: unknown, role: AwsRole, region: string): ReadError {
  const what = `the role ${role.arn}`;
  const failed = awsError(error, { action: 'sts:AssumeRole', what, region, verified: false });
  if (failed.reason !== 'forbidden') return failed;
  const asked = [
    ...(role.externalId === null ? [] : ['the external id of the configuration']),
    ...(Object.keys(role.tags).length === 0 ? [] : ['sts:TagSession']),
  ];
  const also = asked.length === 0 ? '' : `, with ${asked.join(' and ')},`;
  return new ReadError(
    'forbidden',
    failed.message,
    `Check that the role exists (the member stack creates it), that its trust policy names the caller${also} and that the caller's own policy allows sts:AssumeRole on it.`,
    error,
  );
}

const CALLER_ARN = /^arn:(?<partition>aws[a-z-]*):(?:iam|sts)::(?<account>\d{12}):(?<rest>.+)$/;

/** Asks AWS whose credentials these are: the one answer that nobody's configuration can make up. */
async function identify(client: STSClient, { region }: AwsSettings, what: string): Promise<AwsAccount> {
  let arn: string | undefined;
  let accountId: string | undefined;
  try {
    ({ Arn: arn, Account: accountId } = await client.send(new GetCallerIdentityCommand({})));
  } catch (error) {
    throw awsError(error, { action: 'sts:GetCallerIdentity', what, region, verified: false });
  }
  const found = CALLER_ARN.exec(arn ?? '')?.groups;
  if (!found || !accountId || found['account'] !== accountId) {
    throw new ReadError(
      'server-error',
      `AWS did not return the account of ${what}.`,
      'Check AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_STS, if they are set.',
    );
  }
  return {
    accountId,
    partition: found['partition'] ?? 'aws',
    principalArn: principalArn(arn ?? ''),
    credentials: client.config.credentials,
  };
}

/** Of `arn:aws:sts::1:assumed-role/NAME/SESSION` the role; everything else stands for itself. */
function principalArn(callerArn: string): string {
  return callerArn.replace(/^arn:([^:]+):sts::(\d+):assumed-role\/([^/]+)\/.*$/, 'arn:$1:iam::$2:role/$3');
}

/** @returns `null` for what is no ARN of an IAM role */
export function accountOfArn(roleArn: string): string | null {
  return /^arn:aws[a-z-]*:iam::(\d{12}):role\/[\w+=,.@/-]+$/.exec(roleArn)?.[1] ?? null;
}

function otherAccount(account: AwsAccount, expected: string, role: AwsRole | null): ReadError {
  const whose =
    role === null ? "This program's own credentials are" : `The credentials of the role ${role.arn} are`;
  return new ReadError(
    'unauthorized',
    `${whose} of account ${account.accountId}, not of account ${expected}; nothing was read with them.`,
    role === null
      ? 'List the account with its roleName under accounts, give --role-arn, or use credentials of that account.'
      : 'Check AWS_ENDPOINT_URL_STS and the role.',
  );
}
