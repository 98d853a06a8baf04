import { describe, expect, test } from '@jest/globals';
import type { Evidence } from '../../lambda/findings/finding.ts';
import { changedFields, evidenceTexts, hasWords } from '../../lambda/history/diff/evidence-words.ts';
import { run } from '../cli/run.ts';

interface Document {
  readonly findings: readonly { readonly evidence: Evidence }[];
}

describe('what differs in the evidence of a finding, in words', () => {
  test.each<[string, Evidence, Evidence, readonly string[]]>([
    ['a limit', { limitSeconds: 7_776_000 }, { limitSeconds: 2_592_000 }, ['limit 90d -> 30d']],
    [
      'what was written',
      { bytes: 1048576, inodes: 20 },
      { bytes: 50331648, inodes: 1200 },
      ['written 1 MiB -> 48 MiB', 'files written 20 -> 1,200'],
    ],
    [
      'a restart',
      { since: '2026-02-09T06:00:00.000Z' },
      { since: '2026-03-01T10:15:00.000Z' },
      ['container started 2026-02-09 06:00 UTC -> 2026-03-01 10:15 UTC'],
    ],
    ['what was not set', { runAsNonRoot: null }, { runAsNonRoot: false }, ['runAsNonRoot not set -> false']],
    [
      'a share of the internet',
      { ipv4Share: 1 },
      { ipv4Share: 0.0001 },
      ['public IPv4 addresses reached 100% -> under 1%'],
    ],
    ['items that came and went', { volumes: ['a', 'b'] }, { volumes: ['b', 'c'] }, ['volumes +c -a']],
    ['many items', { hosts: [] }, { hosts: ['a', 'b', 'c', 'd', 'e'] }, ['names +a, b, c and 2 more']],
    [
      'paths',
      { mounts: [] },
      { mounts: [{ volume: 'v', hostPath: '/var/log', mountPath: '/l' }] },
      ['mounts +/var/log'],
    ],
    [
      'the same port with another share',
      { ports: [{ port: 22, ipv4Share: 1 }] },
      { ports: [{ port: 22, ipv4Share: 0.5 }] },
      ['ports changed: 22'],
    ],
    [
      'ranges beyond those that are shown',
      { ranges: [], rangesDigest: 'a' },
      { ranges: [], rangesDigest: 'b' },
      ['other ranges beyond the first'],
    ],
    [
      'ranges that are shown',
      { ranges: [], rangesDigest: 'a' },
      { ranges: [{ from: '10.0.0.1', to: '10.0.0.9' }], rangesDigest: 'b' },
      ['ranges +10.0.0.1-10.0.0.9'],
    ],
    ['a field of a later version', {}, { brandNew: 1 }, ['brandNew not set -> 1']],
    [
      'a field with the name of a member of objects',
      { toString: 'a' },
      { toString: 'b' },
      ['toString a -> b'],
    ],
  ])('%s', (_, was, now, texts) => {
    expect(evidenceTexts(was, now)).toEqual(texts);
  });

  test('what passes with time, and whether an answer was kept, is no change', () => {
    const was = { ageSeconds: 1, sampledAt: 'a', grownSince: 'a', grownBytes: 1, cached: false, pods: 1 };
    const now = { ageSeconds: 2, sampledAt: 'b', grownSince: 'b', grownBytes: 2, cached: true, pods: 2 };
    expect(changedFields(was, now)).toEqual([]);
  });

  test('a long value is cut', () => {
    const [text = ''] = evidenceTexts({ image: 'a' }, { image: 'b'.repeat(500) });
    expect(text.length).toBeLessThan(120);
  });

  test('every field that the sample has as evidence has words', async () => {
    const { stdout } = await run([
      'audit',
      '--sample',
      '-o',
      'json',
      '--fail-on',
      'never',
      '--allow-incomplete',
    ]);
    const { findings } = JSON.parse(stdout) as Document;
    const fields = new Set(findings.flatMap(({ evidence }) => Object.keys(evidence)));
    expect(fields.size).toBeGreaterThan(30);
    expect([...fields].filter((field) => !hasWords(field))).toEqual([]);
  });
});
