import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { auditCluster } from '../../lambda/audit/audit-cluster.ts';
import { notFinished } from '../../lambda/audit/audit-fleet.ts';
import { collectShard } from '../../lambda/audit/collect-shard.ts';
import { outOfTimeOf } from '../../lambda/audit/out-of-time.ts';
import type { Target } from '../../lambda/audit/target.ts';
import { defaultConfig } from '../../lambda/config/load.ts';
import { type KubeApi, openKubeApi } from '../../lambda/connect/kube/kube-api.ts';
import { until } from '../../lambda/connect/kube/until.ts';
import { ReadError } from '../../lambda/errors.ts';
import { compare } from '../../lambda/findings/compare.ts';
import type { ClusterResult } from '../../lambda/findings/run-result.ts';
import { joinShards } from '../../lambda/fleet/join-shards.ts';
import type { InventoryRow } from '../../lambda/inventory/inventory.ts';
import { isInShard, type Shard } from '../../lambda/inventory/shard.ts';
import { inventoryRows } from '../../lambda/run/inventory-rows.ts';
import { sampleFleet } from '../sample/fleet/fleet.ts';
import { type ApiServer, send, startApiServer } from '../support/kube-server/api-server.ts';
import { runs } from '../support/runs.ts';

const NOW = Date.parse('2026-11-22T06:00:00Z');
const config = { ...defaultConfig(), exemptionAnnotations: true };
const identity = {
  name: 'big',
  arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/big',
  accountId: '1',
  region: 'r',
};

/** What a cluster of the sample is read through; `refuse` breaks requests. */
interface Source {
  readonly api: KubeApi;
  refuse: (path: string) => number | null;
}

const servers: { readonly server: ApiServer; readonly api: KubeApi }[] = [];
let sources: readonly Source[];

beforeAll(async () => {
  sources = await Promise.all(sampleFleet(NOW).map(({ objects, denied }) => openSource(objects, denied)));
});

afterAll(async () => {
  for (const { server, api } of servers) {
    await api.close();
    await server.close();
  }
});

async function openSource(objects: readonly object[], denied: readonly string[]): Promise<Source> {
  const deny = denied.map((resource) => ({ resource }));
  const server = await startApiServer({ objects, deny }, (request, response, answer) => {
    const status = source.refuse(request.url ?? '');
    send(request, response, status === null ? answer : { status, headers: {}, body: '{}' });
  });
  const api = openKubeApi({ server: server.url, credentials: async () => ({ headers: {}, tls: {} }) });
  servers.push({ server, api });
  const source: Source = { api, refuse: () => null };
  return source;
}

interface Audited {
  readonly result: ClusterResult;
  readonly rows: readonly InventoryRow[];
}

async function audit({ api }: Source, shard: Shard | null): Promise<Audited> {
  let rows: InventoryRow[] = [];
  const target: Target = {
    identity,
    collect: (hooks) => collectShard(identity, api, { ...hooks, shard }),
  };
  const sink = {
    add: (line: string) => void rows.push(JSON.parse(line) as InventoryRow),
    restart: () => {
      rows = [];
    },
  };
  const observer = inventoryRows(identity.name, sink);
  const result = await auditCluster(target, { config, now: NOW, observer });
  return { result, rows };
}

const shardsOf = (count: number): readonly Shard[] =>
  Array.from({ length: count }, (_, index) => ({ index, count }));

async function auditInParts(source: Source, count: number): Promise<Audited> {
  const parts: Audited[] = [];
  for (const shard of shardsOf(count)) parts.push(await audit(source, shard));
  return { result: join(parts.map(({ result }) => result)), rows: parts.flatMap(({ rows }) => rows) };
}

function join([first, ...others]: readonly ClusterResult[]): ClusterResult {
  if (first === undefined) throw new Error('There is no part.');
  return joinShards([first, ...others]);
}

/** Records and rows have no order of their own. */
const comparable = ({ result, rows }: Audited) => ({
  result: {
    ...result,
    notEvaluated: result.notEvaluated.map((record) => JSON.stringify(record)).sort(),
    notes: [...result.notes].sort(),
  },
  rows: rows.map((row) => JSON.stringify(row)).sort(),
});

describe('a cluster that is audited in parts', () => {
  test('a cluster that is audited in parts has the result of the whole, in any number of parts', async () => {
    const whole = await Promise.all(sources.map(async (source) => comparable(await audit(source, null))));
    expect(whole[0]?.result.findings.length).toBeGreaterThan(20);
    expect(whole.some(({ result }) => result.notEvaluated.length > 0)).toBe(true);
    const counts = fc.integer({ min: 2, max: 40 });
    await fc.assert(
      fc.asyncProperty(counts, fc.nat({ max: sources.length - 1 }), async (count, index) => {
        const parts = comparable(await auditInParts(sources[index] as Source, count));
        expect(parts).toEqual(whole[index]);
      }),
      {
        numRuns: runs(12),
        examples: [
          [2, 0],
          [2, 1],
          [3, 0],
        ],
      },
    );
  });

  test('the pods of a namespace are read for one part, and pods that enforce policies for all parts', async () => {
    const [source] = sources as [Source];
    const asked: string[][] = [];
    for (const shard of shardsOf(2)) {
      const paths: string[] = [];
      source.refuse = (path) => {
        if (path.includes('/pods')) paths.push(/namespaces\/([^/]+)\/pods/.exec(path)?.[1] ?? path);
        return null;
      };
      await audit(source, shard);
      asked.push([...new Set(paths)]);
    }
    source.refuse = () => null;
    const [first = [], second = []] = asked;
    expect(first.filter((name) => second.includes(name))).toEqual(['kube-system']);
    expect(first.length).toBeGreaterThan(1);
    expect(second.length).toBeGreaterThan(1);
    expect(
      first.filter((name) => name !== 'kube-system' && !isInShard(name, { index: 0, count: 2 })),
    ).toEqual([]);
  });

  test('the collection of a part of a cluster restarts as a whole when one of its lists has to', async () => {
    const [source] = sources as [Source];
    const before = comparable(await audit(source, { index: 0, count: 2 }));
    let expired = 0;
    const names = new Set<string>();
    source.refuse = (path) => {
      const [, name] = /namespaces\/([^/]+)\/pods/.exec(path) ?? [];
      if (name === undefined) return null;
      names.add(name);
      // The second list fails once: what was read of the first one is forgotten with it.
      if (names.size !== 2 || expired > 0) return null;
      expired++;
      return 410;
    };
    const after = comparable(await audit(source, { index: 0, count: 2 }));
    source.refuse = () => null;
    expect(expired).toBe(1);
    expect(after).toEqual(before);
  });
});

describe('a namespace that is larger than a function', () => {
  /** The time is over at the first request for the pods of this namespace. */
  async function auditUntil(namespace: string, shard: Shard): Promise<ClusterResult> {
    const [source] = sources as [Source];
    const time = new AbortController();
    source.refuse = (path) => {
      if (path.includes(`/namespaces/${namespace}/pods`)) time.abort(outOfTimeOf(identity, shard));
      return null;
    };
    const target: Target = {
      identity,
      collect: (hooks) => collectShard(identity, until(source.api, time.signal), { ...hooks, shard }),
    };
    const result = await auditCluster(target, { config, now: NOW, signal: time.signal });
    source.refuse = () => null;
    return result;
  }

  test('is named with what to do, has no verdict, and takes none from other parts', async () => {
    const [source] = sources as [Source];
    const [first, second] = shardsOf(2) as [Shard, Shard];
    const namespace = 'storefront';
    const [late, whole] = isInShard(namespace, first) ? [first, second] : [second, first];
    const part = await auditUntil(namespace, late);
    const rows = part.notEvaluated.filter(({ reason }) => reason === 'out-of-time');
    expect(rows.length).toBeGreaterThan(10);
    const [row] = rows;
    expect(row?.message).toMatch(
      /^The function ran out of time before part [12] of 2 of the cluster big was completely read\. \(after \d+ pods, 0 of them in the namespace storefront, one of \d+\)$/,
    );
    expect(row?.remediation).toContain('Raise count in clusters.shards. A namespace is never split');
    expect(row?.remediation).toContain('eks-drift-audit audit --eks big --region r');

    const other = await audit(source, whole);
    const joined = join(late === first ? [part, other.result] : [other.result, part]);
    const expected = (await audit(source, null)).result;
    const inIt = (result: ClusterResult) =>
      result.findings.filter(({ workload }) => workload.namespace === namespace);
    expect(inIt(expected).length).toBeGreaterThan(0);
    expect(inIt(joined)).toEqual([]);
    // Nothing of it has passed: what the whole cluster has beyond the joined parts is not evaluated.
    const passed = ({ tallies }: ClusterResult) => new Map(tallies.map(({ check, pass }) => [check, pass]));
    for (const [check, pass] of passed(joined)) {
      expect(pass).toBeLessThanOrEqual(passed(expected).get(check) ?? 0);
    }
    const asked = new Set(expected.findings.map(({ check }) => check));
    const open = new Set(
      joined.notEvaluated.filter(({ workload }) => workload === null).map(({ check }) => check),
    );
    for (const check of inIt(expected).map((finding) => finding.check)) {
      expect([check, asked.has(check), open.has(check)]).toEqual([check, true, true]);
    }
  });
});

describe('a part that could not be audited', () => {
  const COUNT = 4;
  /** Parts with the one at `lost` in the place of its result. */
  async function without(
    lost: number,
    make: (shard: Shard) => Promise<ClusterResult>,
  ): Promise<ClusterResult> {
    const [source] = sources as [Source];
    const results: ClusterResult[] = [];
    for (const shard of shardsOf(COUNT)) {
      results.push(shard.index === lost ? await make(shard) : (await audit(source, shard)).result);
    }
    return join(results);
  }
  const ended = async (): Promise<ClusterResult> =>
    notFinished(identity, new ReadError('not-finished', 'Part of it has no result.', 'Look at the log.'), {
      config,
      now: NOW,
    });

  test.each([
    ['ended without a result', ended],
    ['may not list namespaces', async (shard: Shard) => refused(shard, /\/namespaces\?/, 403)],
    ['may not list pods', async (shard: Shard) => refused(shard, /\/pods\?/, 403)],
  ])('a part that %s closes no finding and adds none, and its cluster is incomplete', async (_, make) => {
    const [source] = sources as [Source];
    const { result: before } = await audit(source, null);
    for (let lost = 0; lost < COUNT; lost++) {
      const now = await without(lost, make);
      const { findings, unconfirmed, closed } = compare(before.findings, now, NOW);
      expect(closed).toEqual([]);
      expect(findings.filter(({ status }) => status === 'new')).toEqual([]);
      expect([...findings, ...unconfirmed].map(({ id }) => id).sort()).toEqual(
        before.findings.map(({ id }) => id).sort(),
      );
      expect(now.outcome).toBe('audited');
      const open = new Set(
        now.notEvaluated.flatMap(({ check, workload }) => (workload === null ? [check] : [])),
      );
      expect([...open].sort()).toEqual(now.tallies.map(({ check }) => check).sort());
      for (const { check, pass } of now.tallies) {
        expect(pass).toBeLessThanOrEqual(before.tallies.find((tally) => tally.check === check)?.pass ?? 0);
      }
    }
  });

  test('a cluster whose parts all failed has failed, with the same reason', async () => {
    const lost = await ended();
    expect(join([lost, lost, lost])).toEqual(lost);
    expect(join([lost, lost]).outcome).toBe('failed');
  });

  async function refused(shard: Shard, path: RegExp, status: number): Promise<ClusterResult> {
    const [source] = sources as [Source];
    source.refuse = (url) => (path.test(url) ? status : null);
    const { result } = await audit(source, shard);
    source.refuse = () => null;
    return result;
  }
});

describe('the shard of a namespace', () => {
  test('each namespace belongs to exactly one shard, and namespaces are spread', () => {
    const names = Array.from({ length: 1000 }, (_, i) => `team-${i}`);
    for (const count of [2, 3, 8, 99]) {
      const sizes = shardsOf(count).map((shard) => names.filter((name) => isInShard(name, shard)).length);
      expect(sizes.reduce((a, b) => a + b)).toBe(names.length);
      expect(Math.max(...sizes)).toBeLessThan((3 * names.length) / count);
    }
  });
});
