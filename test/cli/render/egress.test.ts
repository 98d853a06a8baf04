import { describe, expect, test } from '@jest/globals';
import { renderEgress } from '../../../lambda/cli/render/egress.ts';
import { reachSummary } from '../../../lambda/cli/render/ranges.ts';
import type { ExternalRange } from '../../../lambda/egress/sets/reach.ts';
import { portsText, rangeText } from '../../../lambda/egress/sets/words.ts';
import type { EgressReport, WorkloadEgress } from '../../../lambda/questions/report.ts';
import { aCluster } from '../../report/builders.ts';
import { tooWide, WIDTHS } from './pages.ts';

const HTTPS = [{ protocol: 'TCP', from: 443, to: 443 }] as const;
const V4: ExternalRange = { from: '0.0.0.0', to: '255.255.255.255', ports: 'all' };
const V6: ExternalRange = { from: '::', to: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', ports: 'all' };

const answer = (rest: Partial<WorkloadEgress> = {}): WorkloadEgress => ({
  cluster: 'prod-eu',
  namespace: 'payments',
  kind: 'Deployment',
  name: 'checkout',
  pods: 3,
  declared: { external: [{ ...V4, ports: HTTPS }], hosts: [{ host: '*.example.com', ports: HTTPS }] },
  enforced: { unknown: 'The network plugin was not examined.' },
  effective: {
    external: [V4, V6],
    hosts: [],
    basis: 'unknown',
    because: 'The network plugin was not examined.',
  },
  routable: { unknown: 'The VPC was not asked.' },
  policies: ['NetworkPolicy payments/checkout'],
  notes: [],
  explanations: [
    [{ external: { ...V4, ports: HTTPS }, because: ['NetworkPolicy payments/checkout: spec.egress[0]'] }],
  ],
  ...rest,
});

const report = (workloads: readonly WorkloadEgress[], gaps: EgressReport['gaps'] = []): EgressReport => ({
  workloads,
  gaps,
});
const look = (width = 100, explain = false) => ({ color: false, width, explain });
const many = (count: number): readonly WorkloadEgress[] =>
  Array.from({ length: count }, (_, index) => answer({ name: `w${index}` }));

const GAP = {
  cluster: aCluster(),
  gap: {
    resource: 'networkpolicies',
    reason: 'forbidden',
    message: 'networkpolicies were refused.',
    remedy: 'Grant list.',
  },
} as const;

describe('a range', () => {
  test.each([
    ['10.0.0.0', '10.255.255.255', '10.0.0.0/8'],
    ['0.0.0.0', '255.255.255.255', '0.0.0.0/0'],
    ['192.0.2.7', '192.0.2.7', '192.0.2.7'],
    ['10.0.0.1', '10.0.0.2', '10.0.0.1 - 10.0.0.2'],
    ['10.0.0.0', '10.0.0.2', '10.0.0.0 - 10.0.0.2'],
    ['2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db8::/32'],
    ['::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '::/0'],
  ])('the range from %s to %s is written %s', (from, to, text) => {
    expect(rangeText({ from, to })).toBe(text);
  });

  test('a range names its ports by protocol', () => {
    expect(portsText('all')).toBe('every port');
    expect(
      portsText([
        { protocol: 'UDP', from: 53, to: 53 },
        { protocol: 'TCP', from: 80, to: 80 },
        { protocol: 'TCP', from: 8000, to: 8999 },
        { protocol: 'SCTP', from: 1, to: 65_535 },
      ]),
    ).toBe('TCP 80, 8000-8999; UDP 53; SCTP every port');
  });
});

describe('what a workload may reach', () => {
  test('egress is called everything only for both families on every port', () => {
    expect(reachSummary({ external: [V4, V6], hosts: [] })).toBe('everything');
    expect(reachSummary({ external: [V4], hosts: [] })).toBe('every port: 0.0.0.0/0');
    expect(reachSummary({ external: [V4, { ...V6, ports: HTTPS }], hosts: [] })).not.toBe('everything');
  });

  test('egress is called nothing only without ranges and hosts', () => {
    expect(reachSummary({ external: [], hosts: [] })).toBe('nothing');
    expect(reachSummary({ external: [], hosts: [{ host: 'a.example', ports: HTTPS }] })).toBe(
      'TCP 443: a.example',
    );
  });

  test('egress that is unknown is never shown as nothing or everything', () => {
    const unknown = { unknown: 'AdminNetworkPolicy x is not understood.' };
    for (const workloads of [
      [answer({ declared: unknown, policies: [] })],
      [...many(5), answer({ declared: unknown })],
    ]) {
      const text = renderEgress(report(workloads), look());
      expect(text).toContain('unknown');
      expect(text).toContain('AdminNetworkPolicy x is not understood.');
      expect(text).not.toMatch(/checkout .*(nothing|everything)/);
    }
  });
});

describe('the page of egress answers', () => {
  test('the page of egress answers shows few workloads in full, with their policies', () => {
    const text = renderEgress(report([answer()]), look());
    expect(text).toContain('payments/Deployment/checkout  prod-eu, 3 pods');
    expect(text).toMatch(/declared {2}\*\.example\.com {2}TCP 443\n +0\.0\.0\.0\/0 +TCP 443/);
    expect(text).toContain('unknown: The network plugin was not examined.');
    expect(text).toContain('NetworkPolicy payments/checkout');
    expect(text).not.toContain('spec.egress[0]');
  });

  test('the page explains every range by its rule', () => {
    expect(renderEgress(report([answer()]), look(100, true))).toMatch(
      /0\.0\.0\.0\/0 {2}TCP 443\n +NetworkPolicy payments\/checkout: spec\.egress\[0\]/,
    );
  });

  test('the page explains every host name by its rule', () => {
    const explanations = [
      [
        {
          host: { host: '*.example.com', ports: HTTPS },
          because: ['CiliumNetworkPolicy a/b: spec.egress[1]'],
        },
      ],
    ];
    expect(renderEgress(report([answer({ explanations })]), look(100, true))).toMatch(
      /\*\.example\.com {2}TCP 443\n +CiliumNetworkPolicy a\/b: spec\.egress\[1\]/,
    );
  });

  test('the page lists what is enforced beside what is declared', () => {
    const { external } = answer().declared as { external: readonly ExternalRange[] };
    const rows = [
      answer({ name: 'same', enforced: { external } }),
      answer({ name: 'open', enforced: { external: [V4, V6] } }),
      answer({ name: 'other', enforced: { external: [{ ...V4, to: '127.255.255.255' }] } }),
      answer({ name: 'dark' }),
    ];
    const text = renderEgress(report(rows), look(160));
    expect(text).toMatch(/MAY REACH OUTSIDE +ENFORCED/);
    expect(text).toMatch(/\/same .* as declared /);
    expect(text).toMatch(/\/open .* everything /);
    expect(text).toMatch(/\/other .* every port: 0\.0\.0\.0\/1 /);
    expect(text).toMatch(/\/dark .* unknown /);
  });

  test('the page distinguishes sets of policies where the pods of a workload differ', () => {
    const explanations = [answer().explanations[0] ?? [], []];
    const text = renderEgress(report([answer({ explanations })]), look(100, true));
    expect(text).toContain('why, 1/2');
    expect(text).toMatch(/why, 2\/2 +No rule opens anything\./);
  });

  test('the page says where declared policies are not enforced', () => {
    expect(renderEgress(report(many(9)), look())).toContain(
      'What is enforced is not known: The network plugin was not examined.',
    );
    const { external } = answer().declared as { external: readonly ExternalRange[] };
    expect(renderEgress(report([answer({ enforced: { external } })]), look())).toContain(
      'enforced  as declared',
    );
  });

  test('the page names once what could not be read', () => {
    expect(renderEgress(report([], [GAP]), look())).toMatch(
      /No workload was read\.[\s\S]*networkpolicies were refused\.\n +→ Grant list\./,
    );
    const told = answer({ declared: { unknown: 'networkpolicies were refused. Grant list.' } });
    expect(renderEgress(report([told], [GAP]), look()).match(/refused/g)).toHaveLength(1);
  });

  test('the page counts the ranges that it leaves out', () => {
    const external = Array.from({ length: 30 }, (_, index) => ({
      from: `10.0.${index}.1`,
      to: `10.0.${index}.1`,
      ports: 'all' as const,
    }));
    expect(renderEgress(report([answer({ declared: { external, hosts: [] } })]), look())).toContain(
      'and 10 more: -o json',
    );
  });

  test('the page says what checks judge where that differs from what is enforced', () => {
    const enforced = { external: [V4] };
    const known = answer({
      declared: { external: [V4, V6], hosts: [] },
      enforced,
      effective: { ...enforced, hosts: [], basis: 'enforced' },
    });
    const text = (of: WorkloadEgress) => renderEgress(report([of]), look());
    expect(text(known)).toMatch(/enforced +as declared, over IPv4/);
    expect(text(known)).not.toContain('effective');
    const definite = { external: [], hosts: [] };
    const open = { external: [V4, V6], hosts: [], basis: 'unknown', definite, because: 'Why.' } as const;
    expect(text(answer({ effective: open }))).toMatch(
      /effective not known[\s\S]*in any case\n +nothing outside the cluster\n +at most\n +everything/,
    );
    const manifest = answer({ effective: { ...definite, basis: 'declared' } });
    expect(text(manifest)).toContain('effective as declared: nothing is applied yet');
  });

  test.each(WIDTHS)('the page of egress answers fits %d columns and is safe to print', (width) => {
    const evil = 'evil\u001b[2J\u202e\n'.repeat(9);
    const hostile = answer({
      cluster: evil,
      namespace: evil,
      name: evil,
      policies: [evil],
      notes: [evil],
      declared: { external: [V4], hosts: [{ host: evil, ports: HTTPS }] },
      enforced: { unknown: evil },
      explanations: [[{ external: V4, because: [evil] }]],
    });
    const gap = { cluster: { ...aCluster(), name: evil }, gap: { ...GAP.gap, message: evil, remedy: evil } };
    for (const workloads of [[hostile], [...many(9), hostile]]) {
      const text = renderEgress(report(workloads, [gap]), look(width, workloads.length === 1));
      expect(tooWide(text, width)).toEqual([]);
      expect(text).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
    }
  });
});
