import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Finding, FindingStatus } from '../../../lambda/findings/finding.ts';
import { causeText } from '../../../lambda/report/cause-words.ts';
import { base64Of, gzipOnce } from '../../../lambda/report/page/block/compress.ts';
import { embeddedFindings } from '../../../lambda/report/page/block/embedded.ts';
import { SEVERITY_NAMES, STATUS_NAMES } from '../../../lambda/report/page/block/format.ts';
import { packFindings } from '../../../lambda/report/page/block/pack.ts';
import { fixOf, messageOf, podsOf } from '../../../lambda/report/page/client/row.ts';
import { bytesOf, type Table, unpack } from '../../../lambda/report/page/client/unpack.ts';
import { clusterName, shortNames } from '../../../lambda/report/words.ts';
import { runs } from '../../support/runs.ts';
import { aCluster, aFinding, anAudited } from '../builders.ts';
import { openEgress } from '../golden-parts.ts';

const PATCH = '# </script>\nspec:\n  a: "\\u0001"\n';
const CAUSE = {
  kind: 'writable-root',
  object: { kind: 'Pod', namespace: 's', name: 'n', part: null },
} as const;
const OPTIONS = {
  nameOf: shortNames([]),
  titles: new Map([['egress-unrestricted', 'Whole internet reachable']]),
  now: '2026-03-02T06:00:00Z',
  run: 'r1',
  patches: new Map([['patched', { name: 'p.yaml', text: PATCH }]]),
  apart: new Set(['1']),
};

const tableOf = async (findings: readonly Finding[]): Promise<Table> =>
  unpack(bytesOf([...packFindings(findings, OPTIONS)].join('')));

/** All that the page knows of a row, in the form of the finding. */
function rowOf(table: Table, row: number) {
  const at = (column: keyof Table['columns']): number => table.columns[column][row] ?? -1;
  const workload = table.workloads[at('workload')];
  const pods = podsOf(table, row);
  const fix = fixOf(table, row);
  const exemption = table.exemptions[at('exemption')];
  const origin = table.origins[at('origin')];
  const cluster = table.clusters[workload?.[0] ?? -1];
  return {
    cluster: cluster?.[1],
    severity: SEVERITY_NAMES[at('severity') as 0],
    status: STATUS_NAMES[at('status') as 0],
    check: table.checks[at('check')]?.[0],
    workload: { namespace: workload?.[1], kind: workload?.[2], name: workload?.[3] },
    owner: workload?.[4],
    managedBy: workload?.[5],
    container: table.containers[at('container')],
    controls: table.controls[at('controls')],
    message: messageOf(table, row),
    evidence: table.evidence[at('evidence')],
    pods: { count: pods[0], oldestStartedAt: pods[1], examples: pods[2] },
    cause: table.causes[at('cause')],
    fix: fix.slice(0, 3),
    remediation: fix[3],
    exemption:
      exemption === null ? null : { reason: exemption?.[0], owner: exemption?.[1], expires: exemption?.[2] },
    firstSeen: table.times[at('firstSeen')],
    lastSeen: table.times[at('lastSeen')],
    origin: origin === null ? null : { file: origin?.[0], line: origin?.[1] },
    reason: table.reasons[at('reason')],
    impliedBy: at('implied') - 1,
    apart: at('apart') === 1,
    patch: table.patches[at('patch')],
  };
}

const expected = (finding: Finding, findings: readonly Finding[]) => ({
  cluster: clusterName(finding.cluster),
  severity: finding.severity,
  status: finding.status,
  check: finding.check,
  workload: finding.workload,
  owner: finding.owner ?? null,
  managedBy: finding.managedBy ?? null,
  container: finding.container,
  controls: finding.controls,
  message: finding.message,
  evidence: finding.evidence,
  pods: finding.pods,
  cause: finding.cause == null ? null : causeText({ cause: finding.cause, findings: [] }),
  fix: [finding.fix?.text ?? null, finding.fix?.command ?? null, finding.fix?.risk ?? null],
  remediation: finding.remediation,
  exemption: finding.exemption,
  firstSeen: finding.firstSeen,
  lastSeen: finding.lastSeen,
  origin: finding.origin ?? null,
  reason: finding.reason ?? null,
  apart: finding.id === '1',
  patch: finding.cause?.id === 'patched' ? ['p.yaml', PATCH] : null,
  impliedBy: findings.findIndex(({ id }) => id === finding.impliedBy),
});

const text = fc.string({ unit: 'binary', maxLength: 12 });
const few = fc.constantFrom(
  'a',
  'shop',
  '',
  '</script>',
  '\u202e',
  'x\ny',
  '\ud800',
  '\u0001',
  'web\u0002',
  '$&$&',
);
const anyFinding: fc.Arbitrary<Finding> = fc
  .record({
    name: fc.oneof(few, text),
    namespace: few,
    kind: few,
    container: fc.option(few),
    check: fc.constantFrom('egress-unrestricted', 'pod-too-old'),
    cluster: fc.constantFrom(aCluster('a'), aCluster('b', 'us-east-1'), aCluster('\u0000')),
    status: fc.constantFrom<FindingStatus>('new', 'open', 'fixed', 'gone', 'withdrawn', 'exempt', 'resolved'),
    severity: fc.constantFrom('critical' as const, 'high' as const, 'medium' as const, 'low' as const),
    message: fc.oneof(few, text, fc.constant('Deployment shop/web\u0002 of shop')),
    remediation: few,
    pods: fc.nat(5),
    evidence: fc.dictionary(few, fc.oneof(fc.nat(3), few, fc.constant(null))),
    owner: fc.option(few),
    hasFix: fc.boolean(),
    cause: fc.option(fc.constantFrom('patched', 'other')),
    origin: fc.option(fc.record({ file: few, line: fc.nat(9) })),
  })
  .map(({ owner, hasFix, cause, origin, evidence, ...options }) => ({
    ...aFinding(options),
    // JSON keeps no prototype and no __proto__ of its own.
    evidence: JSON.parse(JSON.stringify(evidence)) as Finding['evidence'],
    owner,
    ...(cause === null ? {} : { cause: { ...CAUSE, id: cause } }),
    fix: hasFix ? { text: options.message, command: null, risk: options.name } : null,
    origin,
  }));

describe('the findings that the page embeds', () => {
  test('what is unpacked is what was packed, in every field', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyFinding, { maxLength: 30 }),
        fc.array(fc.nat(29)),
        async (made, implied) => {
          const findings = made.map((finding, index) => ({
            ...finding,
            id: `${index}`,
            impliedBy: made[implied[index] ?? -1] === undefined ? null : `${implied[index]}`,
          }));
          const table = await tableOf(findings);
          expect(table.rows).toBe(findings.length);
          expect(findings.map((_, row) => rowOf(table, row))).toEqual(
            findings.map((one) => expected(one, findings)),
          );
        },
      ),
      { numRuns: runs(200) },
    );
  });

  test('wide columns come back: 70,000 findings, each with a name of its own', async () => {
    const findings = Array.from({ length: 70_000 }, (_, index) => aFinding({ name: `w${index}` }));
    const table = await tableOf(findings);
    for (const row of [0, 255, 256, 65_535, 65_536, 69_999]) {
      expect(table.workloads[table.columns.workload[row] ?? -1]?.[3]).toBe(`w${row}`);
    }
  });

  test('equal findings give equal bytes', () => {
    const findings = [openEgress({}), openEgress({ name: 'b' })];
    expect([...packFindings(findings, OPTIONS)]).toEqual([...packFindings(findings, OPTIONS)]);
  });
});

describe('one gzip member', () => {
  test('any bytes in any pieces come back, and pieces refer to those before them', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 20 }), (chunks) => {
        const packed = Buffer.from([...base64Of(gzipOnce(chunks))].join(''), 'base64');
        expect(gunzipSync(packed)).toEqual(Buffer.concat(chunks));
      }),
      { numRuns: runs(100) },
    );
    const repeated = Array.from({ length: 64 }, () => Buffer.from('the same words again '.repeat(1000)));
    const packed = Buffer.concat([...gzipOnce(repeated)]);
    expect(gunzipSync(packed)).toEqual(Buffer.concat(repeated));
    expect(packed.byteLength).toBeLessThan(10_000);
  });
});

describe('more findings than a page can hold', () => {
  test('critical, high and new ones are embedded before the others, and the rest is counted', () => {
    const low = Array.from({ length: 10 }, (_, index) =>
      aFinding({ name: `l${index}`, severity: 'low', status: 'open' }),
    );
    const urgent = [
      aFinding({ name: 'c', severity: 'critical', status: 'open' }),
      aFinding({ name: 'h', severity: 'high', status: 'open' }),
      aFinding({ name: 'n', severity: 'low', status: 'new' }),
    ];
    const { findings, left } = embeddedFindings([anAudited(undefined, [...low, ...urgent])], 5);
    expect(left).toBe(8);
    expect(findings.map(({ workload }) => workload.name)).toEqual(expect.arrayContaining(['c', 'h', 'n']));
    expect(findings).toHaveLength(5);
    expect(embeddedFindings([anAudited(undefined, low)], 10)).toMatchObject({ left: 0 });
  });
});
