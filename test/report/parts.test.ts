import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Finding } from '../../lambda/findings/finding.ts';
import type { DigestInput } from '../../lambda/report/digest.ts';
import { digest } from '../../lambda/report/digest.ts';
import { NO_EXEMPTION_NOTES } from '../../lambda/report/exemption-notes.ts';
import { MOST_OWNERS, ownersWithoutMail, partMails } from '../../lambda/report/part-mails.ts';
import { partOf } from '../../lambda/report/part-of-run.ts';
import { runs } from '../support/runs.ts';
import { aCluster, aFailed, aFinding, aGap, anAudited, anExemption, aRun } from './builders.ts';

function inputOf(clusters: Parameters<typeof aRun>[0], rest: Partial<DigestInput> = {}): DigestInput {
  const run = aRun(clusters);
  return {
    run,
    exemptions: NO_EXEMPTION_NOTES,
    firstRun: false,
    reportLocation: 's3://reports/runs/r',
    options: { minSeverity: 'low', top: 100 },
    ...rest,
  };
}

const owned = (owner: string | null, options: Parameters<typeof aFinding>[0] = {}): Finding => ({
  ...aFinding(options),
  owner,
});

const findingsIn = ({ run }: DigestInput): readonly Finding[] =>
  run.clusters.flatMap(({ findings }) => findings);
const PER_OWNER = { perOwner: true, routes: [] };
const route = (...namespaces: readonly string[]) => ({
  perOwner: false,
  routes: [{ match: { namespaces }, topicArn: 'arn:aws:sns:eu-west-1:111122223333:payments' }],
});

describe('a part of a run', () => {
  test('every finding is in the part of its owner alone', () => {
    const anyFinding = fc
      .record({
        owner: fc.constantFrom('a', 'b', null),
        name: fc.constantFrom('w1', 'w2', 'w3'),
        namespace: fc.constantFrom('x', 'y'),
      })
      .map(({ owner, ...where }) => owned(owner, where));
    fc.assert(
      fc.property(
        fc.array(anyFinding, { maxLength: 8 }),
        fc.array(anyFinding, { maxLength: 8 }),
        (one, other) => {
          const input = inputOf([anAudited(aCluster('one'), one), anAudited(aCluster('other'), other)]);
          for (const owner of ['a', 'b']) {
            const part = findingsIn(partOf(input, { kind: 'owner', owner }));
            expect(part).toEqual(findingsIn(input).filter((finding) => finding.owner === owner));
          }
          const ofX = findingsIn(partOf(input, { kind: 'route', namespaces: ['x'] }));
          expect(ofX).toEqual(findingsIn(input).filter(({ workload }) => workload.namespace === 'x'));
        },
      ),
      { numRuns: runs(50) },
    );
  });

  test('what keeps a whole cluster from being decided is in the part of everybody who has something there', () => {
    const gap = aGap({ cluster: aCluster('one') });
    const input = inputOf([
      anAudited(aCluster('one'), [owned('a', { cluster: aCluster('one') })], [gap]),
      anAudited(aCluster('other'), [owned('b', { cluster: aCluster('other') })]),
    ]);
    expect(partOf(input, { kind: 'owner', owner: 'a' }).run.clusters[0]?.notEvaluated).toEqual([gap]);
    expect(
      partOf(input, { kind: 'owner', owner: 'b' }).run.clusters.map(({ cluster }) => cluster.name),
    ).toEqual(['other']);
  });

  test('what could not be decided of a workload is in the part of its owner', () => {
    const workload = { namespace: 'payments', kind: 'Deployment', name: 'checkout' };
    const gap = { ...aGap({ workload }), owner: 'a' };
    const input = inputOf([anAudited(aCluster(), [owned('b')], [gap])]);
    expect(partOf(input, { kind: 'owner', owner: 'a' }).run.clusters[0]?.notEvaluated).toEqual([gap]);
    expect(partOf(input, { kind: 'owner', owner: 'b' }).run.clusters[0]?.notEvaluated).toEqual([]);
    expect(partOf(input, { kind: 'route', namespaces: ['pay*'] }).run.clusters[0]?.notEvaluated).toEqual([
      gap,
    ]);
  });

  test('a cluster that could not be read is in every part, since it is not known what is in it', () => {
    const input = inputOf([anAudited(aCluster(), [owned('a')]), aFailed(aCluster('dark'))]);
    const [mail] = partMails(input, route('nothing-there'));
    expect(mail?.digest.body).toContain('dark');
    expect(mail?.digest.attributes.complete).toBe(false);
  });

  test('an exemption that ends is told to its owner, and to the route of its namespace', () => {
    const expiring = [{ exemption: anExemption({ expires: '2026-03-05' }).exemption, findings: 1 }];
    const { owner, namespace } = expiring[0]?.exemption ?? { owner: '', namespace: null };
    const input = inputOf([anAudited()], { exemptions: { ...NO_EXEMPTION_NOTES, expiring } });
    expect(partOf(input, { kind: 'owner', owner }).exemptions.expiring).toHaveLength(1);
    expect(partOf(input, { kind: 'owner', owner: 'other' }).exemptions.expiring).toHaveLength(0);
    expect(partOf(input, { kind: 'route', namespaces: [namespace ?? ''] }).exemptions.expiring).toHaveLength(
      1,
    );
    expect(partOf(input, { kind: 'route', namespaces: ['other'] }).exemptions.expiring).toHaveLength(0);
  });
});

describe('mails about parts of a run', () => {
  test('each owner of something that is open or has changed gets one, and nobody whose workloads AWS runs', () => {
    const findings = [
      owned('open', { status: 'open' }),
      owned('fixed', { name: 'b', status: 'fixed' }),
      owned('exempt', { name: 'c', status: 'exempt' }),
      { ...owned('managed', { name: 'd', status: 'open' }), managedBy: 'EKS add-on coredns' },
      owned(null, { name: 'e' }),
    ];
    const mails = partMails(inputOf([anAudited(aCluster(), findings)]), PER_OWNER);
    expect(mails.map(({ digest: { attributes } }) => attributes.owners)).toEqual([['open'], ['fixed']]);
    expect(new Set(mails.map(({ name }) => name)).size).toBe(2);
    for (const { name, topicArn } of mails) {
      expect(name).toMatch(/^sns-owner-[0-9a-f]{16}$/);
      expect(topicArn).toBeNull();
    }
  });

  test('an owner of what can no longer be decided gets a mail, since silence would read as nothing wrong', () => {
    const on = (name: string) => ({ namespace: 'payments', kind: 'Deployment', name });
    const gaps = (['lost', 'fixable', 'known'] as const).map((gap) => ({
      ...aGap({ workload: on(gap) }),
      owner: gap,
      gap,
    }));
    const mails = partMails(inputOf([anAudited(aCluster(), [owned('a')], gaps)]), PER_OWNER);
    expect(mails.map(({ digest: { attributes } }) => attributes.owners)).toEqual([
      ['a'],
      ['lost'],
      ['fixable'],
    ]);
    expect(mails[1]?.digest.subject).toContain('INCOMPLETE');
  });

  test('a route gets its mail also where it has nothing to say, in few lines', () => {
    const [mail] = partMails(inputOf([anAudited(aCluster(), [owned('a')])]), route('other'));
    expect(mail?.topicArn).toBe('arn:aws:sns:eu-west-1:111122223333:payments');
    expect(mail?.digest.attributes).toMatchObject({ audience: 'route', newFindings: 0 });
    expect(mail?.digest.body.split('\n').length).toBeLessThan(10);
    expect(mail?.digest.subject).toBe('EKS audit for the namespaces other: nothing new, nothing open');
    expect(mail?.digest.attributes).toMatchObject({ complete: true });
    expect(mail?.digest.body).not.toContain('checkout');
  });

  test('the text of an owner breaks neither the subject nor the mail', () => {
    const hostile = `a\u202eb\r\nBcc: x@example.com ${'ö'.repeat(300)}`;
    const [mail] = partMails(inputOf([anAudited(aCluster(), [owned(hostile)])]), PER_OWNER);
    expect(mail?.digest.subject).toMatch(/^EKS audit for [\x20-\x7e]{1,85}$/);
    expect(mail?.digest.subject.length).toBeLessThan(100);
    expect(mail?.digest.body).not.toMatch(/\u202e|^Bcc:/m);
  });

  test('there are no more than a hundred, those of the worst findings first, and the digest counts the others', () => {
    const findings = Array.from({ length: MOST_OWNERS + 20 }, (_, index) =>
      owned(`owner-${index}`, { name: `w${index}`, severity: index < 20 ? 'low' : 'high' }),
    );
    const input = inputOf([anAudited(aCluster(), findings)]);
    const mails = partMails(input, PER_OWNER);
    expect(mails).toHaveLength(MOST_OWNERS);
    expect(mails.map(({ digest: { attributes } }) => attributes.maxSeverity)).toEqual(
      mails.map(() => 'high'),
    );
    const left = ownersWithoutMail(input, PER_OWNER);
    expect(left).toBe(20);
    expect(digest({ ...input, ownersWithoutMail: left }).body).toMatch(/20 owners of less severe findings/);
  });

  test('one is bounded, however much there is to say', () => {
    const findings = Array.from({ length: 3000 }, (_, index) => owned('a', { name: `workload-${index}` }));
    const [mail] = partMails(
      inputOf([anAudited(aCluster(), findings)], { options: { minSeverity: 'low', top: 3000 } }),
      PER_OWNER,
    );
    expect(Buffer.byteLength(mail?.digest.body ?? '')).toBeLessThanOrEqual(48 * 1024);
    expect(mail?.digest.body).toContain('Full report');
  });
});
