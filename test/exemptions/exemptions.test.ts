import { describe, expect, it } from '@jest/globals';
import type { Exemption } from '../../lambda/config/config.ts';
import { applyExemptions, type ExemptionOptions } from '../../lambda/exemptions/exemptions.ts';
import type { Finding, WorkloadExemption } from '../../lambda/findings/finding.ts';
import { aFinding, anExemption, aRecord, PROD, ref } from '../findings/builders.ts';

const NOW = Date.parse('2026-11-21T23:00:00Z');

const apply = (
  findings: readonly Finding[],
  exemptions: readonly Exemption[],
  options: Partial<ExemptionOptions> = {},
) => applyExemptions(findings, exemptions, { now: NOW, ...options });

const statusUnder = (finding: Finding, exemption: Exemption, now = NOW) =>
  apply([finding], [exemption], { now }).findings[0]?.status;

describe('an exemption', () => {
  it('an exemption marks what it covers with reason, owner and last day', () => {
    const { findings } = apply([aFinding(), aFinding({ check: 'writable-host-path' })], [anExemption()]);
    expect(findings.map(({ status, exemption }) => [status, exemption])).toEqual([
      ['exempt', { reason: 'vendor image', owner: 'erp@example.com', expires: '2027-03-31' }],
      ['new', null],
    ]);
  });

  it.each<[string, Partial<Exemption>, boolean]>([
    ['nothing else', {}, true],
    ['every check', { check: '*' }, true],
    ['another check', { check: 'writable-host-path' }, false],
    ['the name of the cluster', { cluster: 'prod' }, true],
    ['a pattern of the cluster', { cluster: 'p*' }, true],
    ['the ARN of the cluster', { cluster: 'arn:aws:eks:*:111122223333:cluster/prod' }, true],
    ['another account', { cluster: 'arn:aws:eks:*:444455556666:cluster/prod' }, false],
    ['the namespace', { namespace: 'shop' }, true],
    ['a namespace that begins alike', { namespace: 'sho' }, false],
    ['a pattern of the namespace', { namespace: 's?op' }, true],
    ['the workload', { workload: 'Deployment/cart' }, true],
    ['any kind of that name', { workload: '*/cart' }, true],
    ['any name of that kind', { workload: 'Deployment/*' }, true],
    ['another kind', { workload: 'StatefulSet/cart' }, false],
    ['a workload without a name', { workload: 'Deployment' }, false],
    ['the container', { container: 'app' }, true],
    ['another container', { container: 'proxy' }, false],
    ['all of it', { cluster: 'prod', namespace: 'shop', workload: 'Deployment/cart', container: 'a*' }, true],
    [
      'all but one',
      { cluster: 'prod', namespace: 'shop', workload: 'Deployment/cart', container: 'b*' },
      false,
    ],
  ])('whether an exemption covers a finding when it names %s', (_, changes, exempt) => {
    expect(statusUnder(aFinding({ container: 'app' }), anExemption(changes))).toBe(exempt ? 'exempt' : 'new');
  });

  it('an exemption for a container does not cover findings about the whole workload', () => {
    expect(statusUnder(aFinding({ container: null }), anExemption({ container: '*' }))).toBe('new');
  });

  it('an exemption counts through the end of its last day in UTC', () => {
    const exemption = anExemption({ expires: '2027-03-31' });
    expect(statusUnder(aFinding(), exemption, Date.parse('2027-03-31T23:59:59.999Z'))).toBe('exempt');
    expect(statusUnder(aFinding(), exemption, Date.parse('2027-04-01T00:00:00Z'))).toBe('new');
  });

  it('an exemption without a real date never counts', () => {
    const result = apply([aFinding()], [anExemption({ expires: 'never' })]);
    expect(result.findings[0]?.status).toBe('new');
    expect(result.expired).toHaveLength(1);
  });

  it('an exemption leaves closed findings alone, and does not count them', () => {
    const { findings, unused } = apply([aFinding({ status: 'fixed' })], [anExemption()]);
    expect(findings[0]?.status).toBe('fixed');
    expect(unused).toHaveLength(1);
  });

  it('an exemption does not outlive its removal: an old row that says exempt fires', () => {
    const row = aFinding({ status: 'exempt', exemption: { reason: 'r', owner: 'o', expires: '2027-03-31' } });
    expect(apply([row], []).findings).toEqual([{ ...row, status: 'open', exemption: null }]);
  });
});

describe('where several exemptions cover a finding', () => {
  it('the exemption that ends last is in the row, whatever their order', () => {
    const short = anExemption({ expires: '2026-12-31', owner: 'short' });
    const long = anExemption({ check: '*', namespace: 'shop', expires: '2027-12-31', owner: 'long' });
    for (const exemptions of [
      [short, long],
      [long, short],
    ]) {
      expect(apply([aFinding()], exemptions).findings[0]?.exemption?.owner).toBe('long');
    }
  });

  it('the exemption listed first is in the row when several end together, even if it is for every check', () => {
    const first = anExemption({ check: '*', namespace: 'shop', owner: 'first' });
    const second = anExemption({ owner: 'second' });
    expect(apply([aFinding()], [first, second]).findings[0]?.exemption?.owner).toBe('first');
  });

  it('an expired exemption does not win over a valid one', () => {
    const expired = anExemption({ expires: '2026-11-20', owner: 'expired' });
    const valid = anExemption({ expires: '2026-11-21', owner: 'valid' });
    expect(apply([aFinding()], [expired, valid]).findings[0]?.exemption?.owner).toBe('valid');
  });
});

describe('exemptions that need attention', () => {
  it('expired exemptions are named, with what fires again', () => {
    const expired = anExemption({ expires: '2026-11-20' });
    const {
      expired: named,
      findings,
      unused,
      expiring,
    } = apply([aFinding(), aFinding({ on: 'shop/Job/x' })], [expired]);
    expect(named).toEqual([{ exemption: expired, findings: 2 }]);
    expect(findings.map(({ status }) => status)).toEqual(['new', 'new']);
    expect([unused, expiring]).toEqual([[], []]);
  });

  it.each([
    ['2026-11-20', 'expired'],
    ['2026-11-21', 'expiring'],
    ['2026-12-04', 'expiring'],
    ['2026-12-05', 'expiring'],
    ['2026-12-06', 'none'],
  ])('exemptions with the last day %s are %s', (expires, list) => {
    for (const now of [NOW, Date.parse('2026-11-21T00:00:00Z')]) {
      const result = apply([aFinding()], [anExemption({ expires })], { now });
      const named = result.expired.length > 0 ? 'expired' : result.expiring.length > 0 ? 'expiring' : 'none';
      expect(named).toBe(list);
    }
  });

  it('exemptions are named as unused when nothing matches them', () => {
    const unused = anExemption({ namespace: 'gone' });
    expect(apply([aFinding()], [unused, anExemption()]).unused).toEqual([{ exemption: unused, findings: 0 }]);
  });

  it('exemptions are not called unused when another one applies before them', () => {
    const exemptions = [anExemption({ expires: '2027-12-31' }), anExemption({ expires: '2027-06-30' })];
    expect(apply([aFinding()], exemptions).unused).toEqual([]);
  });

  it.each<[string, ReturnType<typeof aRecord>, boolean]>([
    ['the check in the whole cluster', aRecord(), false],
    ['another check', aRecord({ check: 'writable-host-path' }), true],
    ['another cluster', aRecord({ cluster: { ...PROD, name: 'dev', arn: null } }), true],
    ['the workload', aRecord({ on: 'legacy/Deployment/erp' }), false],
    ['another workload', aRecord({ on: 'legacy/Deployment/crm' }), true],
    [
      'a pod of the namespace that could not be read',
      aRecord({ on: 'legacy/Pod/x', reason: 'malformed-object' }),
      false,
    ],
    ['a pod of another namespace', aRecord({ on: 'shop/Pod/x', reason: 'malformed-object' }), true],
  ])('exemptions are called unused or not when %s was not evaluated', (_, record, unused) => {
    const exemption = anExemption({ cluster: 'prod', namespace: 'legacy', workload: 'Deployment/erp' });
    expect(apply([], [exemption], { notEvaluated: [record] }).unused).toHaveLength(unused ? 1 : 0);
  });

  it('exemptions have ended for findings that were exempt before and are not now', () => {
    const finding = aFinding({ status: 'open' });
    const previouslyExempt = new Set([finding.id]);
    expect(apply([finding], [anExemption({ expires: '2026-11-20' })], { previouslyExempt }).ended).toEqual([
      finding,
    ]);
    expect(apply([finding], [anExemption()], { previouslyExempt }).ended).toEqual([]);
    expect(apply([finding], [], {}).ended).toEqual([]);
  });
});

describe('an exemption asked for by annotation', () => {
  const asked = (changes: Partial<WorkloadExemption> = {}): WorkloadExemption => ({
    cluster: PROD,
    workload: ref('shop/Deployment/cart'),
    check: '*',
    container: null,
    reason: 'r',
    owner: 'team',
    expires: '2027-03-31',
    ...changes,
  });

  it('an exemption by annotation covers its own workload and no other', () => {
    const findings = [
      aFinding(),
      aFinding({ on: 'shop/Deployment/cart-2' }),
      aFinding({ on: 'pay/Deployment/cart' }),
    ];
    const result = apply(findings, [], { annotations: [asked()] });
    expect(result.findings.map(({ status }) => status)).toEqual(['exempt', 'new', 'new']);
  });

  it.each<[string, Partial<WorkloadExemption>]>([
    ['namespace', { workload: ref('*/Deployment/cart') }],
    ['kind', { workload: ref('shop/*/cart') }],
    ['name', { workload: ref('shop/Deployment/*') }],
    ['container', { container: '*' }],
  ])('an exemption by annotation is no pattern, even with a wildcard as its %s', (_, changes) => {
    const annotations = [asked(changes)];
    expect(apply([aFinding({ container: 'app' })], [], { annotations }).findings[0]?.status).toBe('new');
  });

  it('an exemption by annotation does not reach a cluster of the same name in another account', () => {
    const other = { ...PROD, arn: 'arn:aws:eks:eu-west-1:444455556666:cluster/prod' };
    expect(apply([aFinding({ cluster: other })], [], { annotations: [asked()] }).findings[0]?.status).toBe(
      'new',
    );
  });

  it('an exemption by annotation is named like any other when it has expired', () => {
    const { expired } = apply([aFinding()], [], { annotations: [asked({ expires: '2026-01-31' })] });
    expect(expired).toEqual([
      {
        exemption: {
          check: '*',
          cluster: PROD.arn,
          namespace: 'shop',
          workload: 'Deployment/cart',
          container: null,
          reason: 'r',
          owner: 'team',
          expires: '2026-01-31',
        },
        findings: 1,
      },
    ]);
  });

  it('an exemption by annotation goes behind one of the configuration that ends on the same day', () => {
    const result = apply([aFinding()], [anExemption()], { annotations: [asked()] });
    expect(result.findings[0]?.exemption?.owner).toBe('erp@example.com');
  });
});

it('a hundred thousand findings under two hundred exemptions are all decided', () => {
  const findings = Array.from({ length: 100_000 }, (_, i) =>
    aFinding({ id: String(i), on: `ns-${i % 500}/Deployment/w` }),
  );
  const exemptions = Array.from({ length: 200 }, (_, i) =>
    anExemption({ check: i % 2 ? '*' : 'pod-too-old', namespace: `ns-${i}*` }),
  );
  const exempt = apply(findings, exemptions).findings.filter(({ status }) => status === 'exempt');
  const covered = exemptions.map(({ namespace }) => (namespace ?? '').slice(0, -1));
  const expected = findings.filter(({ workload }) =>
    covered.some((start) => workload.namespace.startsWith(start)),
  );
  expect(exempt.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
});
