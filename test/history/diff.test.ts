import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { defaultConfig } from '../../lambda/config/load.ts';
import type { Finding, FindingStatus } from '../../lambda/findings/finding.ts';
import { recordCoverage } from '../../lambda/findings/former-coverage.ts';
import { clusterKey } from '../../lambda/findings/identity.ts';
import type { ClusterResult } from '../../lambda/findings/run-result.ts';
import { type ChangeKind, type Difference, differenceOf } from '../../lambda/history/diff/difference.ts';
import { groupsOf } from '../../lambda/history/diff/groups.ts';
import { differenceMarkdown } from '../../lambda/history/diff/markdown.ts';
import { isLeftOpen, type Side, sideOf } from '../../lambda/history/diff/side.ts';
import { countsLine } from '../../lambda/history/diff/words.ts';
import { aFinding, aRecord, aResult, PROD, ref } from '../findings/builders.ts';
import { runs } from '../support/runs.ts';

const CHECKS = ['pod-too-old', 'egress-unrestricted'];
const WORKLOADS = ['a', 'b', 'c'].map((name) => `shop/Deployment/${name}`);

interface SideOptions extends Partial<Omit<ClusterResult, 'tallies' | 'basis'>> {
  readonly id?: string;
  readonly version?: string;
  /** Over the default configuration. */
  readonly effective?: object;
  /** Workloads that were judged without a finding. */
  readonly clean?: readonly string[];
}

/** A run of one cluster, with what it could decide as it is recorded. */
function aSide({
  id = 'r',
  version = '1.0.0',
  effective = {},
  clean = WORKLOADS,
  ...changes
}: SideOptions): Side {
  const basis = {
    clean: clean.map(ref),
    checksOff: [],
    checksNotAsked: [],
    namespacesExcluded: [],
    noLongerAsked: [],
  };
  const result = { ...aResult({ checks: CHECKS, ...changes }), basis };
  const coverage = recordCoverage(result, null);
  return sideOf({
    run: {
      run: { id, startedAt: '2026-03-01T06:00:00Z', version, config: 'c' },
      clusters: [result],
    },
    config: { version, effective: { ...defaultConfig(), ...effective } },
    comparedWith: new Map([[clusterKey(PROD), { key: 'k', sha256: null, coverage }]]),
  });
}

const on = (name: string, changes: Parameters<typeof aFinding>[0] = {}): Finding =>
  aFinding({ on: `shop/Deployment/${name}`, status: 'open', ...changes });

const kinds = ({ changes }: Difference): readonly string[] =>
  changes.map(
    ({ kind, finding, because }) =>
      `${kind} ${finding.workload.name}${because === null ? '' : `: ${because}`}`,
  );

describe('the difference of two runs', () => {
  test('what is found now and was not before is new; what is as it was is counted', () => {
    const difference = differenceOf(aSide({ findings: [on('a')] }), aSide({ findings: [on('a'), on('b')] }));
    expect([kinds(difference), difference.same]).toEqual([['new b'], 1]);
  });

  test('another severity, number of pods or evidence is a change, and the time that has passed is none', () => {
    const was = on('a', { evidence: { oldestAgeSeconds: 100, limitSeconds: 10, terminating: 0 } });
    const older = on('a', { evidence: { oldestAgeSeconds: 900, limitSeconds: 10, terminating: 0 } });
    expect(kinds(differenceOf(aSide({ findings: [was] }), aSide({ findings: [older] })))).toEqual([]);
    const worse = on('a', {
      severity: 'high',
      pods: { count: 3 },
      evidence: { oldestAgeSeconds: 900, limitSeconds: 5, terminating: 0 },
    });
    expect(kinds(differenceOf(aSide({ findings: [was] }), aSide({ findings: [worse] })))).toEqual([
      'changed a: severity medium -> high; pods 1 -> 3; limit 10s -> 5s',
    ]);
  });

  test('what the newer run says is over is over as it says', () => {
    const before = aSide({ findings: [on('a'), on('b'), on('c')] });
    const after = aSide({
      findings: [
        on('a', { status: 'fixed' }),
        on('b', { status: 'gone' }),
        on('c', { status: 'withdrawn', reason: 'limit-changed' }),
      ],
    });
    expect(kinds(differenceOf(before, after))).toEqual(['fixed a', 'gone b', 'withdrawn c: limit-changed']);
  });

  test('what a run between the two has closed is closed as that run said it', () => {
    const between = aSide({
      findings: [on('a', { status: 'fixed' }), on('b', { status: 'withdrawn', reason: 'limit-changed' })],
    });
    const changed = { effective: { preset: 'strict' } };
    const before = aSide({ findings: [on('a'), on('b')] });
    expect(kinds(differenceOf(before, aSide(changed), [between]))).toEqual([
      'fixed a',
      'withdrawn b: limit-changed',
    ]);
  });

  test('without a word of the time, what passes now is fixed only if the same was asked', () => {
    const before = aSide({ findings: [on('a')] });
    expect(kinds(differenceOf(before, aSide({})))).toEqual(['fixed a']);
    for (const other of [{ version: '2.0.0' }, { effective: { preset: 'strict' } }]) {
      expect(kinds(differenceOf(before, aSide(other)))).toEqual([
        'undecided a: it passes, and the configuration asks something else than before',
      ]);
    }
  });

  test('a workload that the newer run has not seen is gone', () => {
    expect(kinds(differenceOf(aSide({ findings: [on('a')] }), aSide({ clean: [] })))).toEqual(['gone a']);
  });

  test('what the newer run did not decide is never fixed, whatever it was before', () => {
    const before = aSide({ findings: [on('a')] });
    const cases: readonly (readonly [SideOptions, string])[] = [
      [{ outcome: 'failed' }, 'undecided a: its cluster was not audited'],
      [{ notEvaluated: [aRecord()] }, 'undecided a: forbidden'],
      [{ notEvaluated: [aRecord({ on: 'shop/Deployment/a', reason: 'timeout' })] }, 'undecided a: timeout'],
      // As a run leaves it: open, and not looked at.
      [{ findings: [on('a')], notEvaluated: [aRecord()] }, 'undecided a: forbidden'],
      [{ clean: [], notEvaluated: [aRecord()] }, 'undecided a: forbidden'],
      [{ findings: [on('a', { status: 'fixed' })], notEvaluated: [aRecord()] }, 'undecided a: forbidden'],
    ];
    for (const [options, expected] of cases) {
      const between = [aSide({ findings: [on('a', { status: 'fixed' })] })];
      expect(kinds(differenceOf(before, aSide(options), between))).toEqual([expected]);
    }
    const elsewhere = { ...aSide({}), clusters: new Map() };
    expect(kinds(differenceOf(before, elsewhere))).toEqual([
      'undecided a: its cluster is not in the newer run',
    ]);
    const again = { ...aSide({}), clusters: new Map([['another', [...aSide({}).clusters.values()][0]]]) };
    expect(kinds(differenceOf(before, again as Side))).toEqual([
      'undecided a: its cluster is not in the newer run: the one of this name is another',
    ]);
    const once = { ...aSide({}), clusters: again.clusters } as Side;
    expect(kinds(differenceOf(once, aSide({ findings: [on('a')] })))).toEqual([
      'new a: its cluster was not audited before: the one of this name was another',
    ]);
  });

  test('a check that was switched off, or a namespace that is left out, withdraws what they found', () => {
    const before = aSide({ findings: [on('a')] });
    const off = aSide({ effective: { checks: { 'pod-too-old': 'off' } } });
    expect(kinds(differenceOf(before, off))).toEqual(['withdrawn a: check-off']);
    const excluded = aSide({ effective: { namespaces: { exclude: ['shop'] } }, clean: [] });
    expect(kinds(differenceOf(before, excluded))).toEqual(['withdrawn a: namespace-excluded']);
  });

  test('an exemption that begins or ends is no finding that comes or goes', () => {
    const [open, exempt] = [
      aSide({ findings: [on('a')] }),
      aSide({ findings: [on('a', { status: 'exempt' })] }),
    ];
    expect(kinds(differenceOf(open, exempt))).toEqual(['newly-exempt a']);
    expect(kinds(differenceOf(exempt, open))).toEqual(['no-longer-exempt a']);
  });

  test('what was not decided before is new, with that word', () => {
    const before = aSide({ notEvaluated: [aRecord()] });
    expect(kinds(differenceOf(before, aSide({ findings: [on('a')] })))).toEqual([
      'new a: not decided before',
    ]);
  });

  test('the configuration and the version come first, since they explain most of what follows', () => {
    const after = aSide({ version: '2.0.0', effective: { checks: { 'pod-too-old': 'off' } } });
    expect(differenceOf(aSide({}), after).settings).toEqual([
      'eks-drift-auditor: 1.0.0 -> 2.0.0',
      'checks.pod-too-old: default -> off',
    ]);
  });
});

describe('a difference for people', () => {
  const before = aSide({ findings: [on('a'), on('b')] });
  const after = aSide({
    findings: [on('c', { container: 'x' }), on('c', { container: 'y' })],
    clean: ['shop/Deployment/a'],
  });
  const difference = differenceOf(before, after);

  test('why something was withdrawn is said in words, and in data by its code', () => {
    const off = differenceOf(
      aSide({ findings: [on('a')] }),
      aSide({ effective: { checks: { 'pod-too-old': 'off' } } }),
    );
    expect(countsLine(off)).toBe('!1 withdrawn (pod-too-old: switched off)  =0');
    expect(differenceMarkdown(off)).toContain('switched off');
    expect(off.changes.map(({ because }) => because)).toEqual(['check-off']);
  });

  test('the numbers are one line, what is the same at its end', () => {
    expect(countsLine(difference)).toBe('+2 new  -1 fixed  -1 gone  =0');
  });

  test('changes are folded by check and workload, with their containers', () => {
    const [group] = groupsOf(difference.changes);
    expect(group).toMatchObject({
      kind: 'new',
      check: 'pod-too-old',
      workloads: [{ containers: ['x', 'y'] }],
    });
  });

  test('Markdown holds names as code, so that none is markup, a link or a mention', () => {
    const hostile = '`](evil.example) @team <img src=x> ``` **b**';
    const evil = aSide({ findings: [on('a', { on: `shop/Deployment/${hostile}` })] });
    const text = differenceMarkdown(differenceOf(aSide({}), evil));
    const line = text.split('\n').find((one) => one.includes('evil.example')) ?? '';
    // The fence is longer than any in the name.
    expect(line).toBe(`  - \`\`\`\`shop/Deployment/${hostile}\`\`\`\` in \`prod\``);
    expect(text).toContain('### New');
  });
});

const aStatus = fc.constantFrom<FindingStatus>(
  'new',
  'open',
  'exempt',
  'fixed',
  'gone',
  'withdrawn',
  'resolved',
);

const someFindings = fc
  .uniqueArray(fc.record({ on: fc.constantFrom(...WORKLOADS), check: fc.constantFrom(...CHECKS) }), {
    selector: ({ on: workload, check }) => `${workload} ${check}`,
  })
  .chain((scopes) =>
    fc.tuple(
      ...scopes.map((scope) =>
        fc
          .record({ status: aStatus, severity: fc.constantFrom('low', 'high') })
          .map((rest) =>
            aFinding({ ...scope, ...(rest as { status: FindingStatus; severity: 'low' | 'high' }) }),
          ),
      ),
    ),
  );

const someGaps = fc.array(
  fc
    .record({
      check: fc.constantFrom(...CHECKS),
      on: fc.option(fc.constantFrom(...WORKLOADS), { nil: null }),
    })
    .map(({ check, on: workload }) => aRecord(workload === null ? { check } : { check, on: workload })),
  { maxLength: 3 },
);

const someSide = fc
  .record({
    findings: someFindings,
    notEvaluated: someGaps,
    outcome: fc.constantFrom<ClusterResult['outcome']>('audited', 'audited', 'audited', 'failed'),
    clean: fc.subarray(WORKLOADS),
    effective: fc.constantFrom({}, {}, { preset: 'strict' }, { checks: { 'pod-too-old': 'off' } }),
  })
  .map((options) => aSide(options));

const RUNS = { numRuns: runs(2000) };

describe('the difference of any two runs', () => {
  test('the difference of a run and itself is empty', () => {
    fc.assert(
      fc.property(someSide, fc.array(someSide, { maxLength: 2 }), (side, between) => {
        const { changes, same, settings } = differenceOf(side, side, between);
        expect([changes, same, settings]).toEqual([[], side.present.size, []]);
      }),
      RUNS,
    );
  });

  test('nothing is fixed, and nothing gone, that the newer run left open', () => {
    fc.assert(
      fc.property(someSide, someSide, fc.array(someSide, { maxLength: 2 }), (before, after, between) => {
        const { changes } = differenceOf(before, after, between);
        const fixed = changes.filter(({ kind }) => kind === 'fixed');
        expect(fixed.filter(({ finding }) => isLeftOpen(after, finding))).toEqual([]);
        expect(fixed.filter(({ finding }) => after.present.has(finding.id))).toEqual([]);
      }),
      RUNS,
    );
  });

  test('each finding of either run is counted once', () => {
    fc.assert(
      fc.property(someSide, someSide, (before, after) => {
        const { changes, same } = differenceOf(before, after);
        const ids = new Set([...before.present.keys(), ...after.present.keys()]);
        expect(changes.length + same).toBe(ids.size);
        expect(new Set(changes.map(({ finding }) => finding.id)).size).toBe(changes.length);
        const known = new Set<ChangeKind>(changes.map(({ kind }) => kind));
        if (before.present.size === 0)
          expect([...known].filter((kind) => kind !== 'new' && kind !== 'newly-exempt')).toEqual([]);
      }),
      RUNS,
    );
  });
});
