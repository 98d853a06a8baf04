import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compare } from '../../lambda/findings/compare.ts';
import { leavesOpen } from '../../lambda/findings/coverage.ts';
import type { Finding, FindingStatus } from '../../lambda/findings/finding.ts';
import { isClosed } from '../../lambda/findings/identity.ts';
import type { ClusterResult } from '../../lambda/findings/run-result.ts';
import { runs } from '../support/runs.ts';
import { aFinding, aRecord, aResult } from './builders.ts';

const CHECKS = ['pod-too-old', 'writable-root-filesystem', 'egress-unrestricted'];
const NOW = Date.parse('2026-11-21T23:00:00Z');

const check = fc.constantFrom(...CHECKS);
const on = fc.constantFrom(
  'a/Deployment/x',
  'a/CronJob/y',
  'a/Job/y-1',
  'b/Deployment/x',
  'b/Pod/p',
  'b/ReplicaSet/x-1',
);
const container = fc.constantFrom(null, 'app', 'proxy');

const finding = fc
  .record({
    check,
    on,
    container,
    status: fc.constantFrom<FindingStatus>('new', 'open', 'gone', 'resolved', 'exempt'),
    firstSeen: fc.constantFrom('2026-01-01T00:00:00.000Z', '2026-10-01T00:00:00.000Z'),
  })
  .map(aFinding);

const record = fc
  .record({
    check,
    on: fc.option(on, { nil: undefined, freq: 3 }),
    container,
    reason: fc.constantFrom('forbidden' as const, 'malformed-object' as const, 'platform' as const),
  })
  .map(({ on: scope, ...rest }) => aRecord(scope === undefined ? rest : { ...rest, on: scope }));

const previous = fc.array(finding, { maxLength: 12 });
const current: fc.Arbitrary<ClusterResult> = fc
  .record({
    findings: fc.uniqueArray(finding, { maxLength: 8, selector: ({ id }) => id }),
    notEvaluated: fc.array(record, { maxLength: 4 }),
    checks: fc.subarray(CHECKS),
    outcome: fc.constantFrom('audited' as const, 'audited' as const, 'failed' as const),
  })
  .map((changes) => aResult({ ...changes, findings: changes.findings.map(withStatusNew) }));

const withStatusNew = (row: Finding): Finding => ({ ...row, status: 'new' });
const idsOf = (rows: readonly Finding[]): readonly string[] => rows.map(({ id }) => id);

describe('whatever was and is found', () => {
  it('no finding is lost: each known one is in exactly one place', () => {
    fc.assert(
      fc.property(previous, current, (before, now) => {
        const { findings, unconfirmed, closed } = compare(before, now, NOW);
        const places = [findings, unconfirmed, closed].map((rows) => new Set(idsOf(rows)));
        for (const row of before) {
          const count = places.filter((ids) => ids.has(row.id)).length;
          if (isClosed(row)) expect(count).toBeLessThanOrEqual(1);
          else expect(count).toBe(1);
        }
      }),
      { numRuns: runs(500) },
    );
  });

  it('no finding is invented or doubled', () => {
    fc.assert(
      fc.property(previous, current, (before, now) => {
        const { findings, unconfirmed, closed } = compare(before, now, NOW);
        expect(idsOf(findings)).toEqual(idsOf(now.findings));
        const carried = idsOf([...unconfirmed, ...closed]);
        expect(new Set(carried).size).toBe(carried.length);
        const known = new Set(idsOf(before.filter((row) => !isClosed(row))));
        for (const id of carried) expect(known.has(id)).toBe(true);
        for (const { id, status } of findings) expect(status).toBe(known.has(id) ? 'open' : 'new');
      }),
      { numRuns: runs(500) },
    );
  });

  it('nothing is fixed or gone that was not evaluated', () => {
    fc.assert(
      fc.property(previous, current, (before, now) => {
        for (const row of compare(before, now, NOW).closed) {
          if (row.status === 'withdrawn') continue;
          expect(now.outcome).toBe('audited');
          expect(now.tallies.map((tally) => tally.check)).toContain(row.check);
          expect(
            now.notEvaluated.filter((open) => open.check === row.check && leavesOpen(open, row)),
          ).toEqual([]);
        }
      }),
      { numRuns: runs(500) },
    );
  });

  it('the order of the state does not matter', () => {
    fc.assert(
      fc.property(previous, current, (before, now) => {
        const forwards = compare(before, now, NOW);
        const backwards = compare([...before].reverse(), now, NOW);
        expect(forwards.findings).toEqual(backwards.findings);
        for (const list of ['unconfirmed', 'closed'] as const) {
          expect([...idsOf(forwards[list])].sort()).toEqual([...idsOf(backwards[list])].sort());
        }
      }),
    );
  });
});

/** What a scope of one check is in one run, as only an onlooker knows who sees everything. */
type Truth = 'fail' | 'pass' | 'not evaluated';

describe('over many runs', () => {
  it('a finding is open from the run that first found it to the first that looked and found nothing', () => {
    const scopes = ['a/Deployment/x', 'a/Deployment/y', 'b/StatefulSet/z'];
    const run = fc.tuple(...scopes.map(() => fc.constantFrom<Truth>('fail', 'pass', 'not evaluated')));
    fc.assert(
      fc.property(fc.array(run, { minLength: 1, maxLength: 8 }), (runs) => {
        let state: readonly Finding[] | null = null;
        const since: (string | null)[] = scopes.map(() => null);
        runs.forEach((truths, day) => {
          const now = NOW + day * 86_400_000;
          const { findings, unconfirmed, closed } = compare(state, resultOf(scopes, truths), now);
          truths.forEach((truth, i) => {
            const was = since[i] ?? null;
            if (truth === 'fail') since[i] = was ?? new Date(now).toISOString();
            if (truth === 'pass') since[i] = null;
            const isClosed = closed.some((row) => isOn(row, scopes[i]));
            expect(isClosed).toBe(was !== null && truth === 'pass');
          });
          state = [...findings, ...unconfirmed];
          const open = scopes.map((scope) => state?.find((row) => isOn(row, scope))?.firstSeen ?? null);
          expect(open).toEqual(since);
        });
      }),
      { numRuns: runs(300) },
    );
  });
});

const isOn = ({ workload }: Finding, scope: string | undefined): boolean =>
  `${workload.namespace}/${workload.kind}/${workload.name}` === scope;

function resultOf(scopes: readonly string[], truths: readonly Truth[]): ClusterResult {
  const being = (wanted: Truth) => scopes.filter((_, i) => truths[i] === wanted);
  return aResult({
    findings: being('fail').map((scope) => aFinding({ on: scope })),
    notEvaluated: being('not evaluated').map((scope) => aRecord({ on: scope })),
  });
}

it('a hundred thousand known findings are compared from a stream as well as from a list', () => {
  const rows = 100_000;
  const template = aFinding();
  function* state(): Generator<Finding> {
    for (let i = 0; i < rows; i++) yield { ...template, id: `id-${i}` };
  }
  const found = Array.from({ length: rows }, (_, i) => ({ ...template, id: `id-${i + 1000}` }));
  const { findings, closed } = compare(state(), aResult({ findings: found }), NOW);
  expect([findings.length, closed.length]).toEqual([rows, 1000]);
});
