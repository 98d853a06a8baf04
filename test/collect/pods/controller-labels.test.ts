import { describe, expect, test } from '@jest/globals';
import { withControllerLabels } from '../../../lambda/collect/pods/controller-labels.ts';
import { PERHAPS, SOME_VALUE } from '../../../lambda/inventory/unknown-labels.ts';
import { run } from '../../cli/run.ts';

const template = (labels: object) => ({
  metadata: { labels },
  spec: { containers: [{ name: 'app', image: 'r.example.com/app:1' }] },
});
const object = (apiVersion: string, kind: string, spec: object) => ({
  apiVersion,
  kind,
  metadata: { name: 'x', namespace: 'shop' },
  spec,
});
const deny = (podSelector: object) =>
  object('networking.k8s.io/v1', 'NetworkPolicy', { podSelector, policyTypes: ['Egress'] });
const expression = (key: string, operator: string, ...values: readonly string[]) => ({
  matchExpressions: [{ key, operator, ...(values.length === 0 ? {} : { values }) }],
});

/** Whether egress-unrestricted fails for pods of the template under a policy that denies those it selects. */
async function verdict(maker: object, policy: object): Promise<'open' | 'closed' | 'unknown'> {
  const list = { apiVersion: 'v1', kind: 'List', items: [maker, policy] };
  const { stdout } = await run(['audit', '--snapshot', '-', '-o', 'json'], JSON.stringify(list));
  const { findings, notEvaluated } = JSON.parse(stdout) as Record<string, readonly { check: string }[]>;
  const of = (rows: readonly { check: string }[] = []) =>
    rows.some(({ check }) => check === 'egress-unrestricted');
  return of(findings) ? 'open' : of(notEvaluated) ? 'unknown' : 'closed';
}

const job = object('batch/v1', 'Job', { template: template({ app: 'x' }) });
const statefulSet = object('apps/v1', 'StatefulSet', { template: template({ app: 'x' }) });
const rollout = object('argoproj.io/v1alpha1', 'Rollout', { template: template({ app: 'x' }) });
const knative = object('serving.knative.dev/v1', 'Service', { template: template({ app: 'x' }) });

describe('policies that select by labels that controllers add', () => {
  test.each<[string, object, object, string]>([
    ['a Job has the label', job, expression('job-name', 'Exists'), 'closed'],
    ['a Job does not lack it', job, expression('batch.kubernetes.io/job-name', 'DoesNotExist'), 'open'],
    ['the value of a label of a Job is unknown', job, { matchLabels: { 'job-name': 'x' } }, 'unknown'],
    ['a value is unknown for In', job, expression('controller-uid', 'In', 'a', 'b'), 'unknown'],
    ['a value is unknown for NotIn', job, expression('controller-uid', 'NotIn', 'a'), 'unknown'],
    [
      'indexed Jobs have one more',
      job,
      expression('batch.kubernetes.io/job-completion-index', 'Exists'),
      'unknown',
    ],
    [
      'pods of a StatefulSet have an index',
      statefulSet,
      expression('apps.kubernetes.io/pod-index', 'Exists'),
      'closed',
    ],
    ['pods of a StatefulSet have no label of a Job', statefulSet, expression('job-name', 'Exists'), 'open'],
    ['a Rollout makes ReplicaSets', rollout, expression('pod-template-hash', 'DoesNotExist'), 'unknown'],
    [
      'Knative adds labels of its group',
      knative,
      { matchLabels: { 'serving.knative.dev/service': 'x' } },
      'unknown',
    ],
    ['Knative adds no labels of other groups', knative, { matchLabels: { team: 'x' } }, 'open'],
    ['what the template says counts', job, { matchLabels: { app: 'x' } }, 'closed'],
  ])(
    'a policy that selects a label of a controller has its verdict: %s',
    async (_name, maker, selector, expected) => {
      expect(await verdict(maker, deny(selector))).toBe(expected);
    },
  );

  test.each<[string, string]>([
    ['has(job-name)', 'closed'],
    ['!has(job-name)', 'open'],
    ["job-name == 'x'", 'unknown'],
    ["job-name != 'x'", 'unknown'],
    ["job-name contains 'x'", 'unknown'],
  ])('a Calico selector sees labels that controllers add: %s', async (selector, expected) => {
    const policy = object('projectcalico.org/v3', 'NetworkPolicy', { selector, types: ['Egress'] });
    expect(await verdict(job, policy)).toBe(expected);
  });

  test('a Cilium selector sees labels that controllers add, too', async () => {
    const policy = (endpointSelector: object) =>
      object('cilium.io/v2', 'CiliumNetworkPolicy', { endpointSelector, egress: [{}] });
    expect(await verdict(job, policy(expression('job-name', 'Exists')))).toBe('closed');
    expect(await verdict(job, policy({ matchLabels: { 'job-name': 'x' } }))).toBe('unknown');
  });

  test('the reason for an unknown verdict is the label, not the namespace', async () => {
    const list = { apiVersion: 'v1', kind: 'List', items: [job, deny({ matchLabels: { 'job-name': 'x' } })] };
    const { stdout } = await run(['audit', '--snapshot', '-', '-o', 'json'], JSON.stringify(list));
    expect(stdout).toMatch(/depends on a label that a controller will add, whose value is not known before/);
  });
});

test('a template keeps its own labels, and gets only those that policies need', () => {
  const keys = ['job-name', 'app', 'team'];
  expect(withControllerLabels({ 'job-name': 'mine' }, { kind: 'Job', group: 'batch' }, keys)).toEqual({
    'job-name': 'mine',
  });
  expect(withControllerLabels({}, { kind: 'CronJob', group: 'batch' }, keys)).toEqual({
    'job-name': SOME_VALUE,
  });
  expect(withControllerLabels({}, { kind: 'ScaledJob', group: 'keda.sh' }, keys)).toEqual({
    'job-name': PERHAPS,
  });
});
