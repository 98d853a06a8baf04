import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type FindingKey, findingId, runId } from '../../lambda/findings/identity.ts';

const aKey = (changes: Partial<FindingKey> = {}): FindingKey => ({
  cluster: { name: 'prod', arn: null },
  check: 'pod-too-old',
  workload: { namespace: 'shop', kind: 'Deployment', name: 'cart' },
  container: null,
  ...changes,
});

describe('the id of a finding', () => {
  it('the id of a finding never changes, since records of past audits refer to it', () => {
    expect(findingId(aKey())).toBe('09c71e99359f804b39c841096b67cde02b0c6f5b566f7b1a00ddb9cf0822fcb6');
    expect(findingId(aKey({ container: 'app' }))).toBe(
      '199e562d63105b14d30cda4dd17e20025105ab7cce695a9b6a75dfca4cf73635',
    );
  });

  it('the id of a finding follows the ARN of a cluster where it is known, whatever name the cluster has', () => {
    const arn = 'arn:aws:eks:eu-west-1:111122223333:cluster/prod';
    expect(findingId(aKey({ cluster: { name: 'prod', arn } }))).toBe(
      findingId(aKey({ cluster: { name: 'p', arn } })),
    );
    expect(findingId(aKey({ cluster: { name: 'prod', arn } }))).not.toBe(findingId(aKey()));
    // A context of `aws eks update-kubeconfig` is named by the ARN: the same cluster.
    expect(findingId(aKey({ cluster: { name: arn, arn: null } }))).toBe(
      findingId(aKey({ cluster: { name: 'prod', arn } })),
    );
  });

  it('the id of a finding differs wherever any part differs, whatever characters the parts hold', () => {
    const part = fc.oneof(
      fc.string({ maxLength: 4, unit: 'binary' }),
      fc.constantFrom('a', 'b', '/', '"', ',', '","', 'null', ''),
    );
    const keys = fc.record({
      cluster: fc.record({ name: part, arn: fc.constant(null) }),
      check: part,
      workload: fc.record({ namespace: part, kind: part, name: part }),
      container: fc.option(part),
    });
    fc.assert(
      fc.property(keys, keys, (a, b) => {
        expect(findingId(a) === findingId(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
      { numRuns: 300 },
    );
  });

  it('the id of a finding does not depend on the order or number of properties', () => {
    const { container, workload, check, cluster } = aKey();
    const extended = {
      container,
      workload: { ...workload, uid: 'x' },
      check,
      cluster: { ...cluster, region: 'x' },
    };
    expect(findingId(extended)).toBe(findingId(aKey()));
  });
});

describe('the id of a run', () => {
  const at = Date.parse('2026-11-21T23:00:00Z');

  it('the id of a run is the start in UTC and a hash', () => {
    expect(runId(at, 'seed')).toMatch(/^20261121T230000Z-[0-9a-f]{8}$/);
  });

  it('the id of a run is the same for the same start and seed, and differs otherwise', () => {
    expect(runId(at, 'seed')).toBe(runId(at, 'seed'));
    expect(runId(at, 'other')).not.toBe(runId(at, 'seed'));
    expect(runId(at + 1, 'seed')).not.toBe(runId(at, 'seed'));
  });

  it('ids of runs sort by time', () => {
    const instant = fc.integer({ min: 0, max: Date.parse('9999-12-31T23:59:59Z') / 1000 });
    fc.assert(
      fc.property(instant, instant, fc.string(), fc.string(), (a, b, seedA, seedB) => {
        fc.pre(a !== b);
        expect(runId(a * 1000, seedA) < runId(b * 1000, seedB)).toBe(a < b);
      }),
    );
  });

  it.each([Number.NaN, 8.7e15, Date.parse('+010000-01-01T00:00:00Z'), -1e14])(
    'the id of a run is refused for %d',
    (startedAt) => {
      expect(() => runId(startedAt, '')).toThrow(RangeError);
    },
  );
});
