import { describe, expect, test } from '@jest/globals';
import { chooseLabels, type LabelledWorkload } from '../../../lambda/egress/suggest/suggest-labels.ts';
import type { Labels } from '../../../lambda/inventory/names.ts';

const workload = (name: string, ...labels: readonly Labels[]): LabelledWorkload => ({
  workload: { namespace: 'shop', kind: 'Deployment', name },
  labels,
});

const choose = (own: readonly Labels[], ...others: readonly (readonly Labels[])[]) =>
  chooseLabels(
    workload('own', ...own),
    others.map((labels, index) => workload(`other-${index}`, ...labels)),
  );

describe('the labels that select a workload', () => {
  test('the labels that select a workload are as few as distinguish it, those that name it first', () => {
    const web = { app: 'web', tier: 'front', team: 'shop' };
    expect(choose([web])?.matchLabels).toEqual({ app: 'web' });
    expect(choose([web], [{ app: 'cart', tier: 'front' }])?.matchLabels).toEqual({ app: 'web' });
    expect(choose([web], [{ app: 'web', tier: 'back', team: 'shop' }])).toEqual({
      matchLabels: { app: 'web', tier: 'front' },
      alsoSelects: [],
    });
    const recommended = { 'app.kubernetes.io/name': 'web', 'app.kubernetes.io/instance': 'blue', app: 'x' };
    expect(choose([recommended])?.matchLabels).toEqual({ 'app.kubernetes.io/name': 'web' });
    expect(choose([recommended], [{ 'app.kubernetes.io/name': 'web', app: 'x' }])?.matchLabels).toEqual({
      'app.kubernetes.io/name': 'web',
      'app.kubernetes.io/instance': 'blue',
    });
  });

  test('the labels that select a workload are on every pod of it with the same value', () => {
    expect(
      choose(
        [
          { app: 'web', track: 'stable' },
          { app: 'web', track: 'canary' },
        ],
        [{ app: 'web', track: 'other' }],
      ),
    ).toMatchObject({ matchLabels: { app: 'web' }, alsoSelects: [{ name: 'other-0' }] });
    expect(choose([{ app: 'web' }, { tier: 'front' }])).toBeNull();
  });

  test.each([
    'pod-template-hash',
    'rollouts-pod-template-hash',
    'controller-revision-hash',
    'pod-template-generation',
    'statefulset.kubernetes.io/pod-name',
    'apps.kubernetes.io/pod-index',
    'job-name',
    'controller-uid',
    'batch.kubernetes.io/job-name',
    'batch.kubernetes.io/controller-uid',
    'batch.kubernetes.io/job-completion-index',
    'topology.kubernetes.io/zone',
    'eks.amazonaws.com/fargate-profile',
    'app.kubernetes.io/version',
    'helm.sh/chart',
    'security.istio.io/tlsMode',
  ])('the labels that select a workload do not include the temporary %s', (key) => {
    expect(choose([{ [key]: 'x' }])).toBeNull();
    // Not even to tell it from another.
    expect(choose([{ app: 'web', [key]: 'x' }], [{ app: 'web' }])).toMatchObject({
      matchLabels: { app: 'web' },
      alsoSelects: [{ name: 'other-0' }],
    });
  });

  test('the labels that select a workload are valid ones, whatever a file contains', () => {
    expect(choose([{ 'a b': 'x', c: 'd\u001b[2J', '/e': 'f', constructor: 'y' }])?.matchLabels).toEqual({
      constructor: 'y',
    });
    expect(choose([{ app: 'x'.repeat(64) }])).toBeNull();
    expect(choose([{}])).toBeNull();
    expect(choose([])).toBeNull();
  });
});
