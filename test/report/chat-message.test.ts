import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RunResult } from '../../lambda/findings/run-result.ts';
import { type ChatMessage, chatMessage } from '../../lambda/report/chat-message.ts';
import type { DigestInput } from '../../lambda/report/digest-input.ts';
import { NO_EXEMPTION_NOTES } from '../../lambda/report/exemption-notes.ts';
import { runs } from '../support/runs.ts';
import { aCluster, aFailed, aFinding, aGap, anAudited, aRun } from './builders.ts';

const ANCHOR = { run: 'r', sequence: 3, sha256: 'a'.repeat(64) };

const inputOf = (run: RunResult, more: Partial<DigestInput> = {}): DigestInput => ({
  run,
  exemptions: NO_EXEMPTION_NOTES,
  firstRun: false,
  reportLocation: 's3://reports/runs/r/report.html',
  options: { minSeverity: 'medium', top: 10 },
  ...more,
});

const messageOf = (run: RunResult, more: Partial<DigestInput> = {}): ChatMessage =>
  chatMessage(inputOf(run, more), ANCHOR);

const textOf = ({ content }: ChatMessage): string =>
  [content.title, content.description, ...(content.nextSteps ?? [])].join('\n');

const owned = (name: string, options = {}) => ({
  ...aFinding({ name, ...options }),
  owner: 'payments@example.com',
});

describe('the message to the chat', () => {
  test('it has the form that chat applications show, in a thread of its run', () => {
    const run = aRun([anAudited(aCluster(), [owned('checkout')])]);
    expect(messageOf(run)).toMatchObject({
      version: '1.0',
      source: 'custom',
      id: run.run.id,
      content: { textType: 'client-markdown', title: 'EKS audit: 1 new, 1 cause open' },
      metadata: {
        threadId: run.run.id,
        eventType: 'eks-drift-audit',
        relatedResources: [aCluster().arn],
        additionalContext: { complete: 'true', manifestSha256: ANCHOR.sha256 },
      },
    });
  });

  test('it names what is new with its owner, the fix, and where the report is', () => {
    const {
      description,
      nextSteps = [],
      keywords,
    } = messageOf(aRun([anAudited(aCluster(), [owned('checkout')])])).content;
    expect(description.split('\n')).toEqual([
      '1 new (1 high). 1 cause open (1 high).',
      '*New*',
      '• *high* `payments/Deployment/checkout` in `prod-eu`: `egress-unrestricted`, owner `payments@example.com`',
      'Report: `s3://reports/runs/r/report.html`',
    ]);
    expect(nextSteps).toHaveLength(1);
    expect(nextSteps[0]).toContain('Add a NetworkPolicy');
    expect(keywords).toEqual(['EKS', 'severity high']);
  });

  test('a run without news is two lines', () => {
    const { description, nextSteps } = messageOf(aRun([anAudited()])).content;
    expect(description.split('\n')).toEqual([
      'Nothing is new. No finding is open.',
      'Report: `s3://reports/runs/r/report.html`',
    ]);
    expect(nextSteps).toBeUndefined();
  });

  test('a cluster that was not audited is in the title and named, with what to do first', () => {
    const message = messageOf(aRun([anAudited(), aFailed(aCluster('dr'))]));
    expect(message.content.title).toBe('EKS audit INCOMPLETE: nothing new, nothing open; dr not audited');
    expect(message.content.description).toContain('INCOMPLETE: 1 of 2 clusters not audited.');
    expect(message.content.description).toContain('• `dr` *not audited*: unreachable.');
    expect(message.content.nextSteps?.[0]).toContain('Run the auditor in a subnet of the VPC');
    expect(message.content.keywords).toContain('incomplete');
  });

  test('when nothing was audited it says nothing of their state', () => {
    const { title, description } = messageOf(aRun([aFailed(aCluster())])).content;
    expect(title).toBe('EKS audit FAILED: the only cluster was not audited');
    expect(description).toContain('This message says nothing about their state');
  });

  test('checks that were lost are named before what is new', () => {
    const gap = { ...aGap(), gap: 'lost' as const, since: '2026-02-02T06:00:00Z' };
    const { description } = messageOf(aRun([anAudited(aCluster(), [owned('a')], [gap])])).content;
    expect(description).toContain('• `prod-eu` *lost* 1 check: `egress-unrestricted`.');
    expect(description.indexOf('*lost*')).toBeLessThan(description.indexOf('*New*'));
  });

  test('a record that is not complete, and news that is late or unknown, are said', () => {
    const message = messageOf(aRun([anAudited()]), {
      shortfalls: [{ part: 'the state', problem: 'denied' }],
      newsUnknown: true,
      late: { since: '2026-02-23T06:00:00Z', runs: ['r0'], found: [], ended: [], rows: [] },
    });
    expect(message.content.title).toMatch(/^EKS audit INCOMPLETE: /);
    expect(message.content.description).toContain('*RECORD NOT COMPLETE*: 1 part missing.');
    expect(message.content.description).toContain(
      '*LATE*: 1 run since Mon, 23 Feb 2026 06:00 UTC had no message',
    );
    expect(message.content.description).toContain('What is new could not be determined in full.');
    expect(message.metadata.additionalContext['complete']).toBe('false');
  });

  test('of many findings whole lines are left out, and that is said', () => {
    const findings = Array.from({ length: 300 }, (_, index) =>
      owned(`${'w'.repeat(90)}${index}`, { namespace: `${'n'.repeat(60)}${index}` }),
    );
    const clusters = Array.from({ length: 40 }, (_, index) => aFailed(aCluster(`${'c'.repeat(90)}${index}`)));
    const { description } = messageOf(aRun([anAudited(aCluster(), findings), ...clusters])).content;
    expect(description.length).toBeLessThanOrEqual(3000);
    expect(description).toContain('• and 295 more causes');
    expect(description).toContain('• and 37 more clusters');
    expect(description).toMatch(/\nReport: `s3:.*`$/);
  });
});

/** What is left when code spans are taken away: our own words and markup. */
const outside = (text: string): string => text.replace(/`[^`\n]*`/g, '');

describe('hostile text', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(
      ...[
        '`*bold*`',
        '<!channel>',
        '<@U123>',
        '[x](https://evil.example)',
        '```',
        '&lt;',
        '\n# big',
        ':bomb:',
      ],
      ...['<https://evil.example|Report>', '@here', '~~x~~', '\u202e', 'x'.repeat(400), '&'.repeat(400)],
    ),
  );

  test('it stands in code spans alone, without line breaks and control characters of Slack', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 10, maxLength: 10 }), (texts) => {
        const [a = '', b = '', c = '', d = '', e = '', f = '', g = '', h = '', i = '', j = ''] = texts;
        const cluster = { ...aCluster(), name: a };
        const finding = {
          ...owned(b, { namespace: c, kind: d, cluster, message: e, remediation: f }),
          owner: g,
          fix: { text: h, command: null, risk: null },
        };
        const gap = { ...aGap({ cluster, remediation: i }), gap: 'lost' as const };
        const message = messageOf(aRun([anAudited(cluster, [finding], [gap])]), {
          changes: { settings: [j], asked: new Map() },
          reportLocation: `s3://${a}`,
        });
        const text = textOf(message);
        expect(text).not.toMatch(/[<>]|&(?!(?:amp|lt|gt);)/);
        const ours = outside(text);
        expect(ours).not.toContain('`');
        expect(ours).toMatch(/^[\w •*:,.()'/;-]+(?:\n[\w •*:,.()'/;-]*)*$/);
        expect(message.content.description.length).toBeLessThanOrEqual(3000);
        expect(JSON.stringify(message).length).toBeLessThan(20_000);
      }),
      { numRuns: runs(1000) },
    );
  });
});
