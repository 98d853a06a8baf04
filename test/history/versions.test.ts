import { describe, expect, test } from '@jest/globals';
import { AuditorError } from '../../lambda/errors.ts';
import { verifyRecords } from '../../lambda/history/verify/verify.ts';
import { DAY } from '../../lambda/inventory/durations.ts';
import { parseManifest } from '../../lambda/store/manifest.ts';
import type { ExpiryRule, ObjectVersion, StoreHistory } from '../../lambda/store/store-history.ts';
import { type MemoryStore, memoryStore } from '../store/memory-store.ts';
import { anchorOf, FIRST, forger, KEY, LAST, NOW, record, SECOND, SIGNER } from './a-history.ts';

const recorded = memoryStore();
const EXPECTED = [anchorOf(await record(recorded))];

const RULES: readonly ExpiryRule[] = [
  { id: 'expire-runs', prefix: 'runs/', days: 400, oldVersionDays: 400 },
  { id: 'expire-findings', prefix: 'findings/', days: 400, oldVersionDays: 400 },
  { id: 'expire-inventory', prefix: 'inventory/', days: 90, oldVersionDays: 90 },
];

interface Past {
  /** Besides the objects that are there. */
  readonly versions?: readonly (ObjectVersion & { readonly bytes?: Uint8Array })[];
  readonly rules?: readonly ExpiryRule[] | AuditorError;
  readonly versioned?: boolean;
}

const WRITTEN = Date.parse('2026-03-22T06:00:00Z');

/** What a bucket with these objects remembers. */
function aHistory(
  store: MemoryStore,
  { versions = [], rules = RULES, versioned = true }: Past = {},
): StoreHistory {
  const current = [...store.objects.keys()].map((key) => ({
    key,
    id: 'now',
    latest: true,
    deleted: false,
    at: WRITTEN,
  }));
  return {
    async *versions(prefix) {
      yield* [...current, ...versions].filter(({ key }) => key.startsWith(prefix));
    },
    getVersion: async (key, id) =>
      (id === 'now'
        ? store.objects.get(key)
        : versions.find((one) => one.key === key && one.id === id)?.bytes) ?? null,
    isVersioned: async () => versioned,
    expiryRules: async () => {
      if (rules instanceof AuditorError) throw rules;
      return rules;
    },
    lockOf: async () => null,
  };
}

async function doubts(store: MemoryStore, past: Past = {}, now = NOW): Promise<readonly string[]> {
  const { points } = await verifyRecords({
    store,
    history: aHistory(store, past),
    runs: 'all',
    from: null,
    expected: EXPECTED,
    keys: [KEY],
    now,
  });
  return points.flatMap(({ point, outcome, message }) =>
    outcome === 'pass' ? [] : [`${point} ${outcome}: ${message}`],
  );
}

const older = (key: string, bytes: Uint8Array | undefined, more: Partial<ObjectVersion> = {}) => ({
  key,
  id: 'older',
  latest: false,
  deleted: false,
  at: WRITTEN - 1000,
  ...(bytes === undefined ? {} : { bytes }),
  ...more,
});

const without = (...matches: readonly string[]): MemoryStore =>
  memoryStore({
    objects: new Map([...recorded.objects].filter(([key]) => !matches.some((match) => key.includes(match)))),
  });

describe('what a bucket remembers of a record', () => {
  test('versions of the same content are those of a repeated run, and no trace', async () => {
    const versions = [...recorded.objects].map(([key, bytes]) => older(key, bytes));
    expect(await doubts(recorded, { versions })).toEqual([]);
  });

  test('another content shows, with its time, although it was put back', async () => {
    const key = `runs/${SECOND}/digest.txt`;
    expect(await doubts(recorded, { versions: [older(key, Buffer.from('all clear'))] })).toEqual([
      `versions fail: 1 trace of changes: ${key} had another content since 2026-03-22T05:59:59.000Z.`,
    ]);
  });

  test('an object that was deleted and put back shows, with its time', async () => {
    const key = `runs/${SECOND}/summary.json`;
    const versions = [
      older(key, undefined, { deleted: true }),
      older(key, recorded.objects.get(key), { id: 'first' }),
    ];
    expect(await doubts(recorded, { versions })).toEqual([
      expect.stringMatching(
        /^versions fail: 1 trace of changes: runs\/.*summary\.json was deleted on 2026-03-22T05:59:59/,
      ),
    ]);
  });

  test('a manifest that was written before the run took another number is no trace, and any other one is', async () => {
    const key = `runs/${LAST}/manifest.json`;
    const text = Buffer.from(recorded.objects.get(key) ?? []).toString();
    const { sequence } = parseManifest(text);
    const attempt = Buffer.from(text.replace(`"sequence": ${sequence}`, '"sequence": 3'));
    expect(await doubts(recorded, { versions: [older(key, attempt)] })).toEqual([]);
    const edited = Buffer.from(text.replace('"config":', '"config":"x","former":'));
    expect(await doubts(recorded, { versions: [older(key, edited)] })).toEqual([
      expect.stringMatching(/^versions fail: 1 trace of changes: .*manifest\.json had another content/),
    ]);
  });

  test('another valid signature is no trace, and one by another key is', async () => {
    const key = `runs/${LAST}/manifest.json.sig`;
    const digest = Buffer.from(EXPECTED[0] ?? '', 'hex');
    expect(await doubts(recorded, { versions: [older(key, await SIGNER.sign(digest))] })).toEqual([]);
    expect(await doubts(recorded, { versions: [older(key, await forger().sign(digest))] })).toHaveLength(1);
  });

  test('notes of a run change while it goes on', async () => {
    const key = `runs/${LAST}/sent/sns.json`;
    expect(await doubts(recorded, { versions: [older(key, Buffer.from('{"status":"sending"}'))] })).toEqual(
      [],
    );
  });

  test('a bucket without versions remembers nothing, which is no pass', async () => {
    expect(await doubts(recorded, { versioned: false })).toHaveLength(4);
  });
});

describe('what ends by a lifecycle rule', () => {
  test('rows that are older than their rule may be gone, and younger ones may not', async () => {
    const findings = without('findings/');
    expect(await doubts(findings, {}, NOW + 420 * DAY)).toEqual([]);
    expect((await doubts(findings)).filter((line) => line.startsWith('objects fail'))).toHaveLength(4);
  });

  test('earlier runs whose markers are as old as the rule says have ended; younger markers are deletions', async () => {
    const store = without(FIRST);
    const key = `runs/${FIRST}/manifest.json`;
    const at = Date.parse('2026-03-01T06:00:10Z');
    const ended = (days: number) => [
      older(key, recorded.objects.get(key), { at }),
      older(key, undefined, { id: 'marker', deleted: true, latest: true, at: at + days * DAY }),
    ];
    expect(await doubts(store, { versions: ended(400) }, NOW + 400 * DAY)).toEqual([]);
    expect(await doubts(store, { versions: ended(3) })).toEqual([
      `beginning fail: Run ${FIRST}, which run ${SECOND} continues, is not there: it was deleted on 2026-03-04, 3 days after it was written, which no lifecycle rule does.`,
    ]);
  });

  test('where the rules cannot be read it is not known', async () => {
    const denied = new AuditorError('s3:GetLifecycleConfiguration failed.');
    expect(await doubts(without(FIRST), { rules: denied })).toEqual([
      expect.stringMatching(
        /^beginning not verifiable: .*it is not known whether it ended by a lifecycle rule: s3:GetLifecycle/,
      ),
    ]);
  });
});
