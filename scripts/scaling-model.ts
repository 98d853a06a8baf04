/**
 * What one function audits, from where on a fleet is needed, and how long ten thousand clusters take:
 * `npm run scale [-- --measured growth.json] [--clusters 10000] [--memory 1769] [--seed 1]`.
 *
 * `--measured` takes what `npm run bench -- growth --json growth.json` wrote, instead of the assumptions.
 */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { clustersAtOnce } from '../lambda/audit/budget.ts';
import { markdownTable } from './markdown-table.ts';
import { ASSUMPTIONS, type Numbers, numbersOf } from './scaling/assumptions.ts';
import { capacityOf, secondsPerCluster, shardsFor } from './scaling/capacity.ts';
import { measuredIn } from './scaling/measured.ts';
import { type FleetRun, simulateFleet } from './scaling/simulate.ts';
import { assumptionTable, costTables, workTable } from './scaling/tables.ts';

const values = new Command('npm run scale --')
  .description(
    'Says what one function audits, from where on a fleet is needed, and how long the clusters take.',
  )
  .option('--measured <file>', 'what `npm run bench -- growth --json FILE` wrote, instead of the assumptions')
  .option('--clusters <count>', 'clusters to audit', '10000')
  .option('--memory <mebibytes>', 'memory of the function', '1769')
  .option('--seed <number>', 'seed of the simulation', '1')
  .parse()
  .opts<{ measured?: string; clusters: string; memory: string; seed: string }>();
const numbers: Numbers = {
  ...numbersOf(ASSUMPTIONS),
  ...(values.measured === undefined ? {} : measuredIn(readFileSync(values.measured, 'utf8'))),
};
const clusters = Number(values.clusters);
const memory = Number(values.memory);

const MEMORIES = [512, 1024, 1769, 3008, 10_240];
const CONCURRENCIES = [40, 200, 400, 1000, 2000];
const count = (value: number): string => Math.floor(value).toLocaleString('en-US');
const duration = (seconds: number): string =>
  seconds < 90 ? `${Math.round(seconds)} s` : `${(seconds / 60).toFixed(1)} min`;

function oneCluster(): readonly string[] {
  const header = [
    'MiB',
    'pods/s',
    'by time',
    'by memory',
    'pods in one function',
    'bound by',
    'parts for 10m pods',
  ];
  const rows = MEMORIES.map((size) => {
    const capacity = capacityOf(size, numbers);
    const { podsPerSecond, byTime, byMemory, pods, boundBy } = capacity;
    const parts = shardsFor(10_000_000, capacity);
    return [
      String(size),
      ...[podsPerSecond, byTime, byMemory, pods].map(count),
      boundBy,
      Number.isFinite(parts) ? String(parts) : '–',
    ];
  });
  return markdownTable(header, rows);
}

function oneFunction(): readonly string[] {
  const rows = MEMORIES.map((size) => {
    const atOnce = clustersAtOnce(size);
    const each = secondsPerCluster(size, atOnce, numbers);
    const most = (numbers.timeout - numbers.reserve - numbers.coldStart) / each;
    return [String(size), String(atOnce), each.toFixed(2), count(most), count(most * numbers.meanPods)];
  });
  return markdownTable(['MiB', 'clusters at once', 's a cluster', 'clusters', 'pods in all'], rows);
}

function fleet(): readonly string[] {
  const header = [
    'at once',
    'discover',
    'audit',
    'digest',
    'ends',
    'together',
    'audited',
    'not evaluated',
    'most at once',
    'EKS refused',
    'STS refused',
    'starts delayed',
    'Lambda refused',
  ];
  const rows = CONCURRENCIES.map((concurrency) => {
    const run = simulateFleet({ clusters, concurrency, memory, seed: Number(values.seed), numbers });
    return [String(concurrency), ...timesOf(run), ...countsOf(run)];
  });
  return markdownTable(header, rows);
}

const timesOf = ({ discover, audit, digest, ends }: FleetRun): readonly string[] =>
  [discover, audit, digest, ends, discover + audit + digest + ends].map(duration);

function countsOf({ outcomes, mostAtOnce, refused }: FleetRun): readonly string[] {
  const audited = outcomes.filter((outcome) => outcome === 'audited').length;
  const { eks, sts, start, lambda } = refused;
  return [audited, outcomes.length - audited, mostAtOnce, eks, sts, start, lambda].map(count);
}

process.stdout.write(
  [
    '## Assumptions',
    '',
    ...assumptionTable(numbers),
    '',
    '## One cluster in one function',
    '',
    ...oneCluster(),
    '',
    `## Clusters of ${count(numbers.meanPods)} pods in one function`,
    '',
    ...oneFunction(),
    '',
    `## A fleet of ${count(clusters)} clusters, ${memory} MiB, seed ${values.seed}`,
    '',
    ...fleet(),
    '',
    '## A run',
    '',
    ...workTable(numbers),
    '',
    '## A month',
    '',
    ...costTables(numbers),
    '',
  ].join('\n'),
);
