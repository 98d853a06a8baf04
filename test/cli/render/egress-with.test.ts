import { describe, expect, test } from '@jest/globals';
import { renderChange } from '../../../lambda/cli/render/egress-with.ts';
import type { ExternalRange } from '../../../lambda/egress/sets/reach.ts';
import type { ChangeReport, WorkloadChange } from '../../../lambda/questions/change.ts';
import { aCluster } from '../../report/builders.ts';
import { plain, tooWide, WIDTHS } from './pages.ts';

const HTTPS = [{ protocol: 'TCP', from: 443, to: 443 }] as const;
const V4: ExternalRange = { from: '0.0.0.0', to: '255.255.255.255', ports: HTTPS };
const NOTHING = { external: [], hosts: [] };
const SOME = { external: [V4], hosts: [{ host: 'api.example.com', ports: HTTPS }] };

const change = (rest: Partial<WorkloadChange> = {}): WorkloadChange => ({
  cluster: 'prod-eu',
  namespace: 'payments',
  kind: 'Deployment',
  name: 'checkout',
  pods: 3,
  changed: true,
  declared: { before: SOME, after: NOTHING, lost: SOME, gained: NOTHING },
  enforced: {
    before: { external: [V4] },
    after: { external: [] },
    lost: { ...SOME, hosts: [] },
    gained: NOTHING,
  },
  policies: { before: [], after: ['NetworkPolicy payments/checkout'] },
  enforcement: { state: 'enforced', because: [] },
  notes: [],
  ...rest,
});

const page = (workloads: readonly WorkloadChange[], rest: Partial<ChangeReport> = {}, width = 100) =>
  renderChange({ workloads, gaps: [], applied: [], ...rest }, plain(width));

describe('the page of what would change', () => {
  test('the page of egress --with shows what each of few workloads loses and gains', () => {
    const text = page([change()]);
    expect(text).toMatch(/loses +api\.example\.com +TCP 443\n +0\.0\.0\.0\/0 +TCP 443/);
    expect(text).toMatch(/gains +nothing/);
    expect(text).toMatch(/enforced +as declared/);
    expect(text).toMatch(/reaches +nothing outside the cluster/);
  });

  test('the page of egress --with shows many workloads as a table', () => {
    const text = page(
      Array.from({ length: 9 }, (_, index) => change({ name: `w${index}` })),
      {},
      160,
    );
    expect(text).toMatch(/WORKLOAD +PODS +LOSES +GAINS +ENFORCED/);
    expect(text).toMatch(/w8 +3 +TCP 443: api\.example\.com, 0\.0\.0\.0\/0 +- +as declared/);
  });

  test('the page of egress --with says where nothing would be enforced, and why', () => {
    const same = { before: { external: [V4] }, after: { external: [V4] }, lost: NOTHING, gained: NOTHING };
    const enforcement = { state: 'not-enforced', because: ['The pod runs on Fargate.'] } as const;
    const text = page([change({ enforced: same, enforcement })]);
    expect(text).toContain('no: nothing would change');
    expect(text).toContain('The pod runs on Fargate.');
    const unknown = { unknown: 'No pod runs.' };
    expect(
      page([change({ enforced: { before: unknown, after: unknown, lost: unknown, gained: unknown } })]),
    ).toContain('not known: No pod runs.');
  });

  test('the page of egress --with counts workloads that would not change, and those that are unknown', () => {
    const unknown = { unknown: 'NetworkPolicy x is not understood.' };
    const text = page([
      change({ changed: false }),
      change({ changed: null, declared: { before: SOME, after: unknown, lost: unknown, gained: unknown } }),
    ]);
    expect(text).toContain('1 workload would not change.');
    expect(text).toContain('Of 1 workload it is not known: NetworkPolicy x is not understood.');
    expect(text).not.toContain('loses');
  });

  test('the page of egress --with says of each policy whether it is new, and which pods it selects', () => {
    const one = { cluster: 'prod-eu', policy: 'NetworkPolicy a/b', replaces: true, selects: 2 };
    const text = page([], {
      applied: [one, { ...one, replaces: false, selects: 0 }, { ...one, selects: null }],
    });
    expect(text).toMatch(/NetworkPolicy a\/b +replaces the existing one +selects 2 workloads/);
    expect(text).toMatch(/is new +selects no workload/);
    expect(text).toContain('which pods it selects is not known');
  });

  test.each(WIDTHS)('the page of egress --with fits %d columns and is safe to print', (width) => {
    const evil = 'evil\u001b[2J\u202e\n'.repeat(9);
    const reach = { external: [V4], hosts: [{ host: evil, ports: HTTPS }] };
    const hostile = change({
      cluster: evil,
      namespace: evil,
      name: evil,
      declared: { before: reach, after: reach, lost: reach, gained: reach },
      enforced: { before: { unknown: evil }, after: { unknown: evil }, lost: reach, gained: reach },
      enforcement: { state: 'unknown', because: [evil] },
    });
    const gap = { resource: 'pods', reason: 'forbidden', message: evil, remedy: evil } as const;
    for (const workloads of [[hostile], Array.from({ length: 9 }, () => hostile)]) {
      const text = page(
        workloads,
        {
          applied: [{ cluster: evil, policy: evil, replaces: false, selects: 0 }],
          gaps: [{ cluster: { ...aCluster(), name: evil }, gap }],
        },
        width,
      );
      expect(tooWide(text, width)).toEqual([]);
      expect(text).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
    }
  });
});
