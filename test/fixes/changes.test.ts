import { describe, expect, test } from '@jest/globals';
import { type CauseKind, type CauseObject, causeOf, workloadObject } from '../../lambda/findings/cause.ts';
import type { Finding } from '../../lambda/findings/finding.ts';
import { foldCauses } from '../../lambda/findings/fold-causes.ts';
import { rankChanges } from '../../lambda/fixes/changes.ts';
import { remainsText, resolvedText } from '../../lambda/report/resolved.ts';
import type { Severity } from '../../lambda/severity.ts';
import { aCluster, aFinding } from '../report/builders.ts';

interface Of {
  readonly cluster?: string;
  readonly name?: string;
  readonly severity?: Severity;
  readonly kind?: CauseKind;
  readonly object?: CauseObject;
  readonly owner?: string;
}

function finding({
  cluster = 'one',
  name = 'web',
  severity = 'medium',
  kind = 'writable-root',
  object,
  owner,
}: Of): Finding {
  const found = aFinding({ cluster: aCluster(cluster), name, severity, check: `${kind}-${severity}` });
  const of = object ?? workloadObject(found.workload);
  return { ...found, cause: causeOf(found.cluster, kind, of), owner: owner ?? null };
}

const ranked = (...findings: readonly Finding[]) => rankChanges(foldCauses(findings));

describe('Changes', () => {
  test('are ordered by what they resolve: one critical finding counts more than two high ones', () => {
    const changes = ranked(
      finding({ name: 'two', severity: 'high', kind: 'writable-root' }),
      finding({ name: 'two', severity: 'medium', kind: 'writable-root' }),
      finding({ name: 'one', severity: 'critical' }),
    );
    expect(changes.map(({ object, weight }) => [object.name, weight])).toEqual([
      ['one', 27],
      ['two', 12],
    ]);
  });

  test('of the same object in several clusters are one, which counts the findings of all', () => {
    const [change, ...others] = ranked(
      finding({ cluster: 'one', owner: 'team-b' }),
      finding({ cluster: 'two', owner: 'team-a' }),
    );
    expect(others).toEqual([]);
    expect(change).toMatchObject({ findings: 2, workloads: 2, weight: 6, owners: ['team-a', 'team-b'] });
    expect(change?.causes.map(({ cluster }) => cluster.name)).toEqual(['one', 'two']);
  });

  test('count for nothing where something else keeps what they would resolve', () => {
    const remainsBy = causeOf(aCluster('one'), 'no-egress-policy', {
      kind: 'Namespace',
      namespace: null,
      name: 'shop',
      part: null,
    });
    const [first, second] = ranked(
      { ...finding({ name: 'host', severity: 'critical', kind: 'host-network' }), remainsBy },
      finding({ name: 'host', severity: 'medium', kind: 'host-network' }),
      finding({ name: 'web', severity: 'high' }),
    );
    expect(first).toMatchObject({ object: { name: 'web' }, findings: 1, resolves: 1, remains: [] });
    expect(second).toMatchObject({ object: { name: 'host' }, weight: 3, findings: 2, resolves: 1 });
    expect(remainsText(second?.remains ?? [])).toBe('1 remains: namespace shop (no egress policy)');
    expect(resolvedText(2, 1)).toBe('1 of 2 findings');
  });

  test('of clusters themselves are one without the name of either', () => {
    const of = (name: string): CauseObject => ({ kind: 'Cluster', namespace: null, name, part: 'Fargate' });
    const [change, ...others] = ranked(
      finding({ cluster: 'one', kind: 'policy-not-enforced', object: of('one') }),
      finding({ cluster: 'two', kind: 'policy-not-enforced', object: of('two') }),
    );
    expect(others).toEqual([]);
    expect(change?.object).toEqual({ kind: 'Cluster', namespace: null, name: '', part: 'Fargate' });
  });

  test('of different causes of one object are different', () => {
    expect(ranked(finding({ kind: 'writable-root' }), finding({ kind: 'image-behind' }))).toHaveLength(2);
  });

  test('of rows of earlier versions, whose cause is not known, are each their own', () => {
    const { cause: _, ...old } = finding({});
    expect(ranked(old, { ...old, id: 'other' })).toHaveLength(2);
  });
});
