import { describe, expect, test } from '@jest/globals';
import { defaultConfig } from '../../lambda/config/load.ts';
import { leftOutBy, type RunContext, runDocument, sortedLeftOut } from '../../lambda/run/run-context.ts';
import { aCluster, aFailed, anAudited, aRun } from '../report/builders.ts';

const NOW = Date.parse('2026-03-02T06:00:07Z');
const CONTEXT: RunContext = { start: 'manual', bundleSha256: 'b'.repeat(64), leftOut: [] };

const reading = {
  kubernetesVersion: '1.36',
  principal: 'arn:aws:iam::111122223333:role/Auditor',
  status: 'UPDATING',
  readAt: '2026-03-02T06:00:01.000Z',
};

describe('run.json', () => {
  test('run.json lists every target in the order of reports, also those that could not be read', () => {
    const failed = { ...aFailed(aCluster('a')), reading: { ...reading, kubernetesVersion: null } };
    const run = aRun([{ ...anAudited(aCluster('b')), reading }, failed, anAudited(aCluster('c'))]);
    const document = JSON.parse(runDocument(run, CONTEXT, NOW));
    expect(document.tool).toEqual({ version: '0.1.0', bundleSha256: 'b'.repeat(64) });
    expect(document.targets).toEqual([
      { cluster: aCluster('a'), outcome: 'failed', ...reading, kubernetesVersion: null },
      { cluster: aCluster('b'), outcome: 'audited', ...reading },
      {
        cluster: aCluster('c'),
        outcome: 'audited',
        kubernetesVersion: null,
        principal: null,
        status: null,
        readAt: '2026-03-02T06:00:07.000Z',
      },
    ]);
  });

  test('what the configuration leaves out is listed once, in order, with the setting that leaves it out', () => {
    const { clusters } = defaultConfig();
    const wanted = { ...clusters, include: ['prod*'], exclude: ['*-old'], includeTags: { audit: 'yes' } };
    const excluded = ['prod-old', 'prod-untagged', 'dev', 'dev'].map((name) => aCluster(name));
    const leftOut = sortedLeftOut(leftOutBy(wanted, excluded));
    expect(leftOut.map(({ name, reason }) => [name, reason])).toEqual([
      ['dev', 'not-included'],
      ['prod-old', 'excluded'],
      ['prod-untagged', 'tags'],
    ]);
    const document = JSON.parse(runDocument(aRun(), { ...CONTEXT, leftOut }, NOW));
    expect(document.leftOut[0]).toEqual({ name: 'dev', arn: aCluster('dev').arn, reason: 'not-included' });
  });

  test('run.json of a run without targets has empty lists', () => {
    expect(JSON.parse(runDocument(aRun([]), CONTEXT, NOW))).toMatchObject({ targets: [], leftOut: [] });
  });
});
