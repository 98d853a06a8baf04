import { describe, expect, test } from '@jest/globals';
import type { Finding } from '../../lambda/findings/finding.ts';
import type { RunResult } from '../../lambda/findings/run-result.ts';
import { jsonDocument, ndjsonFindings } from '../../lambda/report/json.ts';
import { aCluster, aFailed, aFinding, aGap, anAudited, aRun } from './builders.ts';

interface Document {
  readonly run: unknown;
  readonly clusters: readonly Record<string, unknown>[];
  readonly summary: Record<string, unknown>;
  readonly findings: readonly Finding[];
  readonly notEvaluated: readonly Record<string, unknown>[];
}

const documentOf = (run: RunResult): Document => JSON.parse([...jsonDocument(run)].join('')) as Document;

describe('the JSON document', () => {
  const gap = aGap({ cluster: aCluster('b') });
  const run = aRun([
    anAudited(aCluster('b'), [aFinding({ cluster: aCluster('b') })], [gap]),
    aFailed(aCluster('a')),
  ]);

  test('the JSON document has the keys of SPEC section 4 and nothing else', () => {
    expect(Object.keys(documentOf(run))).toEqual(['run', 'clusters', 'summary', 'findings', 'notEvaluated']);
  });

  test('the JSON document names clusters in order, without their findings nested', () => {
    const { clusters } = documentOf(run);
    expect(clusters.map(({ cluster }) => (cluster as { name: string }).name)).toEqual(['a', 'b']);
    for (const cluster of clusters) {
      expect(Object.keys(cluster)).toEqual(['cluster', 'outcome', 'totals', 'tallies', 'notes']);
    }
  });

  test('the JSON document holds every not-evaluated row, also of a cluster that failed', () => {
    expect(documentOf(run).notEvaluated).toHaveLength(6);
  });

  test('the JSON document is valid when there is nothing at all', () => {
    const empty = documentOf(aRun([]));
    expect(empty).toMatchObject({ clusters: [], findings: [], notEvaluated: [] });
    expect(empty.summary).toMatchObject({ coverage: { complete: false } });
  });

  test('the JSON document has one line per finding, so that two runs can be compared line by line', () => {
    const lines = [...jsonDocument(run)].join('').split('\n');
    expect(
      lines.filter((line) => line.includes('"remediation"') && line.includes('"firstSeen"')),
    ).toHaveLength(1);
  });

  test('the JSON document comes in pieces of at most one finding', () => {
    const findings = Array.from({ length: 2000 }, (_, index) => aFinding({ name: `w${index}` }));
    const pieces = [...jsonDocument(aRun([anAudited(aCluster(), findings)]))];
    expect(Math.max(...pieces.map((piece) => piece.split('"firstSeen"').length))).toBe(2);
    expect(JSON.parse(pieces.join(''))).toHaveProperty('findings.length', 2000);
  });
});

describe('findings', () => {
  const ordered = [
    aFinding({ cluster: aCluster('a'), check: 'pod-too-old' }),
    aFinding({ cluster: aCluster('b'), check: 'runtime-library-update', container: 'app' }),
    aFinding({ cluster: aCluster('b'), check: 'egress-insecure-port', severity: 'high' }),
    aFinding({
      cluster: aCluster('b'),
      check: 'egress-unrestricted',
      namespace: 'a',
      kind: 'Deployment',
      name: 'z',
    }),
    aFinding({
      cluster: aCluster('b'),
      check: 'egress-unrestricted',
      namespace: 'a',
      kind: 'StatefulSet',
      name: 'a',
    }),
    aFinding({ cluster: aCluster('b'), check: 'egress-unrestricted', namespace: 'b', name: 'a' }),
    aFinding({
      cluster: aCluster('b'),
      check: 'egress-unrestricted',
      namespace: 'b',
      name: 'b',
      container: 'a',
    }),
    aFinding({
      cluster: aCluster('b'),
      check: 'egress-unrestricted',
      namespace: 'b',
      name: 'b',
      container: 'b',
    }),
    aFinding({ cluster: aCluster('b'), check: 'writable-root-filesystem' }),
  ];
  const shuffled = [5, 2, 8, 0, 3, 7, 1, 6, 4].flatMap((index) => ordered[index] ?? []);
  const of = (name: string): readonly Finding[] => shuffled.filter(({ cluster }) => cluster.name === name);
  const run = aRun([anAudited(aCluster('b'), of('b')), anAudited(aCluster('a'), of('a'))]);

  test('findings are sorted by cluster, severity, check, namespace, kind, name and container', () => {
    expect(documentOf(run).findings.map(({ id }) => id)).toEqual(ordered.map(({ id }) => id));
  });

  test('findings are in the same order as JSON lines, one per line', () => {
    const rows = [...ndjsonFindings(run)].map((line) => JSON.parse(line) as Finding);
    expect(rows).toEqual(
      ordered.map((finding) => ({
        owner: null,
        managedBy: null,
        impliedBy: null,
        cause: null,
        fix: null,
        ...finding,
      })),
    );
  });

  test('findings name five pods at most', () => {
    const finding = aFinding({ pods: 9 });
    const crowded = { ...finding, pods: { ...finding.pods, examples: Array.from('abcdefghi') } };
    const [line = ''] = ndjsonFindings(aRun([anAudited(aCluster(), [crowded])]));
    expect((JSON.parse(line) as Finding).pods).toMatchObject({
      count: 9,
      examples: ['a', 'b', 'c', 'd', 'e'],
    });
  });

  test('findings with terminal control sequences in their names are harmless when printed', () => {
    const text = [
      ...ndjsonFindings(aRun([anAudited(aCluster(), [aFinding({ name: 'a\u009b2J\u202e' })])])),
    ].join('');
    expect(text).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
    expect((JSON.parse(text) as Finding).workload.name).toBe('a\u009b2J\u202e');
  });
});
