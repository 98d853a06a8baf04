import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { startComparison } from '../../../lambda/findings/compare.ts';
import { folderStore } from '../../../lambda/store/folder-store.ts';
import { stateKey } from '../../../lambda/store/layout.ts';
import { openState, writeState } from '../../../lambda/store/state.ts';
import { NOW } from '../data/values.ts';
import { type Cost, type Measurement, processCost, startClock } from '../measure.ts';
import { CLUSTER, findingsBetween, resultWith } from './rows.ts';

/** One case of the benchmark of states, in a process of its own: `worker.js CASE ROWS FOLDER`. */
type Outcome = Cost & Pick<Measurement, 'bytes' | 'details'>;
type Job = { readonly rows: number; readonly folder: string };

const CASES: Readonly<Record<string, (job: Job) => Promise<Outcome>>> = {
  write: writeAll,
  'JSON.parse alone': parseAll,
  'read and compare': readAndCompare,
};

/** The state of a cluster with that many open findings, as a run leaves it behind. */
async function writeAll({ rows, folder }: Job): Promise<Outcome> {
  const findings = findingsBetween(0, rows);
  const stop = startClock();
  await writeState(
    folderStore(folder),
    { run: 'bench', cluster: CLUSTER, findings },
    { key: stateKey(CLUSTER), expected: null },
  );
  return { ...stop(), bytes: readFileSync(fileOf(folder)).length, details: {} };
}

/** The lines are made outside the clock. */
async function parseAll({ folder }: Job): Promise<Outcome> {
  const lines = createInterface({
    input: Readable.from([readFileSync(fileOf(folder))]).pipe(createGunzip()),
  });
  const total = { wallMs: 0, cpuMs: 0 };
  let bytes = 0;
  let batch: string[] = [];
  const parse = (): void => {
    const stop = startClock();
    for (const line of batch) JSON.parse(line);
    const { wallMs, cpuMs } = stop();
    total.wallMs += wallMs;
    total.cpuMs += cpuMs;
    batch = [];
  };
  for await (const line of lines) {
    bytes += Buffer.byteLength(line) + 1;
    if (batch.push(line) === 1000) parse();
  }
  parse();
  return { ...total, bytes, details: {} };
}

/** One finding of a hundred is gone, as many are new. What the run has found is held before the clock starts. */
async function readAndCompare({ rows, folder }: Job): Promise<Outcome> {
  const changed = Math.floor(rows / 100);
  const current = resultWith(findingsBetween(changed, rows + changed));
  const currentRss = process.memoryUsage.rss();
  const stop = startClock();
  const previous = await openState(folderStore(folder), stateKey(CLUSTER));
  if (previous === null) throw new Error('there is no state to compare with');
  const comparer = startComparison(current, NOW);
  for await (const finding of previous.findings()) comparer.add(finding);
  const { findings, closed } = comparer.finish();
  const cost = stop();
  const fresh = findings.filter(({ status }) => status === 'new').length;
  if (fresh !== changed || closed.length !== changed) throw new Error('the comparison is wrong');
  return { ...cost, bytes: readFileSync(fileOf(folder)).length, details: { currentRss } };
}

const fileOf = (folder: string): string => join(folder, stateKey(CLUSTER));

const [name = '', rows = '', folder = ''] = process.argv.slice(2);
const run = CASES[name];
if (run === undefined) throw new Error(`no case "${name}"; there are: ${Object.keys(CASES).join(', ')}`);
const outcome = await run({ rows: Number(rows), folder });
const measurement: Measurement = { name, pods: Number(rows), ...outcome, ...processCost() };
process.stdout.write(`${JSON.stringify(measurement)}\n`);
