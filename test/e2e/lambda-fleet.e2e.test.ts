import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { EndedPlace } from '../../lambda/fleet/end-place.ts';
import type { ItemReport } from '../../lambda/handlers/audit-cluster.ts';
import type { FleetReference } from '../../lambda/handlers/discover-clusters.ts';
import type { RunReport } from '../../lambda/handlers/finish.ts';
import type { LambdaHandler } from '../../lambda/handlers/runtime.ts';
import type { FinishReport, JoinReport } from '../../lambda/handlers/send-digest.ts';
import type { Seams } from '../../lambda/handlers/services.ts';
import { recordProblems } from '../audit/recording.ts';
import { type AwsFleet, QUIET, startAwsFleet } from './support/aws-fleet.ts';
import { gapsOf, jsonOf, type Objects, rowsOf } from './support/run-records.ts';

const NOW = Math.floor(Date.now() / 1000) * 1000;
/** What Step Functions hands on from one state to the next. */
const LARGEST_PAYLOAD = 256 * 1024;

let fleet: AwsFleet;
let stages: Readonly<{
  discover: LambdaHandler<FleetReference>;
  audit: LambdaHandler<ItemReport>;
  digest: LambdaHandler<JoinReport | EndedPlace | FinishReport>;
  scheduled: LambdaHandler<RunReport>;
}>;

beforeAll(async () => {
  fleet = await startAwsFleet(new Date(NOW));
  Object.assign(process.env, fleet.env, QUIET);
  const seams: Seams = { env: process.env, clock: () => NOW + 5_000 };
  const [discover, audit, digest, scheduled] = await Promise.all([
    import('../../lambda/handlers/discover-clusters.ts'),
    import('../../lambda/handlers/audit-cluster.ts'),
    import('../../lambda/handlers/send-digest.ts'),
    import('../../lambda/handlers/scheduled-audit.ts'),
  ]);
  stages = {
    discover: discover.createHandler(seams) as LambdaHandler<FleetReference>,
    audit: audit.createHandler(seams),
    digest: digest.createHandler(seams),
    scheduled: scheduled.createHandler(seams),
  };
});

afterAll(() => fleet?.stop());

/** One invocation: input and output cross as JSON, and must be small. */
async function invoke<Result>(
  stage: LambdaHandler<Result>,
  event: unknown,
  remaining = 900_000,
): Promise<Result> {
  const input = JSON.stringify(event);
  const context = {
    awsRequestId: 'e2e',
    memoryLimitInMB: '512',
    getRemainingTimeInMillis: () => remaining,
  };
  const output = JSON.stringify(await stage(JSON.parse(input), context));
  for (const payload of [input, output]) expect(Buffer.byteLength(payload)).toBeLessThan(LARGEST_PAYLOAD);
  return JSON.parse(output);
}

/** The items as the Distributed Map reads them: a JSON array in the bucket. */
async function itemsOf({ bucket, key, count }: FleetReference): Promise<readonly unknown[]> {
  expect(bucket).toBe('reports');
  const items = JSON.parse((await fleet.bucket.objects()).get(key)?.toString() ?? 'null');
  expect(items).toHaveLength(count);
  return items;
}

/** The state that sends the digest. */
const joined = (reference: FleetReference): Promise<JoinReport> =>
  invoke(stages.digest as LambdaHandler<JoinReport>, reference);

/** The states that follow: each account and region, and the end. */
async function ended(reference: FleetReference): Promise<readonly EndedPlace[]> {
  const items = JSON.parse((await fleet.bucket.objects()).get(reference.places)?.toString() ?? '[]');
  const ends: EndedPlace[] = [];
  for (const item of items) ends.push(await invoke(stages.digest as LambdaHandler<EndedPlace>, item));
  const { run } = reference;
  expect(await invoke(stages.digest, { run, finish: true })).toEqual({ run: run.id, outcome: 'done' });
  return ends;
}

/** The end of a run of which the rest was not done: the next one may begin. */
const givenUp = ({ run }: FleetReference) =>
  expect(invoke(stages.digest, { run, finish: true })).rejects.toThrow(`The run ${run.id} is not complete`);

const event = (hours: number) => ({ scheduledTime: new Date(NOW + hours * 3_600_000).toISOString() });

/** Objects of a run that do not hold its id or the time of its start. */
const facts = (objects: Objects, run: string) => ({
  findings: rowsOf(new Map([...objects].filter(([key]) => key.includes(run))), 'findings/'),
  gaps: gapsOf(objects, run),
  pods: rowsOf<unknown>(new Map([...objects].filter(([key]) => key.includes(run))), 'inventory/'),
});

describe('A fleet run', () => {
  test('ends as one function ends that does it all', async () => {
    const alone = await invoke(stages.scheduled, event(0));
    const expected = facts(await fleet.bucket.objects(), alone.run);
    const [mailAlone] = await fleet.mailbox.receive();
    await fleet.bucket.reset(new Map());

    const reference = await invoke(stages.discover, event(0));
    expect(reference).toMatchObject({ done: false, count: 3, run: { id: alone.run } });
    const reports: ItemReport[] = [];
    for (const item of await itemsOf(reference)) reports.push(await invoke(stages.audit, item));
    expect(reports.map(({ cluster, outcome }) => [cluster, outcome]).sort()).toEqual(
      [
        [fleet.clusters.main, 'audited'],
        [fleet.clusters.denying, 'audited'],
        [fleet.clusters.dark, 'failed'],
      ].sort(),
    );
    const { places, ...report } = await joined(reference);
    expect(report).toEqual(alone);
    expect(places).toBe(reference.places);
    const ends = await ended(reference);
    expect(ends.map(({ clusters }) => clusters).reduce((sum, of) => sum + of)).toBe(3);

    const objects = await fleet.bucket.objects();
    expect(facts(objects, report.run)).toEqual(expected);
    expect(recordProblems(objects)).toEqual([]);
    const [mail, ...others] = await fleet.mailbox.receive();
    // The records differ: that of a fleet lists its clusters' own.
    const textOf = (text = ''): string =>
      text.replace(/(Proof of record 1, .*:\n)[0-9a-f]{64}\n$/, '$1HASH\n');
    expect(textOf(mail?.Message)).toMatch(/HASH\n$/);
    expect([mail?.Subject, textOf(mail?.Message), others]).toEqual([
      mailAlone?.Subject,
      textOf(mailAlone?.Message),
      [],
    ]);
  });

  test('that is delivered again has nothing to do, changes nothing and sends nothing', async () => {
    const before = await fleet.bucket.versions();
    const reference = await invoke(stages.discover, event(0));
    expect(reference).toMatchObject({ done: true, count: 0 });
    // A state machine that was begun twice at once comes to its end twice.
    expect(await invoke(stages.digest, reference)).toMatchObject({ outcome: 'done-before' });
    expect(await fleet.bucket.versions()).toBe(before);
    expect(await fleet.mailbox.receive()).toEqual([]);
  });

  test('does not begin while another run is not over', async () => {
    const reference = await invoke(stages.discover, event(1));
    await expect(invoke(stages.discover, event(2))).rejects.toThrow(
      `The run ${reference.run.id} of this fleet is not over`,
    );
  });

  test('does not read a cluster again that has a result', async () => {
    const reference = await invoke(stages.discover, event(1));
    const [item] = await itemsOf(reference);
    const first = await invoke(stages.audit, item);
    const requests = (await fleet.environment.cluster.requestsOf('eks-drift-auditor')).length;
    const versions = await fleet.bucket.versions();
    expect(await invoke(stages.audit, item)).toEqual(first);
    expect((await fleet.environment.cluster.requestsOf('eks-drift-auditor')).length).toBe(requests);
    expect(await fleet.bucket.versions()).toBe(versions);
    await givenUp(reference);
  });

  test('says of a cluster whose function left no result that it was not audited', async () => {
    const reference = await invoke(stages.discover, event(2));
    const items = await itemsOf(reference);
    const kept = items.filter((item) => !JSON.stringify(item).includes(fleet.clusters.main));
    for (const item of kept) await invoke(stages.audit, item);
    const { run } = await joined(reference);
    await ended(reference);
    const objects = await fleet.bucket.objects();
    const lost = gapsOf(objects, run).filter(({ cluster }) => cluster.arn === fleet.clusters.main);
    expect(new Set(lost.map(({ reason }) => reason))).toEqual(new Set(['not-finished']));
    const summary = jsonOf(objects, `runs/${run}/summary.json`);
    expect(summary['summary']).toMatchObject({ clusters: { total: 3, audited: 1, failed: 2 } });
    const [mail] = await fleet.mailbox.receive();
    expect(mail?.Subject).toContain('2 of 3 clusters not audited');
    expect(mail?.Message.replace(/\s+/g, ' ')).toContain('e2e (111122223333, eu-west-1): audit not finished');
  });

  test('makes a result of a function that has no time left', async () => {
    const reference = await invoke(stages.discover, event(3));
    const item = (await itemsOf(reference)).find((one) => JSON.stringify(one).includes(fleet.clusters.main));
    expect(await invoke(stages.audit, item, 10_000)).toMatchObject({ outcome: 'failed', pods: 0 });
    await givenUp(reference);
  });

  test('refuses an item that is none, and an event of no run', async () => {
    await expect(invoke(stages.audit, { run: {} })).rejects.toThrow(
      /^The event is not one for this function/,
    );
    const unknown = { run: { id: '20260101T000000Z-00000000', startedAt: '2026-01-01T00:00:00Z' } };
    await expect(invoke(stages.digest, unknown)).rejects.toThrow('start it with discover-clusters');
  });
});
