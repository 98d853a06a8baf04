import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import stringWidth from 'string-width';
import { causeOf, workloadObject } from '../../lambda/findings/cause.ts';
import type { FindingStatus } from '../../lambda/findings/finding.ts';
import { withNothingToJudge } from '../../lambda/findings/nothing-to-judge.ts';
import { type DigestInput, digest } from '../../lambda/report/digest.ts';
import type { Digest } from '../../lambda/report/digest-message.ts';
import { NO_EXEMPTION_NOTES } from '../../lambda/report/exemption-notes.ts';
import { partMails } from '../../lambda/report/part-mails.ts';
import { aCluster, aFailed, aFinding, aGap, anAudited, anExemption, aRun } from './builders.ts';
import { GOLDEN_RUNS, ownersRun } from './golden-runs.ts';

const MESSAGE_LIMIT = 256 * 1024;

const asText = ({ subject, body, attributes }: Digest): string => {
  const { clusters, ...rest } = attributes;
  const names = clusters.length > 5 ? [...clusters.slice(0, 3), `... ${clusters.length} in all`] : clusters;
  return `Subject: ${subject}\n\n${body}\n-- attributes: ${JSON.stringify({ ...rest, clusters: names })}\n`;
};

/** A mail that is cut at the limit is kept without its middle. */
function excerpt(text: string): string {
  const lines = text.split('\n');
  if (lines.length <= 400) return text;
  return [...lines.slice(0, 60), `[... ${lines.length - 80} lines ...]`, ...lines.slice(-20)].join('\n');
}

/** `UPDATE_GOLDEN=1` writes the texts anew; read each as the person who gets it. */
function expectGolden(name: string, text: string): void {
  const file = new URL(`./golden/${name}.txt`, import.meta.url);
  if (process.env['UPDATE_GOLDEN'] === '1' || !existsSync(file)) writeFileSync(file, text);
  expect(text).toBe(readFileSync(file, 'utf8'));
}

const mailOf = (run: DigestInput['run'], rest: Partial<DigestInput> = {}): Digest =>
  digest({
    run,
    exemptions: NO_EXEMPTION_NOTES,
    firstRun: false,
    reportLocation: 'audit-out/runs/x',
    options: { minSeverity: 'medium', top: 10 },
    ...rest,
  });

describe.each(Object.entries(GOLDEN_RUNS))('the mail of the run %s', (name, input) => {
  const mail = digest(input());

  test('the mail reads as its golden text', () => {
    expectGolden(name, excerpt(asText(mail)));
  });

  test('the mail fits the limits of SNS', () => {
    expect(mail.subject).toMatch(/^[\x20-\x7e]{1,99}$/);
    const attributes = Buffer.byteLength(JSON.stringify(mail.attributes));
    expect(Buffer.byteLength(mail.body) + attributes).toBeLessThanOrEqual(MESSAGE_LIMIT);
  });

  test('the mail has lines of 72 columns, except in commands and where one word is longer, and no control character', () => {
    const tooLong = mail.body
      .split('\n')
      .filter((line) => stringWidth(line) > 72 && !/^\S*( \S+:)? \S+$|^ +\$ |^ +\S+$/.test(line))
      // A command that is longer than a line is copied as a whole.
      .filter((line) => !/^ *eks-drift-audit /.test(line));
    expect(tooLong).toEqual([]);
    expect(mail.body).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
  });
});

function goldenRun(name: string): DigestInput {
  const make = GOLDEN_RUNS[name];
  if (make === undefined) throw new RangeError(`There is no run ${name}.`);
  return make();
}

describe('the mail of one owner', () => {
  test('the mail of one owner reads as its golden text', () => {
    const mails = partMails(ownersRun(), { perOwner: true, routes: [] });
    const mine = mails.find(({ digest: { attributes } }) => attributes.owners?.includes('payments') === true);
    expectGolden('one-owner', mine === undefined ? '' : asText(mine.digest));
  });
});

describe('the mail', () => {
  test('a mail without news has three lines', () => {
    const { body } = mailOf(aRun([anAudited(aCluster(), [aFinding({ status: 'open' })])]));
    expect(body.trimEnd().split('\n')).toHaveLength(3);
  });

  test('a mail is never short when a cluster is missing, nor when a check is', () => {
    const missing = mailOf(aRun([anAudited(), aFailed(aCluster('b'))]));
    const undecided = mailOf(aRun([anAudited(aCluster(), [], [aGap()])]));
    for (const { body, attributes, subject } of [missing, undecided]) {
      expect(body).toContain('INCOMPLETE');
      expect(subject).toContain('INCOMPLETE');
      expect(attributes.complete).toBe(false);
    }
  });

  test('the attributes name the owners of what asks somebody to act, those of news first', () => {
    const owned = (
      owner: string | null,
      status: FindingStatus = 'open',
      managedBy: string | null = null,
    ) => ({
      ...aFinding({ name: `${owner}-${status}`, status }),
      owner,
      managedBy,
    });
    const findings = [
      owned('b'),
      owned('z', 'new'),
      owned('a'),
      owned('z'),
      owned(null),
      owned('closed', 'fixed'),
      owned('aws', 'open', 'EKS add-on coredns'),
    ];
    const gap = { ...aGap({ workload: { namespace: 'x', kind: 'Deployment', name: 'y' } }), owner: 'blind' };
    const { attributes } = mailOf(aRun([anAudited(aCluster(), findings, [gap])]));
    expect(attributes.owners).toEqual(['z', 'a', 'b', 'blind']);
  });

  test('the attributes name as many owners as there is room for', () => {
    const findings = Array.from({ length: 3000 }, (_, index) => ({
      ...aFinding({ name: `w${index}`, severity: index === 2999 ? 'critical' : 'low' }),
      owner: `owner-of-a-long-name-${String(index).padStart(4, '0')}`,
    }));
    const mail = mailOf(aRun([anAudited(aCluster(), findings)]));
    expect(mail.attributes.owners).toContain('owner-of-a-long-name-2999');
    expect(Buffer.byteLength(JSON.stringify(mail.attributes.owners))).toBeLessThanOrEqual(32 * 1024 + 1);
    expect(mail.attributes.owners?.length).toBeGreaterThan(500);
  });

  test('the mail of a run without any cluster says that nothing was audited', () => {
    const { subject, body, attributes } = mailOf(aRun([]));
    expect(subject).toContain('FAILED');
    expect(body).toContain('NOTHING WAS AUDITED');
    expect(attributes).toEqual({
      maxSeverity: 'none',
      newFindings: 0,
      clusters: [],
      complete: false,
      owners: [],
    });
  });

  test('the mail names a failed cluster even when no gap says why it failed', () => {
    const silent = { ...aFailed(aCluster('mute')), notEvaluated: [] };
    expect(mailOf(aRun([anAudited(), silent])).body).toContain(
      '* mute (111122223333, eu-west-1): no reason given',
    );
  });

  test('the mail says of a cluster without pods that nothing was evaluated', () => {
    const audited = anAudited(aCluster('hollow'));
    const hollow = withNothingToJudge({ ...audited, totals: { ...audited.totals, pods: 0 }, tallies: [] });
    const { body, attributes } = mailOf(aRun([hollow]));
    expect(body).toMatch(/^INCOMPLETE/m);
    expect(body).toContain('* hollow (111122223333, eu-west-1): nothing to evaluate');
    expect(attributes).toMatchObject({ complete: false });
  });

  test('the mail counts new findings below its severity without listing them', () => {
    const low = aFinding({ check: 'unbounded-empty-dir' });
    const quiet = mailOf(aRun([anAudited(aCluster(), [low])]));
    expect(quiet.body).toContain('1 new, all below medium');
    expect(quiet.attributes).toMatchObject({ newFindings: 0, maxSeverity: 'low' });
    const loud = mailOf(aRun([anAudited(aCluster(), [low, aFinding()])]));
    expect(loud.body).toMatch(/1 new\s+finding below medium not listed/);
    expect(loud.body).toContain('NEW: 1 finding\n');
  });

  test('the mail lists neither exempt nor fixed findings as new or open', () => {
    const findings = [aFinding({ status: 'exempt' }), aFinding({ name: 'b', status: 'fixed' })];
    const { body, attributes } = mailOf(aRun([anAudited(aCluster(), findings)]));
    expect(body).not.toContain('NEW');
    expect(body).toMatch(/^Nothing new, 1 fixed. No finding is open.\n[\s\S]* 1 finding\s+exempt./);
    expect(body).toContain('FIXED: 1 finding in 1 workload\n  payments/Deployment/b in prod-eu');
    expect(attributes.maxSeverity).toBe('none');
  });

  test('the mail distinguishes an exemption that ends today from one that ends tomorrow', () => {
    const expiring = [anExemption({ expires: '2026-03-02' }), anExemption({ expires: '2026-03-03' })];
    const { body } = mailOf(aRun(), { exemptions: { ...NO_EXEMPTION_NOTES, expiring } });
    expect(body).toMatch(/ends 2026-03-02,\s+today/);
    expect(body).toMatch(/ends 2026-03-03,\s+tomorrow/);
  });

  test('a shortened mail says how many entries of which part it left out, and keeps the link', () => {
    const large = goldenRun('50000-findings');
    const { body } = digest({ ...large, options: { minSeverity: 'low', top: 5000 } });
    const [, shown = ''] = /^NEW: [^\n]*\n(.*?)^TRUNCATED/ms.exec(body) ?? [];
    const left = Number(/Left out: ([\d,]+) under NEW/.exec(body)?.[1]?.replace(',', ''));
    // One entry says how many more there are.
    expect((shown.match(/^\* /gm)?.length ?? 0) + left).toBe(5001);
    expect(body).toContain('Full report: s3://');
    expect(Buffer.byteLength(body)).toBeGreaterThan(MESSAGE_LIMIT - 8192);
  });

  test.each([
    ['coverage-lost', ['LOST COVERAGE', 'access --cluster prod-eu | kubectl apply', 'NEW: 1 finding']],
    ['cluster-unreachable', ['1 of 3 clusters not audited', 'LOST COVERAGE', 'prod-us', 'subnet']],
    [
      'check-switched-off',
      ['egress-instance-metadata was switched off: 5 findings withdrawn, 1 of managed', 'FIX FIRST'],
    ],
    ['new-critical', ['CRITICAL playground/Pod/netshoot in prod-eu', 'no owner', 'owner loyalty']],
    ['late-news', ['LATE: 2 runs', 'NEW: 1 finding', 'since 16 Feb', 'owner loyalty']],
    ['first-run', ['First audit', 'permission denied', 'Bind the ClusterRole', 'FIX FIRST', '1. CRITICAL']],
  ])('the first twelve lines of the mail %s answer', (name, answers) => {
    const lines = digest(goldenRun(name)).body.split('\n').slice(0, 12).join(' ').replace(/\s+/g, ' ');
    for (const answer of answers) expect(lines).toContain(answer);
  });

  test('known gaps are in no subject, and do not make a mail of more than three lines', () => {
    const { subject, body, attributes } = digest(goldenRun('known-gaps-only'));
    expect(subject).not.toContain('INCOMPLETE');
    expect(body.trimEnd().split('\n')).toHaveLength(3);
    expect(body).toContain('3 known gaps since 9 Feb');
    expect(attributes.complete).toBe(false);
    const { run } = goldenRun('known-gaps-only');
    const more = run.clusters.map((result) => ({
      ...result,
      notEvaluated: result.notEvaluated.map((row, index) =>
        index === 0 ? { ...row, since: run.run.startedAt } : row,
      ),
    }));
    expect(mailOf({ ...run, clusters: more }).body).toContain('3 known gaps, 1 of them new');
  });

  test('a command with characters that are not printable is left out rather than changed', () => {
    const { body } = digest(goldenRun('hostile-names'));
    expect(body).not.toMatch(/^ +\$ /m);
    expect(body.split('\n').every((line) => !line.startsWith('INCOMPLETE'))).toBe(true);
  });

  test('the mail leaves room for attributes that name thousands of clusters', () => {
    const clusters = Array.from({ length: 6000 }, (_, index) =>
      aCluster(`cluster-of-a-very-long-name-${index}`),
    );
    const mail = mailOf(aRun(clusters.map((cluster) => aFailed(cluster, { remediation: cluster.name }))), {
      options: { minSeverity: 'low', top: 6000 },
    });
    const bytes = Buffer.byteLength(mail.body) + Buffer.byteLength(JSON.stringify(mail.attributes));
    expect(bytes).toBeLessThanOrEqual(MESSAGE_LIMIT);
  });

  test('the mail distinguishes clusters with the same name wherever it names them, and only those', () => {
    const here = aCluster('prod', 'eu-west-1');
    const there = aCluster('prod', 'us-east-1');
    const other = aCluster('staging');
    const findingsOf = (cluster: typeof here) => [
      aFinding({ cluster, name: 'api' }),
      aFinding({ cluster, name: 'billing', status: 'fixed' }),
    ];
    const { body } = mailOf(
      aRun([
        anAudited(here, findingsOf(here), [aGap({ cluster: here })]),
        anAudited(there, findingsOf(there), [aGap({ cluster: there })]),
        anAudited(other, findingsOf(other)),
      ]),
    );
    const text = body.replaceAll(/\n\s*/g, ' ');
    const both = 'prod (111122223333, eu-west-1), prod (111122223333, us-east-1)';
    expect(text).toContain(`payments/Deployment/api in ${both}, staging:`);
    expect(text).toContain(`* ${both}: permission denied`);
    for (const region of ['eu-west-1', 'us-east-1']) {
      expect(text).toContain(`payments/Deployment/billing in prod (111122223333, ${region}) (`);
    }
  });

  test('the mail is the same whatever the order of clusters and findings', () => {
    const findings = ['a', 'b', 'c'].map((name) => aFinding({ name }));
    const one = mailOf(aRun([anAudited(aCluster('a'), findings), aFailed(aCluster('b'))]));
    const two = mailOf(aRun([aFailed(aCluster('b')), anAudited(aCluster('a'), findings.toReversed())]), {});
    expect(two).toEqual(one);
  });
});

describe('what a change leaves', () => {
  test('the mail says how many findings stay, and what keeps them', () => {
    const cause = causeOf(aCluster(), 'host-network', workloadObject(aFinding({ name: 'a' }).workload));
    const shop = { kind: 'Namespace', namespace: null, name: 'shop', part: null };
    const remainsBy = causeOf(aCluster(), 'no-egress-policy', shop);
    const findings = [
      { ...aFinding({ name: 'a', check: 'egress-host-network' }), cause },
      { ...aFinding({ name: 'a', status: 'open' }), cause, remainsBy },
    ];
    const body = mailOf(aRun([anAudited(aCluster(), findings)])).body.replace(/\s+/g, ' ');
    expect(body).toContain('resolves 1 of 2 findings in 1 workload');
    expect(body).toContain('1 remains: namespace shop (no egress policy).');
  });
});
