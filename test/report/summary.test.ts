import { describe, expect, test } from '@jest/globals';
import { causeOf } from '../../lambda/findings/cause.ts';
import { summarize, summaryDocument } from '../../lambda/report/summary.ts';
import { aCluster, aFailed, aFinding, aGap, anAudited, aRun } from './builders.ts';

describe('the summary', () => {
  test('the summary counts findings by severity and status, and only new and open ones as active', () => {
    const findings = [
      aFinding(),
      aFinding({ name: 'b', status: 'open' }),
      aFinding({ name: 'c', status: 'fixed', check: 'runtime-library-update' }),
      aFinding({ name: 'e', status: 'gone' }),
      aFinding({ name: 'f', status: 'withdrawn' }),
      // Of an earlier version, which did not tell fixed from gone.
      aFinding({ name: 'g', status: 'resolved' }),
      aFinding({ name: 'd', status: 'exempt', check: 'runtime-library-update' }),
    ];
    const summary = summarize(aRun([anAudited(aCluster(), findings)]));
    expect(summary.findings).toEqual({
      active: 2,
      activeNew: 1,
      activeBySeverity: { critical: 0, high: 2, medium: 0, low: 0 },
      apart: 0,
      maxSeverity: 'high',
      byStatus: { new: 1, open: 1, fixed: 2, gone: 1, withdrawn: 1, exempt: 1 },
      bySeverity: {
        critical: { new: 0, open: 0, fixed: 1, gone: 0, withdrawn: 0, exempt: 1 },
        high: { new: 1, open: 1, fixed: 1, gone: 1, withdrawn: 1, exempt: 0 },
        medium: { new: 0, open: 0, fixed: 0, gone: 0, withdrawn: 0, exempt: 0 },
        low: { new: 0, open: 0, fixed: 0, gone: 0, withdrawn: 0, exempt: 0 },
      },
    });
  });

  test('what is apart is counted as such, and is neither active nor new to people', () => {
    const managed = { managedBy: 'EKS add-on vpc-cni' };
    const worse = { changed: { since: '2026-02-23T06:00:00Z', facts: ['can also write /etc on its node'] } };
    const findings = [
      { ...aFinding({ status: 'open', severity: 'critical' }), ...managed },
      { ...aFinding({ name: 'b', status: 'open', severity: 'high' }), ...managed, ...worse },
      aFinding({ name: 'c', severity: 'low' }),
    ];
    const [known, first] = [false, true].map(
      (firstRun) => summarize(aRun([{ ...anAudited(aCluster(), findings), firstRun }])).findings,
    );
    expect(known).toMatchObject({
      active: 2,
      activeNew: 1,
      activeBySeverity: { critical: 0, high: 1, medium: 0, low: 1 },
      apart: 1,
      maxSeverity: 'high',
    });
    expect(first).toMatchObject({ activeNew: 1, apart: 1 });
    const all = { ...anAudited(aCluster(), [{ ...aFinding(), ...managed }]), firstRun: true };
    expect(summarize(aRun([all])).findings).toMatchObject({ active: 0, activeNew: 0, apart: 1 });
  });

  test('the summary is complete only when every cluster was audited and every verdict decided', () => {
    expect(summarize(aRun([anAudited()])).coverage).toEqual({ decided: 75, total: 75, complete: true });
    expect(summarize(aRun([anAudited(aCluster(), [], [aGap()])])).coverage).toEqual({
      decided: 75,
      total: 76,
      complete: false,
    });
    expect(summarize(aRun([anAudited(), aFailed(aCluster('b'))])).coverage.complete).toBe(false);
    expect(summarize(aRun([])).coverage.complete).toBe(false);
  });

  test('the summary is not complete when a failed cluster left no trace but its outcome', () => {
    const silent = { ...aFailed(aCluster('b')), notEvaluated: [] };
    expect(summarize(aRun([anAudited(), silent])).coverage.complete).toBe(false);
  });

  test('the summary counts a tallied gap even without a row for it', () => {
    const [audited] = [anAudited()];
    const tallies = audited.tallies.map((tally) => ({ ...tally, notEvaluated: 2 }));
    expect(summarize(aRun([{ ...audited, tallies }])).coverage).toEqual({
      decided: 75,
      total: 85,
      complete: false,
    });
  });

  test('the summary adds up the verdicts of a check over clusters', () => {
    const run = aRun([anAudited(aCluster('a'), [aFinding()]), anAudited(aCluster('b'), [], [aGap()])]);
    expect(summarize(run).checks.find(({ check }) => check === 'egress-unrestricted')).toEqual({
      check: 'egress-unrestricted',
      pass: 30,
      fail: 1,
      exempt: 0,
      notEvaluated: 1,
    });
  });

  test('the summary counts not-evaluated rows by reason', () => {
    const run = aRun([anAudited(aCluster(), [], [aGap()]), aFailed(aCluster('b'))]);
    expect(summarize(run).notEvaluated).toEqual({
      total: 6,
      byReason: { forbidden: 1, unreachable: 5 },
      byGap: { lost: 0, fixable: 6, known: 0 },
    });
  });

  test('the summary counts findings of managed workloads apart, unless they are new in a known cluster', () => {
    const managed = (name: string, status: 'new' | 'open') => ({
      ...aFinding({ name, status }),
      managedBy: 'EKS add-on coredns',
    });
    const findings = [managed('a', 'open'), managed('b', 'new'), aFinding({ name: 'c', severity: 'low' })];
    const known = anAudited(aCluster(), findings);
    expect(summarize(aRun([known])).findings).toMatchObject({ active: 2, apart: 1, maxSeverity: 'high' });
    const first = summarize(aRun([{ ...known, firstRun: true }])).findings;
    expect(first).toMatchObject({ active: 1, apart: 2, maxSeverity: 'low' });
    expect(first.byStatus).toMatchObject({ new: 2, open: 1 });
  });

  test('the summary counts the causes of what is new and open, each by its worst finding', () => {
    const cause = causeOf(aCluster(), 'no-egress-policy', {
      kind: 'Namespace',
      namespace: null,
      name: 'shop',
      part: null,
    });
    const managedBy = 'EKS add-on coredns';
    const findings = [
      { ...aFinding({ name: 'a', status: 'open', severity: 'low' }), cause },
      { ...aFinding({ name: 'b', severity: 'critical' }), cause },
      { ...aFinding({ name: 'b', status: 'fixed', severity: 'high' }), cause: null },
      { ...aFinding({ name: 'c', status: 'exempt' }), cause },
      { ...aFinding({ name: 'd', status: 'open' }), cause, managedBy },
      // Of a version that knew no causes.
      aFinding({ name: 'a', status: 'open', severity: 'medium', check: 'pod-too-old' }),
    ];
    const run = aRun([anAudited(aCluster(), findings), anAudited(aCluster('b'), [aFinding({ name: 'a' })])]);
    const { causes } = summarize(run);
    const bySeverity = { critical: 1, high: 1, medium: 1, low: 0 };
    expect(causes).toEqual({ total: 3, fresh: 2, bySeverity, workloads: 3 });
    const { clusters } = JSON.parse(summaryDocument(run)) as { clusters: { causes: object }[] };
    expect(clusters.map((cluster) => cluster.causes)).toEqual([
      { total: 1, fresh: 1, bySeverity: { critical: 0, high: 1, medium: 0, low: 0 }, workloads: 1 },
      { total: 2, fresh: 1, bySeverity: { critical: 1, high: 0, medium: 1, low: 0 }, workloads: 2 },
    ]);
  });

  test('the summary as a document has the numbers of each owner, the worst first', () => {
    const owned = (owner: string | null, name: string, severity: 'high' | 'low', status: 'new' | 'open') => ({
      ...aFinding({ name, severity, status }),
      owner,
    });
    const findings = [
      owned('a', 'w1', 'low', 'open'),
      owned('a', 'w1', 'low', 'new'),
      owned('b', 'w2', 'high', 'open'),
      owned(null, 'w3', 'low', 'open'),
    ];
    const { owners } = JSON.parse(summaryDocument(aRun([anAudited(aCluster(), findings)]))) as {
      owners: object[];
    };
    expect(owners).toEqual([
      { owner: 'b', workloads: 1, findings: 1, fresh: 0, maxSeverity: 'high' },
      { owner: 'a', workloads: 1, findings: 2, fresh: 1, maxSeverity: 'low' },
      { owner: null, workloads: 1, findings: 1, fresh: 0, maxSeverity: 'low' },
    ]);
  });

  test('the summary as a document has the numbers of each cluster', () => {
    const document = JSON.parse(summaryDocument(aRun([anAudited(), aFailed(aCluster('a'))]))) as {
      clusters: { cluster: { name: string }; outcome: string; coverage: { complete: boolean } }[];
    };
    expect(document.clusters.map(({ cluster, outcome }) => [cluster.name, outcome])).toEqual([
      ['a', 'failed'],
      ['prod-eu', 'audited'],
    ]);
    expect(document.clusters[0]?.coverage.complete).toBe(false);
  });
});
