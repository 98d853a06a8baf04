import { expect, test } from '@jest/globals';
import { MOST_PATCHED } from '../../lambda/findings/drawn-patch.ts';
import type { ClusterResult } from '../../lambda/findings/run-result.ts';
import { type ClusterSummary, summaryOf } from '../../lambda/fleet/cluster-summary.ts';
import { type FoldedFleet, foldFleet } from '../../lambda/fleet/fold.ts';
import { complianceCsv } from '../../lambda/report/compliance.ts';
import { digest } from '../../lambda/report/digest.ts';
import { heaviestGaps } from '../../lambda/report/heaviest.ts';
import { reportPage } from '../../lambda/report/page/report-page.ts';
import { summaryDocument } from '../../lambda/report/summary.ts';
import { judgeCluster } from '../../lambda/run/decide-cluster.ts';
import { aFinding, aRecord, aResult } from '../findings/builders.ts';
import { memoryStore } from '../store/memory-store.ts';
import { identityOf } from './fleet-run.ts';
import { config, runOf } from './recording.ts';

const { now, ...run } = runOf(8);
const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;

/** 40 findings, of every severity, and 30 verdicts that are missing. */
function resultOf(name: string): ClusterResult {
  const cluster = identityOf(name);
  return aResult({
    cluster,
    checks: ['pod-too-old', 'writable-host-path'],
    findings: Array.from({ length: 40 }, (_, index) =>
      aFinding({
        cluster,
        on: `shop/Deployment/w${index}`,
        severity: SEVERITIES[index % 4] ?? 'low',
        owner: `team-${index % 3}`,
      }),
    ),
    notEvaluated: Array.from({ length: 30 }, (_, index) =>
      aRecord({ cluster, check: 'writable-host-path', on: `shop/Deployment/n${index}`, reason: 'forbidden' }),
    ),
  });
}

const NAMES = Array.from({ length: 6 }, (_, index) => `c${index}`);

async function folded(room: { rows: number; causes: number; gaps: number }): Promise<FoldedFleet> {
  const fold = foldFleet({ config, run, now, room });
  for (const [index, name] of NAMES.entries()) {
    const options = { config, run, now, stored: [], shortfalls: [] };
    const judged = await judgeCluster(memoryStore(), resultOf(name), options);
    const summary: ClusterSummary = summaryOf(judged, { config, room, manifest: null });
    fold.add(index, summary);
  }
  return fold.finish();
}

const summaryOfNothing = await judgeCluster(memoryStore(), resultOf('none'), {
  config,
  run,
  now,
  stored: [],
  shortfalls: [],
}).then((judged) => summaryOf(judged, { config, room: { rows: 0, causes: 0, gaps: 0 }, manifest: null }));

const ROOMY = { rows: 1000, causes: 1000, gaps: 1000 };
const TIGHT = { rows: 12, causes: 10, gaps: 4 };

const mailOf = (fleet: FoldedFleet) =>
  digest({ ...fleet, gone: [], reportLocation: 'r', options: config.digest });

test('a run that holds only the heaviest rows has the numbers of one that holds all', async () => {
  const [whole, tight] = [await folded(ROOMY), await folded(TIGHT)];
  const held = ({ run: { clusters } }: FoldedFleet) =>
    clusters.reduce((sum, { findings }) => sum + findings.length, 0);
  expect([held(whole), held(tight) <= TIGHT.rows, held(tight) > 0]).toEqual([240, true, true]);
  expect(JSON.parse(summaryDocument(tight.run))).toEqual(JSON.parse(summaryDocument(whole.run)));
  const rowsOf = ({ run: of }: FoldedFleet) => [
    ...complianceCsv(of, {
      checks: [
        {
          id: 'writable-host-path',
          controls: [{ framework: 'F', version: '1', control: '1', source: 's' }],
        },
      ],
      findingsOf: () => undefined,
    }),
  ];
  expect(rowsOf(tight)).toEqual(rowsOf(whole));
});

test('the mail of such a run counts all, says that it does not name all, and names the worst first', async () => {
  const [whole, tight] = [mailOf(await folded(ROOMY)), mailOf(await folded(TIGHT))];
  expect(tight.subject).toBe(whole.subject);
  expect(tight.attributes).toEqual(whole.attributes);
  expect(tight.body.split('\n')[1]).toBe(whole.body.split('\n')[1]);
  const text = tight.body.replace(/\s+/g, ' ');
  expect(text).toMatch(/SHORTENED: \d+ of 240 open causes are named here, the heaviest first/);
  expect(text).toContain('6 clusters, 6 pods, 240 open findings.');
  expect(text).toMatch(/1\. CRITICAL/);
  expect(whole.body).not.toContain('SHORTENED');
});

test('the page of such a run says above its table that it does not hold all', async () => {
  const pageFor = async (room: typeof TIGHT): Promise<string> => {
    const fleet = await folded(room);
    const digest = { ...fleet, gone: [], reportLocation: 'r', options: config.digest };
    return [
      ...reportPage({ digest, ranked: [], checks: [], config: null, about: null, trend: [], objects: [] }),
    ].join('');
  };
  expect(await pageFor(TIGHT)).toMatch(/<p class="warning">SHORTENED: \d+ of 240 open causes/);
  expect(await pageFor(ROOMY)).not.toContain('SHORTENED');
});

test('the lists of what changed count all, also what the page does not hold, such as what became exempt', async () => {
  const fold = foldFleet({ config, run, now, room: { rows: 4, causes: 4 } });
  for (const [index, name] of NAMES.entries()) {
    const options = { config, run, now, stored: [], shortfalls: [] };
    const judged = await judgeCluster(memoryStore(), resultOf(name), options);
    const exempt = judged.run.clusters.map((one) => ({
      ...one,
      findings: one.findings.map((row) => ({ ...row, status: 'exempt' as const })),
    }));
    const begun = exempt.flatMap(({ findings }) => findings.slice(0, 20));
    const decided = {
      ...judged,
      run: { ...judged.run, clusters: exempt },
      firstRun: false,
      exemptions: { ...judged.exemptions, begun },
    };
    fold.add(index, summaryOf(decided, { config, room: { rows: 10, causes: 10, gaps: 10 }, manifest: null }));
  }
  const fleet = { ...fold.finish(), firstRun: false };
  const digest = { ...fleet, gone: [], reportLocation: 'r', options: config.digest };
  const page = [
    ...reportPage({ digest, ranked: [], checks: [], config: null, about: null, trend: [], objects: [] }),
  ].join('');
  expect(page).toMatch(/<h3>Newly exempt: 120 findings, of which this page has \d<\/h3>/);
});

test('what is missing is kept of each kind before a second of any, lost coverage first', () => {
  const rows = [
    ...Array.from({ length: 9 }, (_, index) => aRecord({ on: `a/Deployment/w${index}`, gap: 'known' })),
    aRecord({ on: 'a/Deployment/x', gap: 'lost' }),
    aRecord({ reason: 'timeout', remediation: 'wait' }),
  ];
  const kept = heaviestGaps(rows, 3);
  expect(kept.map(({ gap, reason }) => `${gap} ${reason}`)).toEqual([
    'known forbidden',
    'lost forbidden',
    'undefined timeout',
  ]);
});

test('what became exempt in a cluster is known at the end of the run, and what no summary says is not made up', async () => {
  const judged = await judgeCluster(memoryStore(), resultOf('c0'), {
    config,
    run,
    now,
    stored: [],
    shortfalls: [],
  });
  const begun = judged.run.clusters.flatMap(({ findings }) => findings.slice(0, 2));
  const exemptOf = (exemptions: typeof judged.exemptions): readonly string[] | undefined => {
    const fold = foldFleet({ config, run, now, room: ROOMY });
    fold.add(0, summaryOf({ ...judged, exemptions }, { config, room: ROOMY, manifest: null }));
    return fold.finish().exemptions.begun?.map(({ id }) => id);
  };
  expect(exemptOf({ ...judged.exemptions, begun })).toEqual(begun.map(({ id }) => id));
  const { begun: _, ...earlier } = judged.exemptions;
  expect(exemptOf(earlier)).toEqual([]);
});

test('findings that became exempt are kept at the end of the run before those that were exempt', async () => {
  const cluster = identityOf('c0');
  const rows = Array.from({ length: 60 }, (_, index) =>
    aFinding({ cluster, on: `shop/Deployment/w${index}`, severity: 'high', status: 'exempt' }),
  );
  const result = { ...resultOf('c0'), findings: rows };
  const judged = await judgeCluster(memoryStore(), result, { config, run, now, stored: [], shortfalls: [] });
  const exempt = judged.run.clusters.map((one) => ({ ...one, findings: rows }));
  const begun = [...rows].sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, 2);
  const decided = {
    ...judged,
    run: { ...judged.run, clusters: exempt },
    exemptions: { ...judged.exemptions, begun },
  };
  const fold = foldFleet({ config, run, now, room: { rows: 4, causes: 4 } });
  fold.add(0, summaryOf(decided, { config, room: { rows: 10, causes: 10, gaps: 10 }, manifest: null }));
  expect(fold.finish().exemptions.begun?.map(({ id }) => id)).toEqual(begun.map(({ id }) => id));
});

test('what became worse before a mail that was not accepted is kept at the end of the run', async () => {
  const cluster = identityOf('c0');
  const rows = Array.from({ length: 20 }, (_, index) =>
    aFinding({ cluster, on: `shop/Deployment/w${index}`, severity: 'high', status: 'exempt' }),
  );
  const judged = await judgeCluster(memoryStore(), resultOf('c0'), {
    config,
    run,
    now,
    stored: [],
    shortfalls: [],
  });
  const worse = [...rows].sort((a, b) => (a.id < b.id ? 1 : -1))[0]?.id ?? '';
  const decided = {
    ...judged,
    run: { ...judged.run, clusters: judged.run.clusters.map((one) => ({ ...one, findings: rows })) },
    late: {
      since: '2026-02-01T00:00:00Z',
      runs: ['r'],
      found: [],
      ended: [],
      changed: [{ id: worse, change: { facts: ['x'], since: '2026-01-01T00:00:00Z' } }],
      rows: [],
    },
  };
  const fold = foldFleet({ config, run, now, room: { rows: 4, causes: 4 } });
  fold.add(0, summaryOf(decided, { config, room: { rows: 10, causes: 10, gaps: 10 }, manifest: null }));
  const kept = fold.finish().run.clusters.flatMap(({ findings }) => findings.map(({ id }) => id));
  expect(kept).toContain(worse);
});

test('the end of a run holds the patches of the worst workloads of all clusters, and no more of them where there are more clusters', () => {
  const patch = { cause: 'c', name: 'n', notes: [], before: [], document: {}, command: null };
  const summary = (name: string, index: number): ClusterSummary => ({
    ...summaryOfNothing,
    result: {
      ...resultOf(name),
      numbers: summaryOfNothing.result.numbers,
      patches: Array.from({ length: 5 }, (_, at) => ({
        score: (index * 37 + at * 11) % 100,
        workload: `shop/Deployment/w${at}`,
        patches: [patch],
      })),
    },
  });
  const fold = foldFleet({ config, run, now, room: ROOMY });
  const names = Array.from({ length: 40 }, (_, index) => `many-${index}`);
  for (const [index, name] of names.entries()) fold.add(index, summary(name, index));
  const { clusters } = fold.finish().run;
  const scores = clusters.flatMap(({ patches = [] }) => patches.map(({ score }) => score));
  const all = names.flatMap((name, index) => summary(name, index).result.patches ?? []);
  expect(scores.toSorted((a, b) => b - a)).toEqual(
    all
      .map(({ score }) => score)
      .toSorted((a, b) => b - a)
      .slice(0, MOST_PATCHED),
  );
  const [first] = clusters;
  expect(first?.patches?.every(({ score }) => [0, 11, 22, 33, 44].includes(score)) ?? true).toBe(true);
});
