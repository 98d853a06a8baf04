import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Argument, Command, InvalidArgumentError } from 'commander';
import { benchColdStart } from './cold-start/bench-cold-start.ts';
import { benchEgress } from './egress/bench-egress.ts';
import { benchFleet } from './fleet/bench-fleet.ts';
import { benchGentle } from './gentle/bench-gentle.ts';
import { benchImages } from './images/bench-images.ts';
import { benchKubelets } from './kubelets/bench-kubelets.ts';
import { benchObjects } from './objects/bench-objects.ts';
import { parsePods } from './parse-pods.ts';
import { benchGrowth, benchPods } from './pods.ts';
import { type CaseResult, intoDocument, machine, measuredOn } from './result.ts';
import { benchSbom } from './sbom/bench-sbom.ts';
import { benchState } from './state/bench-state.ts';

const DOCUMENT = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url));

interface BenchOptions {
  readonly pods?: string;
  readonly only?: string;
  readonly json?: string;
  readonly write?: true;
  readonly nodeOption?: readonly string[];
}

type Setting = 'pods' | 'only' | 'nodeOption';

interface Case {
  readonly measures: string;
  /** Other settings are refused: they would change nothing. */
  readonly takes: readonly Setting[];
  readonly run: (options: BenchOptions) => Promise<CaseResult>;
}

const settingsOf = ({ only, nodeOption = [] }: BenchOptions) => ({ only, nodeOptions: nodeOption });

/** Every measurement is taken in a process of its own. */
const CASES: Readonly<Record<string, Case>> = {
  pods: {
    measures: 'an audit of that many pods, beside what cannot be avoided (10k)',
    takes: ['pods', 'only', 'nodeOption'],
    run: (options) => benchPods(parsePods(options.pods ?? '10k'), settingsOf(options)),
  },
  growth: {
    measures: 'the same of 100,000 and of a million pods: whether a pod costs more in a large cluster',
    takes: ['nodeOption'],
    run: (options) => benchGrowth(settingsOf(options)),
  },
  egress: {
    measures: 'the egress of a million pods under ten thousand policies',
    takes: [],
    run: benchEgress,
  },
  objects: {
    measures: 'single objects of the largest size, grown in one dimension each',
    takes: ['only'],
    run: (options) => benchObjects(settingsOf(options)),
  },
  state: {
    measures: 'the comparison with a previous state of that many rows (1m)',
    takes: ['pods'],
    run: ({ pods = '1m' }) => benchState(parsePods(pods)),
  },
  fleet: {
    measures: 'the end of a run of 10,000 clusters with 100 findings each, and of smaller ones',
    takes: [],
    run: () => benchFleet(),
  },
  measure: {
    measures: 'what it adds to ask every kubelet how much containers wrote (150k: 5,000 nodes)',
    takes: ['pods', 'nodeOption'],
    run: ({ pods = '150k', ...options }) => benchKubelets(parsePods(pods), settingsOf(options)),
  },
  sbom: {
    measures: 'a search over the SBOMs of that many images (10k)',
    takes: ['pods'],
    run: ({ pods = '10k' }) => benchSbom(parsePods(pods)),
  },
  images: {
    measures: 'asking ECR and Inspector about that many images (10k, in 1,000 repositories)',
    takes: ['pods'],
    run: ({ pods = '10k' }) => benchImages(parsePods(pods)),
  },
  'cold-start': {
    measures: "importing each function's bundle in a fresh process",
    takes: [],
    run: benchColdStart,
  },
  gentle: {
    measures: 'what an audit costs a real kube-apiserver, beside kubectl get pods -A (100k)',
    takes: ['pods'],
    run: ({ pods = '100k' }) => benchGentle(parsePods(pods)),
  },
};

function checkedPods(text: string): string {
  try {
    parsePods(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
  return text;
}

const program = new Command('npm run bench --')
  .description('Measures the audit beside what it is compared with, in one run.')
  .addArgument(new Argument('[case]', 'what is measured').choices(Object.keys(CASES)).default('pods'))
  .option('--pods <number>', '1k, 10k, 100k or 1m', checkedPods)
  .option('--only <text>', 'only measurements whose name contains this text')
  .option(
    '--node-option <option>',
    'for the measured process (repeatable)',
    (one: string, all: string[] = []) => [...all, one],
  )
  .option('--json <file>', 'write the measurements to this file')
  .option('--write', 'put the table into docs/benchmarks.md')
  .addHelpText(
    'after',
    `\nCases:\n${Object.entries(CASES)
      .map(([name, { measures }]) => `  ${name.padEnd(12)}${measures}\n`)
      .join('')}`,
  )
  .parse();

const [name = 'pods'] = program.processedArgs as [string];
const values = program.opts<BenchOptions>();
const { run, takes } = CASES[name] as Case;
for (const setting of ['pods', 'only', 'nodeOption'] as const) {
  const { long } = program.options.find((option) => option.attributeName() === setting) ?? {};
  if (values[setting] !== undefined && !takes.includes(setting))
    program.error(`error: ${name} takes no ${long}.`);
}
const before = machine();
const result = await run(values);
const command = values.pods === undefined ? name : `${name} --pods ${values.pods}`;
const lines = [`\`npm run bench -- ${command}\`: ${measuredOn(before, new Date())}.`, '', ...result.table];
const report = {
  case: command,
  machine: { ...before, ...settingsOf(values) },
  measurements: result.measurements,
};
process.stdout.write(`${lines.join('\n')}\n\n${JSON.stringify(report)}\n`);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
if (values.write) writeFileSync(DOCUMENT, intoDocument(readFileSync(DOCUMENT, 'utf8'), command, lines));
