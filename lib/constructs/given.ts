import { Stack, Token } from 'aws-cdk-lib';
import { CfnKey, type IKey } from 'aws-cdk-lib/aws-kms';
import { CfnBucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { IConstruct } from 'constructs';
import { UsageError } from '../../lambda/errors.ts';
import type { Settings } from '../settings.ts';
import type { AuditorVpc } from './auditor-vpc.ts';

/** What an app gives. */
export interface Given {
  readonly settings: Settings;
  readonly key?: IKey;
  readonly signingKey?: IKey;
  readonly bucket?: IBucket;
  readonly vpc?: AuditorVpc;
}

/**
 * Refuses what an app gives and what would fail only when it is deployed, or when the function runs. Of what exists
 * already nothing is known.
 * @throws UsageError
 */
export function checkGiven({ settings, bucket, signingKey }: Partial<Given>): void {
  // Apps in JavaScript are not checked by types.
  if (settings?.config === undefined || settings.deployment === undefined) {
    throw new UsageError(
      'settings is missing: give what readSettings(FILE) or settingsFrom(OBJECT) returns.',
    );
  }
  if (bucket !== undefined && isUnversioned(bucket)) {
    throw new UsageError(
      'The bucket of the reports is not versioned, so that what is overwritten or deleted there would be lost: create it with versioned: true.',
    );
  }
  if (signingKey !== undefined && isOfAnotherKind(signingKey)) {
    throw new UsageError(
      'signingKey must be of the kind ECC_NIST_P256 that signs and verifies: create it with keySpec: KeySpec.ECC_NIST_P256 and keyUsage: KeyUsage.SIGN_VERIFY.',
    );
  }
}

function isUnversioned(bucket: IBucket): boolean {
  const made = bucket.node.defaultChild;
  if (!(made instanceof CfnBucket)) return false;
  const versioning: unknown = made.versioningConfiguration;
  if (Token.isUnresolved(versioning)) return false;
  return (versioning as { readonly status?: unknown } | undefined)?.status !== 'Enabled';
}

function isOfAnotherKind(key: IKey): boolean {
  const made = key.node.defaultChild;
  return made instanceof CfnKey && (made.keySpec !== 'ECC_NIST_P256' || made.keyUsage !== 'SIGN_VERIFY');
}

/** A line for each setting of the configuration in whose place the app gives an object. */
export function settingsInVain({
  settings: { deployment },
  key,
  signingKey,
  bucket,
  vpc,
}: Given): readonly string[] {
  const { kmsKeyArn, signing, objectLock, vpc: placement } = deployment;
  const pairs = [
    { name: 'kmsKeyArn', member: 'key', both: key !== undefined && kmsKeyArn !== null },
    // It is on by default.
    { name: 'signing', member: 'signingKey', both: signingKey !== undefined && signing !== 'on' },
    { name: 'objectLock', member: 'bucket', both: bucket !== undefined && objectLock !== null },
    { name: 'vpc', member: 'vpc', both: vpc !== undefined && placement !== null },
  ];
  return pairs
    .filter(({ both }) => both)
    .map(
      ({ name, member }) =>
        `deployment.${name} has no effect: the app gives ${member}. Leave one of them out${name === 'objectLock' ? ', and lock the bucket where it is made' : ''}.`,
    );
}

/** An auditor with its name, and the account that it is deployed to. */
interface Named {
  readonly name: string;
  readonly account: string;
}

/**
 * Roles are named after the auditor, and are global in an account.
 * @param nameOf of another construct; `undefined`: it is no auditor
 * @throws UsageError
 */
export function checkName(
  scope: IConstruct,
  { name, account }: Named,
  nameOf: (other: IConstruct) => Named | undefined,
): void {
  // Which account a stack without one is deployed to is not known, except that it is one.
  const where = Token.isUnresolved(account) ? Stack.of(scope) : scope.node.root;
  const twice = where.node
    .findAll()
    .map((other) => (other === scope ? undefined : nameOf(other)))
    .some((other) => other?.name === name && other.account === account);
  if (!twice) return;
  throw new UsageError(
    `Two auditors in one account are named ${name}, and so are their roles: set another deployment.name for one of them.`,
  );
}
