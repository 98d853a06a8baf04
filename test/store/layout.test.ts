import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keySafe } from '../../lambda/store/key-segments.ts';
import { findingsKey, inventoryKey, latestKey, runKey, stateKey } from '../../lambda/store/layout.ts';
import { aCluster, MONDAY } from '../report/builders.ts';

const RUN = { id: '20260302T060000Z', startedAt: MONDAY };

describe('keys', () => {
  test('keys are those of SPEC section 9', () => {
    const partition = 'account=111122223333/region=eu-west-1/cluster=prod-eu';
    expect(findingsKey(RUN, aCluster())).toBe(
      `findings/${partition}/date=2026-03-02/20260302T060000Z.ndjson.gz`,
    );
    expect(inventoryKey(RUN, aCluster())).toBe(
      `inventory/${partition}/date=2026-03-02/20260302T060000Z.ndjson.gz`,
    );
    expect(stateKey(aCluster())).toBe(`state/${partition}/state.json.gz`);
    expect(runKey(RUN.id, 'digest.txt')).toBe('runs/20260302T060000Z/digest.txt');
    expect(latestKey('summary.json')).toBe('latest/summary.json');
  });

  test('keys say none for an unknown account and region', () => {
    const cluster = { name: 'kind', arn: null, accountId: null, region: null };
    expect(stateKey(cluster)).toBe('state/account=none/region=none/cluster=kind/state.json.gz');
  });

  test('keys treat a kubeconfig context as one partition', () => {
    const name = 'arn:aws:eks:eu-west-1:111122223333:cluster/prod';
    expect(keySafe(name)).toBe('arn%3Aaws%3Aeks%3Aeu-west-1%3A111122223333%3Acluster%2Fprod');
    expect(decodeURIComponent(keySafe(name))).toBe(name);
  });

  test.each(['../../etc/passwd', '..', '.', 'a/../b', 'x/date=1999-01-01', 'a\\b', 'a\0b'])(
    'keys stay in their folder for a cluster named %j',
    (name) => {
      const key = findingsKey(RUN, { ...aCluster(), name });
      expect(key.split('/')).toHaveLength(6);
      expect(key.split('/').filter((part) => part === '..' || part === '.')).toEqual([]);
      expect(key).not.toMatch(/[\\\0]/);
    },
  );

  test('keys differ for names that differ, however long, and fit a file name', () => {
    const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(name, name, (one, other) => {
        fc.pre(one.isWellFormed() && other.isWellFormed() && one !== other);
        expect(keySafe(one)).not.toBe(keySafe(other));
        expect(keySafe(one).length).toBeLessThanOrEqual(200);
      }),
    );
    const long = 'ü'.repeat(200);
    expect(keySafe(`${long}a`)).not.toBe(keySafe(`${long}b`));
    expect(keySafe(long)).toMatch(/^(%C3%BC)+~[0-9a-f]{64}$/);
  });
});
