import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { InventoryRow } from '../../lambda/inventory/inventory.ts';
import { csvFindings } from '../../lambda/report/csv.ts';
import { digest } from '../../lambda/report/digest.ts';
import { NO_EXEMPTION_NOTES } from '../../lambda/report/exemption-notes.ts';
import { writeRun } from '../../lambda/run/write-run.ts';
import { gzipLines } from '../../lambda/store/gzip.ts';
import { inventorySpool } from '../../lambda/store/inventory-spool.ts';
import { parseManifest, sha256Of, verifyManifest } from '../../lambda/store/manifest.ts';
import type { ReportStore } from '../../lambda/store/store.ts';
import { aCluster, aFailed, aFinding, anAudited, aRun } from '../report/builders.ts';
import { failingAt, memoryStore } from '../store/memory-store.ts';

const inventoryRow = (pod: string): InventoryRow => ({
  cluster: 'prod-eu',
  namespace: 'payments',
  pod,
  uid: null,
  workload: { kind: 'Deployment', name: 'checkout' },
  node: null,
  phase: 'Running',
  startedAt: null,
  terminating: false,
  images: [],
});

const row = (pod: string): string => JSON.stringify(inventoryRow(pod));

const run = (id = 'r1', startedAt = '2026-03-02T06:00:00Z') => {
  const base = aRun([anAudited(aCluster(), [aFinding(), aFinding({ name: 'b' })]), aFailed(aCluster('b'))]);
  return { ...base, run: { ...base.run, id, startedAt } };
};

async function write(store: ReportStore, result = run()) {
  const mail = digest({
    run: result,
    exemptions: NO_EXEMPTION_NOTES,
    firstRun: true,
    reportLocation: null,
    options: { minSeverity: 'low', top: 10 },
  });
  const spool = inventorySpool();
  spool.add(row('a'));
  spool.add(row('b'));
  const written = await writeRun(store, result, {
    digest: mail,
    compliance: (objects) => ({ csv: [`${objects.length}\r\n`], lines: ['{}\n'] }),
    page: (objects) => [`<p>after ${objects.length} objects</p>\n`],
    inventories: [{ cluster: aCluster(), chunks: spool.chunks() }],
  });
  const { manifest } = written;
  if (manifest === null) throw new Error('The run is whole.');
  return { ...written, manifest };
}

const PARTITION = 'account=111122223333/region=eu-west-1/cluster=prod-eu/date=2026-03-02';

const lines = (bytes: Uint8Array | undefined): readonly Record<string, unknown>[] =>
  gunzipSync(bytes ?? Buffer.alloc(0))
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('a stored run', () => {
  test('a stored run has every object, with its manifest after all others and latest after the manifest', async () => {
    const store = memoryStore();
    await write(store);
    expect(store.order).toEqual([
      `findings/${PARTITION}/r1.ndjson.gz`,
      `inventory/${PARTITION}/r1.ndjson.gz`,
      'runs/r1/not-evaluated.ndjson.gz',
      'runs/r1/findings.ocsf.ndjson.gz',
      'runs/r1/findings.csv',
      'runs/r1/compliance.csv',
      'compliance/date=2026-03-02/r1.ndjson.gz',
      'runs/r1/summary.json',
      'runs/r1/digest.txt',
      'runs/r1/report.html',
      'state/manifest-head.json',
      'runs/r1/manifest.json',
      'state/manifest-head.json',
      'runs/r1/SHA256SUMS',
      'latest/summary.json',
      'latest/report.html',
    ]);
  });

  test('a stored run holds the findings of a cluster and one row per pod', async () => {
    const store = memoryStore();
    await write(store);
    expect(lines(store.objects.get(`findings/${PARTITION}/r1.ndjson.gz`))).toHaveLength(2);
    expect(lines(store.objects.get(`inventory/${PARTITION}/r1.ndjson.gz`)).map(({ pod }) => pod)).toEqual([
      'a',
      'b',
    ]);
    expect(lines(store.objects.get('runs/r1/not-evaluated.ndjson.gz'))).toHaveLength(5);
  });

  test('a stored run holds the whole table of findings, however long its rows are', async () => {
    const store = memoryStore();
    const messages = ['a', 'é€\u{1f600}'.repeat(60_000), 'b', 'é'.repeat(200_000), ''];
    const findings = messages.map((message, index) => aFinding({ name: `w${index}`, message }));
    const result = { ...run(), clusters: [anAudited(aCluster(), findings)] };
    await write(store, result);
    const text = Buffer.from(store.objects.get('runs/r1/findings.csv') ?? []).toString();
    expect(text === [...csvFindings(result)].join('')).toBe(true);
  });

  test('a stored run has an empty list of findings for a clean cluster, and none for a cluster that was not audited', async () => {
    const store = memoryStore();
    await write(store, { ...run(), clusters: [aFailed(aCluster('b')), anAudited(aCluster('clean'))] });
    const findings = store.order.filter((key) => key.startsWith('findings/'));
    expect(findings.map((key) => key.split('/')[3])).toEqual(['cluster=clean']);
  });

  test('a stored run agrees with its manifest', async () => {
    const store = memoryStore();
    const { manifest } = await write(store);
    const text = Buffer.from(store.objects.get(manifest.key) ?? []).toString();
    const observed = new Map(
      [...store.objects]
        .filter(([key]) => key !== manifest.key && !/^(?:latest|state)\/|SHA256SUMS$/.test(key))
        .map(([key, bytes]) => [key, { bytes: bytes.byteLength, sha256: sha256Of(bytes) }]),
    );
    expect(verifyManifest(parseManifest(text), observed)).toEqual([]);
    expect(manifest.sha256).toBe(sha256Of(text));
  });

  test('a stored run is byte for byte the same when it is written again', async () => {
    const one = memoryStore();
    const two = memoryStore();
    await write(one);
    await write(two);
    await write(two);
    expect([...two.objects]).toEqual([...one.objects]);
  });

  test('a stored run names the manifest of the previous run, also when it is repeated', async () => {
    const store = memoryStore();
    const { manifest } = await write(store);
    const second = run('r2', '2026-03-09T06:00:00Z');
    for (let times = 0; times < 2; times++) {
      const written = await write(store, second);
      const text = Buffer.from(store.objects.get(written.manifest.key) ?? []).toString();
      expect(parseManifest(text).previous).toEqual({ run: 'r1', sha256: manifest.sha256 });
    }
  });

  test('a run that is interrupted at any point leaves latest at the previous run', async () => {
    for (let failAt = 0; failAt < 10; failAt++) {
      const before = memoryStore();
      await write(before);
      const store = memoryStore({ objects: before.objects, beforeWrite: failingAt(failAt) });
      await expect(write(store, run('r2', '2026-03-09T06:00:00Z'))).rejects.toThrow('interrupted');
      const latest = Buffer.from(store.objects.get('latest/summary.json') ?? []).toString();
      expect(JSON.parse(latest)).toMatchObject({ run: { id: 'r1' } });
    }
  });

  test('a run that comes late does not move latest back', async () => {
    const store = memoryStore();
    await write(store, run('r2', '2026-03-09T06:00:00Z'));
    await write(store, run('r1', '2026-03-02T06:00:00Z'));
    expect(Buffer.from(store.objects.get('latest/summary.json') ?? []).toString()).toContain('"r2"');
  });

  test('a run is stored even when what latest holds cannot be read', async () => {
    const store = memoryStore({ objects: new Map([['latest/summary.json', Buffer.from('not json')]]) });
    const { manifest } = await write(store);
    expect(manifest.key).toBe('runs/r1/manifest.json');
  });

  test('a stored run keeps the findings of two clusters with the same name together, and loses neither', async () => {
    const nameless = { name: 'kind', arn: null, accountId: null, region: null };
    const store = memoryStore();
    const both = [
      anAudited(nameless, [aFinding({ name: 'a' })]),
      anAudited(nameless, [aFinding({ name: 'b' })]),
    ];
    await write(store, { ...run(), clusters: both });
    const key = 'findings/account=none/region=none/cluster=kind/date=2026-03-02/r1.ndjson.gz';
    expect(lines(store.objects.get(key))).toHaveLength(2);
  });
});

describe('compressed lines', () => {
  const many = Array.from(
    { length: 20_000 },
    (_, index) => `${JSON.stringify({ index, text: 'x'.repeat(100) })}\n`,
  );

  test('compressed lines are read as one file however many pieces they come in', () => {
    const pieces = [...gzipLines(many)];
    expect(pieces.length).toBeGreaterThan(2);
    expect(gunzipSync(Buffer.concat(pieces)).toString()).toBe(many.join(''));
  });

  test('compressed lines carry neither a time nor the name of a machine', () => {
    const [piece = Buffer.alloc(0)] = gzipLines(['x\n']);
    expect([...piece.subarray(4, 8)]).toEqual([0, 0, 0, 0]);
    expect(piece[9]).toBe(255);
  });

  test('compressed lines of nothing are a valid empty file', () => {
    expect(gunzipSync(Buffer.concat([...gzipLines([])])).length).toBe(0);
  });
});
