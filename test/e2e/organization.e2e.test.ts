import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sampleFleet } from '../sample/fleet/fleet.ts';
import { anAuthority } from '../support/certificates.ts';
import { type ApiServer, startApiServer } from '../support/kube-server/api-server.ts';
import { type AwsServices, startAwsServices } from './environment/aws-services.ts';
import { openProcesses, type Processes } from './environment/processes.ts';
import { QUIET } from './support/aws-fleet.ts';
import { type Mailbox, openMailbox } from './support/mailbox.ts';
import { openOrganization, type TestOrganization } from './support/organization.ts';

/** Accounts by organization, by AWS Organizations, STS, EKS and S3 of moto: the accounts change between runs. */
const [FIRST, JOINING, NO_ROLE, SUSPENDED] = ['222200001111', '222200002222', '222200003333', '222200004444'];
const MONDAY = Date.parse('2026-11-23T06:00:00Z');
const DAY = 86_400_000;

let processes: Processes;
let aws: AwsServices;
let api: ApiServer;
let mailbox: Mailbox;
let organization: TestOrganization;
let s3: S3Client;
let folder: string;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'organization-'));
  processes = await openProcesses();
  aws = await startAwsServices(processes);
  organization = await openOrganization(aws);
  writeFileSync(
    join(folder, 'audit.config.yaml'),
    `egress: { routing: off }
images: { registry: off }
organization: { units: [${organization.unit}], externalId: drift-4711, regions: [eu-west-1] }
`,
  );
  const authority = await anAuthority('organization CA');
  const [sample] = sampleFleet(MONDAY);
  api = await startApiServer({
    objects: (sample?.objects ?? []).slice(0, 40),
    tls: await authority.issue({ commonName: 'kube-apiserver' }),
  });
  const certificateAuthorityData = Buffer.from(authority.ca).toString('base64');
  for (const accountId of [FIRST, JOINING, NO_ROLE, SUSPENDED]) {
    await aws.putEksCluster({
      ...{ accountId, name: `of-${accountId}`, endpoint: api.url, certificateAuthorityData, version: '1.35' },
    });
  }
  const credentials = await aws.assumeRole(`arn:aws:iam::${aws.accountId}:role/EksDriftAuditor`);
  s3 = new S3Client({ region: aws.region, endpoint: aws.url, credentials, forcePathStyle: true });
  const CreateBucketConfiguration = { LocationConstraint: 'eu-west-1' } as const;
  await s3.send(new CreateBucketCommand({ Bucket: 'reports', CreateBucketConfiguration }));
  mailbox = await openMailbox(aws, 'digest');
  env = {
    ...aws.environmentFor(credentials),
    REPORT_BUCKET: 'reports',
    TOPIC_ARN: mailbox.topicArn,
    CONFIG: join(folder, 'audit.config.yaml'),
    ...QUIET,
  };
  // The SDK takes its settings from the process.
  Object.assign(process.env, env);
});

afterAll(async () => {
  s3?.destroy();
  await api?.close();
  await processes?.stop();
  if (folder) rmSync(folder, { recursive: true });
});

interface Summary {
  readonly clusters: readonly {
    readonly cluster: { readonly name: string; readonly accountId: string };
    readonly outcome: string;
    readonly notEvaluated: { readonly byReason: Readonly<Record<string, number>> };
  }[];
}

/** One run: what became of each cluster, and the mail. */
async function run(day: number) {
  const { createHandler } = await import('../../lambda/handlers/scheduled-audit.ts');
  const time = MONDAY + day * DAY;
  const context = { awsRequestId: 'e2e', memoryLimitInMB: '512', getRemainingTimeInMillis: () => 900_000 };
  const handler = createHandler({ env, clock: () => time + 5_000 });
  const { run: id } = await handler({ scheduledTime: new Date(time).toISOString() }, context);
  const read = async (key: string): Promise<string> => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'reports', Key: key }));
    return (await Body?.transformToString()) ?? '';
  };
  const { clusters } = JSON.parse(await read(`runs/${id}/summary.json`)) as Summary;
  const [mail] = await mailbox.receive();
  return {
    outcomes: Object.fromEntries(clusters.map(({ cluster, outcome }) => [cluster.name, outcome])),
    reasons: Object.fromEntries(
      clusters.map(({ cluster, notEvaluated }) => [cluster.name, Object.keys(notEvaluated.byReason)]),
    ),
    record: await read(`runs/${id}/run.json`),
    mail: (mail?.Message ?? '').replace(/\s+/g, ' '),
  };
}

test('audits the accounts of the organization as they are at each run', async () => {
  await organization.add({ id: FIRST });
  await organization.add({ id: SUSPENDED, state: 'SUSPENDED' });
  const before = await run(0);
  expect(before.outcomes).toEqual({ [`of-${FIRST}`]: 'audited' });
  // Left out, and said.
  expect(before.mail).toContain(SUSPENDED);
  expect(before.record).toContain('account-suspended');

  await organization.add({ id: JOINING });
  await organization.add({ id: NO_ROLE });
  await organization.withoutRole(`arn:aws:iam::${NO_ROLE}:role/EksDriftAuditorMember`);
  const after = await run(1);
  const place = `(all clusters of ${NO_ROLE} in eu-west-1)`;
  expect(after.outcomes).toEqual({
    [`of-${FIRST}`]: 'audited',
    [`of-${JOINING}`]: 'audited',
    [place]: 'failed',
  });
  expect(after.reasons[place]).toEqual(['forbidden']);
  expect(after.mail).toContain(
    `aws cloudformation create-stack-instances --stack-set-name EksDriftAuditorMember --regions eu-west-1 --deployment-targets Accounts=${NO_ROLE},OrganizationalUnitIds=${organization.unit},AccountFilterType=INTERSECTION`,
  );

  // The StackSet has added the role.
  await organization.withoutRole();
  const whole = await run(2);
  expect(whole.outcomes).toEqual({
    [`of-${FIRST}`]: 'audited',
    [`of-${JOINING}`]: 'audited',
    [`of-${NO_ROLE}`]: 'audited',
  });
});
