import { describe, expect, test } from '@jest/globals';
import { parseConfig } from '../../lambda/config/load.ts';
import { changesTexts } from '../../lambda/history/evidence/changes-text.ts';
import { coverageTexts } from '../../lambda/history/evidence/coverage-text.ts';
import { type IndexRow, indexRow } from '../../lambda/history/evidence/index-rows.ts';
import { readRecords } from '../../lambda/history/records.ts';
import { config, deliver, found, runOf } from '../audit/recording.ts';
import { aRecord, PROD } from '../findings/builders.ts';
import { type MemoryStore, memoryStore } from '../store/memory-store.ts';

const OTHER = { ...PROD, name: 'other', arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/other' };

async function rowsOf(store: MemoryStore) {
  const { records } = await readRecords(store);
  return Promise.all(records.map((record) => indexRow(record, { store, keys: [], points: [] })));
}

describe('what the index of a period says of its runs', () => {
  test('that every cluster was audited in every run is said only where each run has each cluster', async () => {
    const store = memoryStore();
    const both = [found(['a']), found(['b'], OTHER)];
    await deliver({ store, run: runOf(1), results: both });
    expect(coverageTexts(await rowsOf(store))).toEqual(['Every cluster was audited in every run.']);
    await deliver({ store, run: runOf(8), results: both });
    await deliver({ store, run: runOf(15), results: [found(['a'])] });
    expect(coverageTexts(await rowsOf(store))).toEqual([
      'Every cluster was audited in each run that has it.',
      'Not in every run: other (in 2 runs, last on 2026-03-08).',
    ]);
  });

  test('two clusters of one name in a run are no second run that has it', async () => {
    const store = memoryStore();
    const local = { ...PROD, arn: null, accountId: null, region: null, name: 'local' };
    const [one, other] = ['u1', 'u2'].map((uid) => ({ ...local, uid }));
    const two = [found(['a'], one), found(['b'], other)];
    await deliver({ store, run: runOf(1), results: two });
    await deliver({ store, run: runOf(8), results: [found(['a'], one)] });
    expect(coverageTexts(await rowsOf(store))).toContain(
      'Not in every run: local (in 1 run, last on 2026-03-01).',
    );
  });

  test('what a run found and left out is named with why, and a run that does not say it is no all clear', async () => {
    const store = memoryStore();
    const scope = { excluded: [OTHER], gaps: [], leftOutAccounts: [] };
    const narrow = { ...config, clusters: { ...config.clusters, exclude: ['other'] } };
    const leftOut = [
      { name: 'again', arn: null, reason: 'duplicate' as const },
      { name: 'other', arn: OTHER.arn, reason: 'not-included' as const },
    ];
    await deliver({ store, run: runOf(1), results: [found(['a'])], config: narrow, scope, leftOut });
    await deliver({ store, run: runOf(8), results: [found(['a'])], config: narrow, scope });
    expect(coverageTexts(await rowsOf(store))).toEqual([
      'Found and left out: other (in 2 runs; a pattern of clusters.exclude fits it).',
      'Every other cluster was audited in every run.',
    ]);
    await store.put(`runs/${runOf(8).id}/run.json`, [Buffer.from('{')], { contentType: 'x' });
    expect(coverageTexts(await rowsOf(store))).toContain(
      'What was left out is not recorded in 1 run, or cannot be read there.',
    );
  });

  test('verdicts that were not evaluated are said, and a summary that cannot be read is no all clear', async () => {
    const store = memoryStore();
    const result = { ...found(['a']), notEvaluated: [aRecord(), aRecord({ on: 'shop/Deployment/x' })] };
    await deliver({ store, run: runOf(1), results: [result] });
    await deliver({ store, run: runOf(8), results: [found(['a'])] });
    const key = `runs/${runOf(8).id}/summary.json`;
    await store.put(key, [Buffer.from('{')], { contentType: 'application/json' });
    expect(coverageTexts(await rowsOf(store))).toEqual([
      'The summary of 1 run cannot be read, so that it is not known what was audited.',
      'Every cluster was audited in every other run.',
      '1 run had verdicts that were not evaluated, which are no pass (at most 2 in one run).',
    ]);
    await store.put(`runs/${runOf(1).id}/summary.json`, [Buffer.from('{')], { contentType: 'x' });
    expect(coverageTexts(await rowsOf(store))).toEqual([
      'The summary of 2 runs cannot be read, so that it is not known what was audited.',
    ]);
  });

  test('when the configuration changed is said with the settings, and one that is not recorded is said to be unknown', async () => {
    const store = memoryStore();
    const other = { ...config, clusters: { ...config.clusters, exclude: ['dev-*'] } };
    await deliver({ store, run: runOf(1), results: [found(['a'])] });
    await deliver({ store, run: runOf(8), results: [found(['a'])] });
    await deliver({ store, run: runOf(15), results: [found(['a'])], config: other });
    const rows = await rowsOf(store);
    expect(changesTexts(rows)).toEqual([`2026-03-15 (${runOf(15).id}): clusters.exclude: dev-* added`]);
    expect(changesTexts(rows.map((row) => ({ ...row, config: null })))).toEqual([
      `2026-03-15 (${runOf(15).id}): the configuration or the version changed, and what it was is not recorded.`,
    ]);
  });

  test('a change of accounts and of who is told is a change of the configuration, too', async () => {
    const store = memoryStore();
    const text = 'accounts: [{ id: "111122223333", regions: [eu-west-1] }]\ndigest: { minSeverity: high }\n';
    await deliver({ store, run: runOf(1), results: [found(['a'])] });
    await deliver({ store, run: runOf(8), results: [found(['a'])], config: parseConfig(text, 'f', []) });
    const day = `2026-03-08 (${runOf(8).id})`;
    const [one, other] = (await rowsOf(store)) as [IndexRow, IndexRow];
    expect(changesTexts([one, other])).toEqual([
      `${day}: accounts: 1 added; digest.minSeverity: medium -> high`,
    ]);
    expect(changesTexts([one, { ...other, config: one.config }])).toEqual([
      `${day}: the configuration changed, and config.json does not say how.`,
    ]);
  });
});
