import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHandler as auditCluster } from '../../lambda/handlers/audit-cluster.ts';
import { createHandler as discoverClusters } from '../../lambda/handlers/discover-clusters.ts';
import { createHandler as sendDigest } from '../../lambda/handlers/send-digest.ts';
import { fleetDefinition } from '../../lib/constructs/fleet-definition.ts';
import { sampleFleet } from '../sample/fleet/fleet.ts';
import { anAuthority } from '../support/certificates.ts';
import { type ApiServer, startApiServer } from '../support/kube-server/api-server.ts';
import { type AwsServices, startAwsServices } from './environment/aws-services.ts';
import { openProcesses, type Processes } from './environment/processes.ts';
import { type Functions, startFunctions } from './support/functions.ts';
import { type Mail, type Mailbox, openMailbox } from './support/mailbox.ts';
import { type Execution, execute } from './support/state-machine.ts';

/**
 * The state machine that is deployed, executed: by moto's interpreter of the States Language, with the real
 * handlers, over 200 clusters. Of these some cannot be reached, some kill their function, some are throttled.
 */
const COUNT = 200;
const CONCURRENCY = 8;
const SCHEDULED = '2026-11-22T06:00:00Z';

const nameOf = (index: number): string => `c${String(index).padStart(3, '0')}`;
const every = (step: number, from: number): readonly string[] =>
  Array.from({ length: COUNT }, (_, i) => i)
    .filter((i) => i % step === from)
    .map(nameOf);

/** No answer at their endpoint. */
const DARK = every(20, 3);
/** Their function ends without a result, each time. */
const CRASHING = every(40, 7);
/** Their function ends once. */
const CRASHING_ONCE = every(50, 11);
/** Lambda refuses the first two invocations. */
const THROTTLED = every(25, 13);
/** Being created, so that they have no endpoint yet. */
const CREATING = every(100, 17);

/** Audited in parts; of the second one a part ends without a result, each time. */
const SPLIT = [nameOf(0), nameOf(1)];
const PARTS = 3;
const isLost = (cluster: string, event: unknown): boolean => cluster === SPLIT[1] && partOf(event) === 1;

let processes: Processes;
let aws: AwsServices;
let functions: Functions;
let api: ApiServer;
let mailbox: Mailbox;
let s3: S3Client;
let folder: string;
let execution: Execution;
let mails: readonly Mail[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fleet-'));
  writeFileSync(
    join(folder, 'audit.config.yaml'),
    `accounts: [{ id: "111122223333", regions: [eu-west-1] }]
digest: { minSeverity: critical }
clusters: { shards: [{ match: [${SPLIT}], count: ${PARTS} }] }
`,
  );
  processes = await openProcesses();
  const env: Record<string, string | undefined> = {};
  const seams = { env, clock: () => Date.parse(SCHEDULED) + 5_000 };
  functions = await startFunctions({
    handlers: {
      discover: discoverClusters(seams),
      // As where accounts and regions are many: each is an item of a map.
      'discover-parts': discoverClusters({ ...seams, mostPlaces: 0 }),
      audit: auditCluster(seams),
      digest: sendDigest(seams),
    },
    mishap: (name, event, attempt) => {
      const cluster = clusterOf(event);
      if (name !== 'audit' || cluster === null) return null;
      if (
        CRASHING.includes(cluster) ||
        isLost(cluster, event) ||
        (CRASHING_ONCE.includes(cluster) && attempt === 1)
      )
        return 'crash';
      return THROTTLED.includes(cluster) && attempt <= 2 ? 'throttle' : null;
    },
  });
  aws = await startAwsServices(processes, { functionsUrl: functions.url });
  await openClusters();
  const credentials = await aws.assumeRole(`arn:aws:iam::${aws.accountId}:role/EksDriftAuditor`);
  s3 = new S3Client({ region: aws.region, endpoint: aws.url, credentials, forcePathStyle: true });
  await s3.send(
    new CreateBucketCommand({
      Bucket: 'reports',
      CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
    }),
  );
  mailbox = await openMailbox(aws, 'digest');
  const found = {
    ...aws.environmentFor(credentials),
    REPORT_BUCKET: 'reports',
    TOPIC_ARN: mailbox.topicArn,
    CONFIG: join(folder, 'audit.config.yaml'),
  };
  Object.assign(env, found);
  // The SDK takes its settings from the process.
  Object.assign(process.env, found);
  execution = await execute(aws, {
    name: 'fleet',
    definition: fleetDefinition({
      ...partArns('discover-parts'),
      bucket: 'reports',
      partition: 'aws',
      concurrency: CONCURRENCY,
    }),
    input: { scheduledTime: SCHEDULED },
  });
  mails = await mailbox.receive();
});

afterAll(async () => {
  s3?.destroy();
  await functions?.close();
  await api?.close();
  await processes?.stop();
  if (folder) rmSync(folder, { recursive: true });
});

const partArns = (discover = 'discover') => {
  const arn = (name: string): string => `arn:aws:lambda:${aws.region}:${aws.accountId}:function:${name}`;
  return { discover: arn(discover), audit: arn('audit'), digest: arn('digest') };
};

/** One API server stands for all clusters: each is read by its own invocation. */
async function openClusters(): Promise<void> {
  const authority = await anAuthority('fleet CA');
  const tls = await authority.issue({ commonName: 'kube-apiserver' });
  const [sample] = sampleFleet(Date.parse(SCHEDULED));
  const objects = sample?.objects ?? [];
  const isNamespace = (object: object): boolean => 'kind' in object && object.kind === 'Namespace';
  const some = [...objects.filter(isNamespace), ...objects.filter((one) => !isNamespace(one)).slice(0, 60)];
  api = await startApiServer({ objects: some, tls });
  const certificateAuthorityData = Buffer.from(authority.ca).toString('base64');
  for (let i = 0; i < COUNT; i++) {
    const name = nameOf(i);
    await aws.putEksCluster({
      name,
      endpoint: CREATING.includes(name) ? '' : DARK.includes(name) ? 'https://127.0.0.1:1' : api.url,
      certificateAuthorityData,
      version: '1.35',
      ...(CREATING.includes(name) ? { status: 'CREATING' as const } : {}),
    });
  }
}

const clusterOf = (event: unknown): string | null =>
  (event as { target?: { identity?: { name?: string } } }).target?.identity?.name ?? null;

const isPlace = (event: unknown): boolean => Object.hasOwn(event as object, 'place');

const partOf = (event: unknown): number | null =>
  (event as { shard?: { index: number } | null }).shard?.index ?? null;

async function keys(prefix: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: 'reports', Prefix: prefix })) {
    found.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
  }
  return found;
}

async function summary() {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'reports', Key: 'latest/summary.json' }));
  return JSON.parse((await Body?.transformToString()) ?? '') as {
    readonly summary: {
      readonly clusters: { readonly total: number; readonly audited: number; readonly failed: number };
    };
    readonly clusters: readonly {
      readonly cluster: { readonly name: string };
      readonly outcome: string;
      readonly totals: object;
      readonly findings: { readonly byStatus: object };
      readonly coverage: { readonly complete: boolean };
      readonly notEvaluated: { readonly byReason: Readonly<Record<string, number>> };
    }[];
  };
}

describe('a fleet of 200 clusters', () => {
  test('is gone through although items fail, and the run succeeds', () => {
    expect({ status: execution.status, error: execution.error }).toEqual({
      status: 'SUCCEEDED',
      error: null,
    });
    const entered = execution.history.flatMap(({ name }) => name ?? []);
    expect(entered).toEqual([
      'Discover',
      'DoneBefore',
      'DiscoverPlaces',
      'JoinPlaces',
      'AuditClusters',
      'SendDigest',
      'EndPlaces',
      'Finish',
      'MapFailed',
      'Done',
    ]);
  });

  test('has every cluster in its result: audited, or said to be not', async () => {
    const { summary: counts, clusters } = await summary();
    expect(clusters.map(({ cluster }) => cluster.name).sort()).toEqual(
      Array.from({ length: COUNT }, (_, i) => nameOf(i)),
    );
    const failed = clusters.filter(({ outcome }) => outcome === 'failed').map(({ cluster }) => cluster.name);
    expect(failed.sort()).toEqual([...new Set([...DARK, ...CRASHING, ...CREATING])].sort());
    expect(counts.clusters).toEqual({ total: COUNT, audited: COUNT - failed.length, failed: failed.length });
  });

  test('joins the parts of a cluster to what a whole one has, and leaves it open where one is missing', async () => {
    const { clusters } = await summary();
    const [whole, joined, lacking] = [nameOf(2), ...SPLIT].map((name) =>
      clusters.find(({ cluster }) => cluster.name === name),
    );
    expect({ ...joined, cluster: null }).toEqual({ ...whole, cluster: null });
    expect(whole?.totals).toMatchObject({ namespaces: expect.any(Number) });
    expect(lacking?.outcome).toBe('audited');
    expect(lacking?.coverage.complete).toBe(false);
    expect(lacking?.notEvaluated.byReason['not-finished']).toBeGreaterThan(10);
    const pods = await keys('inventory/');
    const partsOf = (name: string | undefined): readonly string[] =>
      pods.filter((key) => key.includes(`cluster=${name}/`)).map((key) => key.replace(/^.*-(shard)/, '$1'));
    expect(partsOf(SPLIT[0])).toEqual([1, 2, 3].map((part) => `shard-0${part}-of-03.ndjson.gz`));
    expect(partsOf(SPLIT[1])).toEqual(['shard-01-of-03.ndjson.gz', 'shard-03-of-03.ndjson.gz']);
  });

  test('invokes each cluster, or each part of one, once, again where it was throttled or ended, and never more', () => {
    const audited = functions.calls
      .filter(({ name }) => name === 'audit')
      .map(({ event }) => clusterOf(event));
    const [whole, lacking] = SPLIT;
    const wanted = Array.from({ length: COUNT }, (_, i) => nameOf(i))
      .filter((name) => !CRASHING.includes(name) && !CREATING.includes(name))
      .flatMap((name) => Array(name === whole ? PARTS : name === lacking ? PARTS - 1 : 1).fill(name));
    expect(audited.sort()).toEqual(wanted);
  });

  test('keeps to its concurrency', () => {
    expect(functions.peak()).toBeGreaterThan(1);
    expect(functions.peak()).toBeLessThanOrEqual(CONCURRENCY);
  });

  test('sends one digest, which begins with what is missing', () => {
    expect(mails).toHaveLength(1);
    const [mail] = mails;
    expect(mail?.MessageAttributes).toMatchObject({ complete: { Value: 'false' } });
    expect(mail?.Message).toContain(
      `${new Set([...DARK, ...CRASHING, ...CREATING]).size} of ${COUNT} clusters`,
    );
  });

  test('moves the state of each cluster that was ever read, and is complete then', async () => {
    const states = (await keys('state/account=')).filter((key) => key.endsWith('/state.json.gz'));
    const failed = new Set([...DARK, ...CRASHING, ...CREATING]);
    expect(states).toHaveLength(COUNT - failed.size);
    expect((await keys('runs/')).some((key) => key.endsWith('/done.json'))).toBe(true);
    const ends = functions.calls.filter(({ name, event }) => name === 'digest' && isPlace(event));
    expect(ends).toHaveLength(1);
  });

  test('leaves what became of the map beside the reports', async () => {
    const written = await keys('fleet/');
    expect(written.some((key) => key.endsWith('/manifest.json'))).toBe(true);
  });

  test('delivered again does nothing', async () => {
    const before = functions.calls.length;
    const again = await execute(aws, {
      name: 'fleet-again',
      definition: fleetDefinition({
        ...partArns(),
        bucket: 'reports',
        partition: 'aws',
        concurrency: CONCURRENCY,
      }),
      input: { scheduledTime: SCHEDULED },
    });
    expect(again.status).toBe('SUCCEEDED');
    expect(functions.calls.slice(before).map(({ name }) => name)).toEqual(['discover']);
    expect(await mailbox.receive()).toEqual([]);
  });
});

describe('a map that cannot begin', () => {
  test('sends the digest all the same, and ends as failed so that the alarm goes off', async () => {
    const failing = await execute(aws, {
      name: 'fleet-broken',
      definition: fleetDefinition({
        ...partArns(),
        bucket: 'no-such-bucket',
        partition: 'aws',
        concurrency: CONCURRENCY,
      }),
      input: { scheduledTime: '2026-11-23T06:00:00Z' },
    });
    expect({ status: failing.status, error: failing.error }).toEqual({
      status: 'FAILED',
      error: 'MapFailed',
    });
    const [mail, ...others] = await mailbox.receive();
    expect(others).toEqual([]);
    expect(mail?.Message).toContain(`NOTHING WAS AUDITED. None of ${COUNT} clusters`);
  });
});
