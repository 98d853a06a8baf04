import { describe, expect, test } from '@jest/globals';
import { renderAudit } from '../../lambda/cli/render/table.ts';
import { causeOf, workloadObject } from '../../lambda/findings/cause.ts';
import type { Finding } from '../../lambda/findings/finding.ts';
import { compareCauses, foldCauses, tellOnce } from '../../lambda/findings/fold-causes.ts';
import { chatMessage } from '../../lambda/report/chat-message.ts';
import { digest } from '../../lambda/report/digest.ts';
import { pageOf, plain } from '../cli/render/pages.ts';
import { anAudited, aRun } from './builders.ts';
import { drifted, mail, old, PROD, STAGING, writable } from './golden-parts.ts';

const place = { namespace: 'payments', name: 'checkout', container: 'app', status: 'open' as const };
const IMAGE_FIX = 'Deploy a current image of Deployment payments/checkout by its digest.';

/** A finding about the image of the container. */
const about = (check: string, evidence: Finding['evidence'], cluster = PROD): Finding => {
  const finding = writable({ ...place, cluster, check, severity: 'medium', evidence });
  const object = workloadObject(finding.workload, 'content of image shop/checkout:1');
  return {
    ...finding,
    message: `What ${check} says.`,
    cause: causeOf(cluster, 'image-behind', object),
    fix: { text: IMAGE_FIX, command: null, risk: null },
  };
};

const inCluster = (cluster = PROD): readonly Finding[] => [
  { ...old({ ...place, cluster, severity: 'medium' }), container: null },
  about(
    'image-digest-drifted',
    { image: 'shop/checkout:1', running: 'sha256:a', tagged: 'sha256:b' },
    cluster,
  ),
  about('image-scan-stale', { state: 'NONE', scannedAt: null }, cluster),
  drifted({ ...place, cluster }),
];
const ALL = inCluster();
/** New, so that the mail is a full one. */
const OTHER = writable({ namespace: 'shop', name: 'cart', status: 'new' });

const STORY =
  'Container app: the oldest pod was started on 28 Nov 2025; its tag points at another image now; no scan of its image is known; it wrote 48 MiB since 12 Feb (31 MiB since 23 Feb), smallest sibling 20 KiB.';
const WORDS = 'changed while running, image out of date, not restarted';

const oneLine = (text: string): string => text.replace(/\s+/g, ' ');
const mailOf = (findings: readonly Finding[], cluster = PROD): string =>
  oneLine(digest(mail([anAudited(cluster, findings)])).body);
const times = (text: string, part: string): number => text.split(part).length - 1;

describe('an old pod whose tag moved on, that was not scanned, and whose layer grew', () => {
  test('is one row of three causes, of which nothing is lost', () => {
    const causes = foldCauses([...ALL, OTHER]).toSorted(compareCauses);
    const told = tellOnce(causes);
    expect(told.map(({ parts }) => parts.map(({ cause }) => cause.kind))).toEqual([
      ['drifted', 'image-behind', 'not-restarted'],
      ['writable-root'],
    ]);
    expect(told[0]).toMatchObject({ severity: 'high', pods: 3, workloads: 1, resolves: 4 });
    expect(told.flatMap(({ findings }) => findings)).toHaveLength(5);
  });

  test('is one entry of the mail, with both changes, in the order in which they are made', () => {
    const text = mailOf([...ALL, OTHER]);
    expect(text).toContain('FIX FIRST 1. high');
    expect(text).toContain(`1. high payments/Deployment/checkout in prod-eu: ${WORDS}`);
    expect(times(text, 'payments/Deployment/checkout in prod-eu')).toBe(1);
    expect(text).toContain('resolves 4 findings in 1 workload (3 pods)');
    expect(text).toContain(STORY);
    expect(text.indexOf('Keep a copy of the container')).toBeGreaterThan(0);
    expect(text.indexOf(IMAGE_FIX)).toBeGreaterThan(text.indexOf('Keep a copy of the container'));
    // To deploy another image is a restart.
    expect(text).not.toContain('rollout restart');
  });

  test('is told once where it is new, too', () => {
    const text = mailOf(ALL.map((finding) => ({ ...finding, status: 'new' })));
    expect(text).toContain('NEW: 4 findings from 3 causes');
    expect(text).toContain(`* high payments/Deployment/checkout in prod-eu: ${WORDS} `);
    expect(times(text, STORY)).toBe(1);
  });

  test('is told for each cluster that has it, in one entry', () => {
    const findings = { prod: inCluster(), staging: inCluster(STAGING) };
    const text = oneLine(
      digest(mail([anAudited(PROD, findings.prod), anAudited(STAGING, [...findings.staging, OTHER])])).body,
    );
    expect(text).toContain(`payments/Deployment/checkout in prod-eu, staging: ${WORDS}`);
    for (const name of ['prod-eu', 'staging']) expect(text).toContain(`In ${name}: ${STORY}`);
    expect(text).toContain('resolves 8 findings in 2 workloads (6 pods)');
  });

  test('of two images is named by its workload, not by the first of them', () => {
    const of = (container: string, image: string): readonly Finding[] =>
      [
        about('image-digest-drifted', { image, running: 'sha256:a', tagged: 'sha256:b' }),
        about('image-scan-stale', { state: 'NONE' }),
      ].map((finding) => ({
        ...finding,
        container,
        cause: causeOf(PROD, 'image-behind', workloadObject(finding.workload, `content of image ${image}`)),
      }));
    const two = mail([
      anAudited(PROD, [...of('app', 'shop/checkout:1'), ...of('proxy', 'shop/proxy:1'), OTHER]),
    ]);
    const text = oneLine(digest(two).body);
    expect(text).toContain('payments/Deployment/checkout in prod-eu: image out of date ');
    for (const name of ['app', 'proxy']) expect(text).toContain(`Container ${name}: `);
    const { nextSteps = [] } = chatMessage(two, null).content;
    expect(nextSteps.join()).toContain('`payments/Deployment/checkout` in `prod-eu`: image out of date');
  });

  test('is one line of the chat message, with both changes', () => {
    const { nextSteps = [], description } = chatMessage(mail([anAudited(PROD, ALL)]), null).content;
    expect(nextSteps).toHaveLength(1);
    expect(nextSteps[0]).toContain(WORDS);
    expect(nextSteps[0]).toContain(IMAGE_FIX);
    const fresh = mail([
      anAudited(
        PROD,
        ALL.map((finding) => ({ ...finding, status: 'new' as const })),
      ),
    ]);
    const { description: news } = chatMessage(fresh, null).content;
    expect(times(news, 'payments/Deployment/checkout')).toBe(1);
    expect(description).not.toContain('payments');
  });

  test('is one row on the terminal, and one of what to fix first', () => {
    const text = renderAudit(pageOf(aRun([anAudited(PROD, [...ALL, OTHER])])), plain(100));
    const whole = oneLine(text);
    // Among the causes, among what to fix first, and in the command that says more.
    expect(times(text, 'payments/Deployment/checkout')).toBe(3);
    expect(times(whole, STORY)).toBe(2);
    expect(whole).toContain('1 payments/Deployment/checkout: changed while running, image out of date, not');
    expect(whole).toContain('resolves 4 findings');
    expect(whole).toContain('2 shop/Deployment/cart');
    expect(whole).not.toMatch(/and \d+ more causes?/);
  });
});

describe('what is no story', () => {
  test('facts of two containers, or one of them alone, are rows of their own', () => {
    for (const findings of [
      [ALL[0], ALL[3]],
      [ALL[0], about('image-scan-stale', { state: 'NONE' }), { ...drifted(place), container: 'other' }],
    ]) {
      const causes = foldCauses(findings.flatMap((one) => one ?? []));
      expect(causes.map(({ story }) => story)).toEqual(causes.map(() => null));
      expect(tellOnce(causes)).toHaveLength(causes.length);
    }
  });

  test('an egress cause of the same workload is not a part of it', () => {
    const root = writable({ ...place, severity: 'high' });
    const causes = foldCauses([...ALL, root]);
    expect(causes.find(({ cause }) => cause.kind === 'writable-root')?.story).toBeNull();
  });
});
