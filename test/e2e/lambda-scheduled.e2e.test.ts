import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RunReport } from '../../lambda/handlers/finish.ts';
import { recordProblems } from '../audit/recording.ts';
import type { KubernetesObject } from './environment/api-client.ts';
import { type AwsFleet, MEMBER_ACCOUNT, QUIET, startAwsFleet } from './support/aws-fleet.ts';
import type { Mail } from './support/mailbox.ts';
import { gapsOf, jsonOf, keysOf, type Objects, rowsOf, stateOf } from './support/run-records.ts';

const MINUTE = 60_000;
const NOW = Math.floor(Date.now() / 1000) * 1000;
const at = (weeks: number): string => new Date(NOW + weeks * 7 * 24 * 60 * MINUTE).toISOString();

let fleet: AwsFleet;
let createHandler: typeof import('../../lambda/handlers/scheduled-audit.ts').createHandler;

beforeAll(async () => {
  fleet = await startAwsFleet(new Date(NOW));
  // The SDK and the loggers take what a function has from its environment.
  Object.assign(process.env, fleet.env, QUIET);
  ({ createHandler } = await import('../../lambda/handlers/scheduled-audit.ts'));
  await seedProbe('fixed', { emptyDir: {} });
  await seedProbe('breaking', { emptyDir: { sizeLimit: '1Gi' } });
});

afterAll(() => fleet?.stop());

const volumes = (volume: object): object => ({
  volumes: [{ name: 'cache', ...volume }],
  containers: [{ name: 'app', image: 'app', volumeMounts: [{ name: 'cache', mountPath: '/cache' }] }],
});

function probe(name: string, volume: object): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: volumes(volume),
  };
}

/** A pod with one volume; pods cannot be changed, only made anew. */
async function seedProbe(name: string, volume: object): Promise<void> {
  const { admin } = fleet.environment.cluster;
  await admin.request('DELETE', `/api/v1/namespaces/default/pods/${name}?gracePeriodSeconds=0`);
  const object = probe(name, volume);
  await admin.apply(object);
  await admin.applyStatus(object, { phase: 'Running', startTime: new Date(NOW).toISOString() });
}

/** One invocation, as Lambda makes it. */
function invoke(scheduledTime: string, remaining = 15 * MINUTE): Promise<RunReport> {
  const handler = createHandler({ env: process.env, clock: () => Date.parse(scheduledTime) + 5_000 });
  const context = {
    awsRequestId: 'e2e',
    memoryLimitInMB: '1024',
    getRemainingTimeInMillis: () => remaining,
  };
  return handler({ scheduledTime }, context);
}

/** Of one run, whose objects carry its id. */
const newsOf = (objects: Objects, run: string) =>
  rowsOf(new Map([...objects].filter(([key]) => key.includes(run))), 'findings/').filter(
    ({ status }) => status === 'new' || status === 'fixed' || status === 'gone',
  );

describe('The first run', () => {
  let run: string;
  let objects: Objects;
  let mails: readonly Mail[];

  beforeAll(async () => {
    ({ run } = await invoke(at(0)));
    objects = await fleet.bucket.objects();
    mails = await fleet.mailbox.receive();
  });

  test('writes exactly the objects of a run, typed', async () => {
    const date = at(0).slice(0, 10);
    const main = 'account=111122223333/region=eu-west-1/cluster=e2e';
    const member = `account=${MEMBER_ACCOUNT}/region=us-east-1/cluster=e2e`;
    const dark = 'account=111122223333/region=us-east-1/cluster=dark';
    expect(keysOf(objects, run)).toEqual(
      [
        ...[main, member].flatMap((path) => [
          `findings/${path}/date=${date}/RUN.ndjson.gz`,
          `inventory/${path}/date=${date}/RUN.ndjson.gz`,
          `state/${path}/state.json.gz`,
          `state/images/${path}/images.json.gz`,
        ]),
        `compliance/date=${date}/RUN.ndjson.gz`,
        'latest/report.html',
        'latest/summary.json',
        'runs/RUN/SHA256SUMS',
        'runs/RUN/begun.json',
        'runs/RUN/compliance.csv',
        'runs/RUN/conclusion.ndjson.gz',
        'runs/RUN/config.json',
        'runs/RUN/digest.txt',
        'runs/RUN/done.json',
        'runs/RUN/findings.csv',
        'runs/RUN/findings.ocsf.ndjson.gz',
        'runs/RUN/manifest.json',
        'runs/RUN/not-evaluated.ndjson.gz',
        'runs/RUN/report.html',
        'runs/RUN/run.json',
        'runs/RUN/sent/sns.json',
        'runs/RUN/summary.json',
        'state/manifest-head.json',
        'state/trend.ndjson.gz',
        'state/untold-runs.json',
      ].sort(),
    );
    expect([...objects.keys()].some((key) => key.includes(dark))).toBe(false);
    const types = [...(await fleet.bucket.contentTypes())].map(([key, type]) => [
      key.split(/[./]/).at(-1),
      type,
    ]);
    expect(Object.fromEntries(types)).toEqual({
      gz: 'application/gzip',
      html: 'text/html; charset=utf-8',
      json: 'application/json',
      txt: 'text/plain; charset=utf-8',
      csv: 'text/csv; charset=utf-8',
      SHA256SUMS: 'text/plain; charset=utf-8',
    });
    expect(recordProblems(objects)).toEqual([]);
  });

  test('has audited two of three clusters, each under its own name', () => {
    const summary = jsonOf(objects, 'latest/summary.json') as {
      clusters: readonly { cluster: { arn: string }; outcome: string; totals: { pods: number } }[];
    };
    const outcomes = summary.clusters.map(({ cluster, outcome }) => [cluster.arn, outcome]);
    expect(Object.fromEntries(outcomes)).toEqual({
      [fleet.clusters.main]: 'audited',
      [fleet.clusters.denying]: 'audited',
      [fleet.clusters.dark]: 'failed',
    });
    const findings = rowsOf(objects, 'findings/');
    const arns = new Set(findings.map(({ cluster }) => cluster.arn));
    expect(arns).toEqual(new Set([fleet.clusters.main, fleet.clusters.denying]));
    expect(findings.every(({ status }) => status === 'new')).toBe(true);
    const pods = rowsOf<{ pod: string }>(objects, 'inventory/account=111122223333/region=eu-west-1');
    const counted = summary.clusters.find(({ cluster }) => cluster.arn === fleet.clusters.main);
    expect(pods.length).toBe(counted?.totals.pods);
  });

  test('says of what was denied or not reached that it was not evaluated, and never that it passed', () => {
    const gaps = gapsOf(objects, run);
    const dark = gaps.filter(({ cluster }) => cluster.arn === fleet.clusters.dark);
    expect(new Set(dark.map(({ reason }) => reason))).toEqual(new Set(['unreachable']));
    const denied = gaps.filter(
      ({ cluster, reason }) => cluster.arn === fleet.clusters.denying && reason === 'forbidden',
    );
    expect(denied.map(({ check }) => check)).toEqual(expect.arrayContaining(['egress-unrestricted']));
    const egress = rowsOf(objects, `findings/account=${MEMBER_ACCOUNT}`).filter(
      ({ check }) => check === 'egress-unrestricted',
    );
    // Host-network pods reach everything whatever the policies say.
    expect(egress.length).toBeLessThan(
      rowsOf(objects, 'findings/account=111122223333').filter(({ check }) => check === 'egress-unrestricted')
        .length,
    );
  });

  test('sends one mail, with what is missing first', () => {
    expect(mails).toHaveLength(1);
    const [mail] = mails;
    expect(mail?.Subject).toMatch(
      /^EKS audit INCOMPLETE: first run, \d+ causes \(\d+ critical\) open; dark not audited/,
    );
    const text = (mail?.Message ?? '').replace(/\s+/g, ' ');
    expect(text).toContain('INCOMPLETE: 1 of 3 clusters not audited');
    expect(text).toContain('NOT AUDITED: 1 cluster * dark (111122223333, us-east-1): unreachable');
    expect(text).toContain(`e2e (${MEMBER_ACCOUNT}, us-east-1): permission denied`);
    expect(text).toContain(`Full report: s3://reports/runs/${run}/report.html`);
    // The manifest, which the mail names, holds the hash of digest.txt.
    expect(mail?.Message?.replace(/Proof of record 1, .*:\n[0-9a-f]{64}\n$/, '')).toBe(
      objects
        .get(`runs/${run}/digest.txt`)
        ?.toString()
        .replace(/^Subject: .*\n\n/, ''),
    );
    expect(mail?.MessageAttributes).toMatchObject({
      clusters: { Type: 'String.Array', Value: '["dark","e2e"]' },
      complete: { Type: 'String', Value: 'false' },
      maxSeverity: { Type: 'String', Value: 'critical' },
      newFindings: {
        Type: 'Number',
        // What AWS manages is counted apart.
        Value: String(rowsOf(objects, 'findings/').filter(({ managedBy }) => managedBy == null).length),
      },
    });
  });

  test('leaves as state what is open', () => {
    for (const arn of [fleet.clusters.main, fleet.clusters.denying]) {
      const state = stateOf(objects, arn).map(({ id }) => id);
      const found = rowsOf(objects, 'findings/').filter(({ cluster }) => cluster.arn === arn);
      expect(state.sort()).toEqual(found.map(({ id }) => id).sort());
    }
  });

  test('delivered a second time changes nothing and sends nothing', async () => {
    const before = await fleet.bucket.versions();
    expect(await invoke(at(0))).toMatchObject({ run, outcome: 'done-before' });
    expect(await fleet.bucket.versions()).toBe(before);
    expect(await fleet.mailbox.receive()).toEqual([]);
  });
});

describe('The second run', () => {
  test('shows what was fixed as fixed and what came as new, and nothing else', async () => {
    await seedProbe('fixed', { emptyDir: { sizeLimit: '1Gi' } });
    await seedProbe('breaking', { emptyDir: {} });
    const { run } = await invoke(at(0.001));
    const objects = await fleet.bucket.objects();
    const [mail, ...others] = await fleet.mailbox.receive();
    expect(others).toEqual([]);

    const changes = newsOf(objects, run);
    expect(
      changes
        .map(({ status, check, workload, cluster }) => [cluster.arn, status, check, workload.name])
        .sort(),
    ).toEqual(
      [fleet.clusters.main, fleet.clusters.denying]
        .flatMap((arn) => [
          [arn, 'new', 'unbounded-empty-dir', 'breaking'],
          [arn, 'fixed', 'unbounded-empty-dir', 'fixed'],
        ])
        .sort(),
    );
    expect(mail?.Subject).toMatch(
      /^EKS audit INCOMPLETE: 2 new, 2 fixed, \d+ causes \(\d+ critical\) open; dark not audited/,
    );
    expect(mail?.Message).toContain('NEW: 2 findings');
    expect(mail?.Message).toContain('FIXED: 2 findings in 2 workloads');
    expect(recordProblems(objects)).toEqual([]);
    for (const arn of [fleet.clusters.main, fleet.clusters.denying]) {
      const names = stateOf(objects, arn)
        .filter(({ check }) => check === 'unbounded-empty-dir')
        .map(({ workload }) => workload.name);
      expect(names).toContain('breaking');
      expect(names).not.toContain('fixed');
    }
  });
});

describe('A run without time', () => {
  test('a run without access says of every cluster that it was not evaluated, keeps what was known, and still notifies', async () => {
    const known = stateOf(await fleet.bucket.objects(), fleet.clusters.main).length;
    const { run } = await invoke(at(0.002), 20_000);
    const objects = await fleet.bucket.objects();
    const [mail] = await fleet.mailbox.receive();
    expect(new Set(gapsOf(objects, run).map(({ reason }) => reason))).toEqual(new Set(['out-of-time']));
    expect(mail?.Subject).toMatch(/^EKS audit FAILED: none of \d+ clusters was audited$/);
    expect(mail?.Message.replace(/\s+/g, ' ')).toContain('deployment.mode: fleet');
    expect(stateOf(objects, fleet.clusters.main)).toHaveLength(known);
  });
});
