import { describe, expect, test } from '@jest/globals';
import type { WorkloadRef } from '../../lambda/inventory/names.ts';
import type { PodRecord } from '../../lambda/inventory/pod.ts';
import { observeLabels } from '../../lambda/questions/label-observer.ts';
import { aPod, aSpec } from '../support/builders.ts';

const DNS = { namespace: 'shop', key: 'k8s-app', value: 'kube-dns' };

function observe(pods: readonly PodRecord[], owners: ReadonlyMap<string, WorkloadRef> = new Map()) {
  const observer = observeLabels('shop', DNS);
  for (const pod of pods) observer.add(pod);
  observer.settle(owners);
  return observer;
}

const labelsOf = (...observed: Parameters<typeof observe>) =>
  observe(...observed)
    .workloads()
    .map(({ labels }) => labels.map(({ app }) => app));

const old = aPod({
  name: 'old',
  phase: 'Failed',
  labels: { app: 'old', 'pod-template-hash': '5d9c7b4f6' },
  spec: aSpec({ hostNetwork: true }),
});

describe('labels of a workload', () => {
  test('labels of a workload are those of its live pods, whichever pod is listed first', () => {
    for (const pods of [
      [aPod(), old],
      [old, aPod()],
    ]) {
      expect(labelsOf(pods)).toEqual([['web']]);
      expect(observe(pods).workloads()).toMatchObject([{ hostNetwork: false }]);
    }
  });

  test('labels of a workload without live pods are those of its ended pods', () => {
    expect(labelsOf([old])).toEqual([['old']]);
  });

  test('labels of a CronJob come from live pods of its Jobs before ended ones', () => {
    const job = (name: string, facts: Partial<PodRecord>) =>
      aPod({ name, owner: { apiVersion: 'batch/v1', kind: 'Job', name }, ...facts });
    const owner = { namespace: 'shop', kind: 'CronJob', name: 'backup' };
    const owners = new Map(['a', 'b'].map((name) => [`shop/Job/${name}`, owner]));
    const pods = [
      job('a', { phase: 'Succeeded', labels: { app: 'old' } }),
      job('b', { labels: { app: 'new' } }),
    ];
    expect(labelsOf(pods, owners)).toEqual([['new']]);
    expect(labelsOf(pods.toReversed(), owners)).toEqual([['new']]);
  });
});

test('a DNS server pod that has ended does not count', () => {
  const dns = { name: 'dns', labels: { 'k8s-app': 'kube-dns' } };
  expect(observe([aPod({ ...dns, phase: 'Failed' })]).seen()).toBe(false);
  expect(observe([aPod(dns)]).seen()).toBe(true);
});
