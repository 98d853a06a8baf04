import { describe, expect, test } from '@jest/globals';
import { renderDestination } from '../../../lambda/cli/render/egress-to.ts';
import { parseDestination } from '../../../lambda/egress/answers/destination.ts';
import type { WorkloadDestination } from '../../../lambda/questions/destination.ts';
import { aCluster } from '../../report/builders.ts';
import { plain, tooWide, WIDTHS } from './pages.ts';

function destination(text: string) {
  const found = parseDestination(text);
  if (typeof found === 'string') throw new Error(found);
  return found;
}

const stand = (rest: Partial<WorkloadDestination> = {}): WorkloadDestination => ({
  cluster: 'prod-eu',
  namespace: 'payments',
  kind: 'Deployment',
  name: 'checkout',
  pods: 3,
  to: '8.8.8.8 on TCP 443',
  verdict: 'can',
  declared: 'all',
  enforced: 'unknown',
  external: [],
  hosts: [],
  because: ['NetworkPolicy payments/checkout: spec.egress[0]'],
  ...rest,
});

const page = (workloads: readonly WorkloadDestination[], to = '8.8.8.8:443', width = 100) =>
  renderDestination({ workloads, gaps: [] }, destination(to), plain(width));

describe('the page of who reaches a destination', () => {
  test('the page of egress --to has a table for each answer, the open ones first', () => {
    const text = page([
      stand({ name: 'a', verdict: 'cannot', declared: 'none' }),
      stand({ name: 'b' }),
      stand({ name: 'c', verdict: 'unknown', declared: 'unknown' }),
      stand({ name: 'd', verdict: 'perhaps', declared: 'perhaps' }),
    ]);
    expect(text.match(/^[A-Z][A-Z ]+(?=:)/gm)).toEqual(['CAN REACH IT', 'PERHAPS', 'NOT KNOWN', 'CANNOT']);
    expect(text).toContain('By a host rule, if one of its names has this address.');
    expect(page([stand({ verdict: 'perhaps' })], 'api.example.com')).toContain('names are not looked up');
  });

  test('the page of egress --to gives the rules once for all workloads that they decide for', () => {
    const text = page([stand({ name: 'a' }), stand({ name: 'x', because: ['other'] }), stand({ name: 'b' })]);
    expect(text).toMatch(/\/a .*\n.*\/b .*\n {4}→ NetworkPolicy payments\/checkout.*\n.*\/x .*\n {4}→ other/);
  });

  test('the page of egress --to warns of private addresses, which may be those of pods', () => {
    const warning = 'Judged as a destination outside the cluster';
    expect(page([stand()], '10.0.0.1:443')).toContain(warning);
    expect(page([stand()], '0.0.0.0/0')).toContain(warning);
    expect(page([stand()], '8.8.8.8:443')).not.toContain(warning);
    expect(page([stand()], 'api.example.com')).not.toContain(warning);
  });

  test('the page of egress --to counts the reasons that it leaves out', () => {
    const because = Array.from({ length: 9 }, (_, index) => `rule ${index}`);
    expect(page([stand({ because })])).toContain('and 4 more reasons: -o json');
  });

  test.each(WIDTHS)('the page of egress --to fits %d columns and is safe to print', (width) => {
    const evil = 'evil\u001b[2J\u202e\n'.repeat(9);
    const gap = { resource: 'pods', reason: 'forbidden', message: evil, remedy: evil } as const;
    const text = renderDestination(
      {
        workloads: [stand({ cluster: evil, namespace: evil, kind: evil, name: evil, because: [evil, evil] })],
        gaps: [{ cluster: { ...aCluster(), name: evil }, gap: { ...gap, message: `other ${evil}` } }],
      },
      destination('8.8.8.8:443'),
      plain(width),
    );
    expect(tooWide(text, width)).toEqual([]);
    expect(text).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
  });
});
