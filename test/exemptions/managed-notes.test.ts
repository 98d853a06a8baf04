import { describe, expect, test } from '@jest/globals';
import { managedNotes } from '../../lambda/exemptions/managed-notes.ts';
import type { ClusterResult } from '../../lambda/findings/run-result.ts';
import { aFinding, aRecord, aResult, ref } from '../findings/builders.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const entry = (expires: string, match = 'kube-system/DaemonSet/our-*') => ({
  match,
  reason: 'mirrored',
  owner: 'platform@example.com',
  expires,
});

const there = aResult({ findings: [aFinding({ on: 'kube-system/DaemonSet/our-agent' })] });
const notes = (entries: ReturnType<typeof entry>[], results: readonly ClusterResult[] = [there]) =>
  managedNotes(entries, results, NOW);

describe('what is said of workloads that the configuration calls managed', () => {
  test('one whose last day is over is named, with how many findings count again', () => {
    const { expired, expiring, unused } = notes([entry('2026-11-20')]);
    expect(expired).toEqual([
      {
        exemption: expect.objectContaining({
          namespace: 'kube-system',
          workload: 'DaemonSet/our-*',
          owner: 'platform@example.com',
          reason: 'managed workload: mirrored',
          expires: '2026-11-20',
        }),
        findings: 1,
      },
    ]);
    expect([expiring, unused]).toEqual([[], []]);
  });

  test('one that ends within two weeks is named, one that ends later is not', () => {
    expect(notes([entry('2026-11-21')]).expiring).toHaveLength(1);
    expect(notes([entry('2026-12-05')]).expiring).toHaveLength(1);
    expect(notes([entry('2026-12-06')]).expiring).toHaveLength(0);
  });

  test('one that no workload is like is named, but not while a cluster could not be read', () => {
    const other = entry('2027-06-30', 'kube-system/DaemonSet/other');
    expect(notes([other]).unused).toHaveLength(1);
    expect(notes([entry('2027-06-30')]).unused).toHaveLength(0);
    expect(notes([other], [there, aResult({ outcome: 'failed' })]).unused).toHaveLength(0);
  });

  test('one whose workload could not be judged, or is in a namespace that is left out, is in use', () => {
    const undecided = aResult({ notEvaluated: [aRecord({ on: 'kube-system/DaemonSet/our-agent' })] });
    expect(notes([entry('2027-06-30')], [undecided]).unused).toHaveLength(0);
    const excluded = aResult({ excluded: [{ namespace: 'kube-system', pods: 3 }] });
    expect(notes([entry('2027-06-30')], [excluded]).unused).toHaveLength(0);
  });

  test('one whose workload has no finding is in use', () => {
    const { basis } = aResult();
    const clean = aResult({
      ...(basis === undefined
        ? {}
        : { basis: { ...basis, clean: [ref('kube-system/DaemonSet/our-agent')] } }),
    });
    expect(notes([entry('2027-06-30')], [clean]).unused).toHaveLength(0);
  });
});
