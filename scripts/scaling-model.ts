/**
 * What one function audits, from where on a fleet is needed, and how long ten thousand clusters take:
 * `npm run scale [-- --measured growth.json] [--assume NAME=NUMBER]… [--clusters 10000] [--memory 1769] [--seed 1]`.
 *
 * `--measured` takes what `npm run bench -- growth --json growth.json` wrote, instead of the assumptions; `--assume` takes
 * one number, such as a price, and wins.
 */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { clustersAtOnce } from '../lambda/audit/budget.ts';
import { markdownTable } from './markdown-table.ts';
import { assumed, positive } from './scaling/asked-numbers.ts';
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
  .option(
    '--assume <name=number>',
    'another value of an assumption; may be repeated',
    (text: string, before: Partial<Numbers>) => ({ ...before, ...assumed(text) }),
    {},
  )
  .option('--clusters <count>', 'clusters to audit', positive, 10_000)
  .option('--memory <mebibytes>', 'memory of the function', positive, 1769)
  .option('--seed <number>', 'seed of the simulation', positive, 1)
  .parse()
  .opts<{
    measured?: string;
    assume: Partial<Numbers>;
    clusters: number;
    memory: number;
    seed: number;
  }>();
const numbers: Numbers = {
  ...numbersOf(ASSUMPTIONS),
  ...(values.measured === undefined ? {} : measuredIn(readFileSync(values.measured, 'utf8'))),
  ...values.assume,
};
const { clusters, memory, seed } = values;

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
    const run = simulateFleet({ clusters, concurrency, memory, seed, numbers });
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
    `## A fleet of ${count(clusters)} clusters, ${memory} MiB, seed ${seed}`,
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
