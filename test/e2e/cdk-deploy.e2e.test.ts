import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AwsCredentials } from './environment/aws-services.ts';
import { added, fresh } from './support/deployments.ts';
import { type Inventory, openStacks, type Stacks } from './support/stacks.ts';

/**
 * `npm run deploy` as a person runs it: the CDK's own command line bundles the functions, publishes them and the template to
 * the bucket of the bootstrap, and deploys by a change set. moto lets anyone take on the roles of the bootstrap.
 */
const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

let stacks: Stacks;
let folder: string;
let credentials: AwsCredentials;
let before: Inventory;

beforeAll(async () => {
  stacks = await openStacks();
  folder = mkdtempSync(join(tmpdir(), 'cdk-deploy-'));
  const { aws } = stacks;
  credentials = await aws.assumeRole(`arn:aws:iam::${aws.accountId}:role/owner`);
  const s3 = new S3Client({ region: aws.region, endpoint: aws.url, credentials, forcePathStyle: true });
  await s3.send(
    new CreateBucketCommand({
      Bucket: `cdk-hnb659fds-assets-${aws.accountId}-${aws.region}`,
      CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
    }),
  );
  s3.destroy();
  before = await stacks.inventory();
});

afterAll(async () => {
  await stacks?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

async function cdk(...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run(
    process.execPath,
    [join(ROOT, 'node_modules/aws-cdk/bin/cdk'), ...args, '--no-notices', '--output', join(folder, 'out')],
    {
      cwd: ROOT,
      env: {
        ...process.env,
        ...stacks.aws.environmentFor(credentials),
        HOME: folder,
        CDK_VALIDATION: 'false',
        CDK_DISABLE_CLI_TELEMETRY: 'true',
      },
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  return `${stdout}${stderr}`;
}

test('cdk deploy makes the stack with functions that are bundled, and cdk destroy takes it away', async () => {
  expect(await cdk('deploy', 'EksDriftAuditor', '--require-approval', 'never')).toContain(
    '✅  EksDriftAuditor',
  );
  const made = fresh(before, await stacks.inventory());
  const functions = Object.values(made['functions'] ?? {});
  expect(functions.map(({ Description }) => Description).toSorted()).toEqual([
    'Audits all clusters and sends the digest',
    'Measures the age of the last run',
  ]);
  for (const { CodeSize } of functions) expect(Number(CodeSize)).toBeGreaterThan(200_000);

  expect(await cdk('deploy', 'EksDriftAuditor', '--require-approval', 'never')).toContain('(no changes)');
  await cdk('destroy', 'EksDriftAuditor', '--force');
  expect(added(before, await stacks.inventory())).toEqual({ buckets: 2, keys: 2, logGroups: 2 });
});
