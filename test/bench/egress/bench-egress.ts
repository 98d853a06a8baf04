import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Measurement } from '../measure.ts';
import { bundle, runNode } from '../processes.ts';

/** SPEC §11: the egress of a million pods in 20,000 classes under 10,000 policies. */
export const PODS = 1_000_000;
const BUDGET_S = 10;
const MIB = 1024 * 1024;

export interface EgressBenchmark {
  readonly measurements: readonly Measurement[];
  /** Lines of a Markdown table. */
  readonly table: readonly string[];
}

/**
 * `npm run bench -- egress`: what an audit does for egress, from parsed JSON to the numbers that checks ask
 * of every class: reading 10,000 policies of all kinds (twice: for the labels that matter, and to decide),
 * and deciding for each class. Folding pods into classes is measured beside it. The floor is `JSON.parse` of
 * the same policies, which anything must do that reads them. Every case runs in a process of its own.
 */
export async function benchEgress(): Promise<EgressBenchmark> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-egress-'));
  try {
    const worker = await bundle('./egress/worker.ts', join(folder, 'worker.mjs'));
    const run = async (name: string, pods: number) =>
      JSON.parse(await runNode([worker, name, String(pods)])) as Measurement;
    const floor = await run('floor', 0);
    const once = await run('egress', PODS);
    const doubled = await run('egress', 2 * PODS);
    return {
      measurements: [floor, once, doubled],
      table: [...tableOf(floor, [once, doubled]), '', verdictOf(once, doubled)],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const seconds = (ms: number | undefined): string => ((ms ?? 0) / 1000).toFixed(2);

function tableOf(floor: Measurement, cases: readonly Measurement[]): readonly string[] {
  const header = [
    'pods',
    'classes',
    'policy objects',
    'policy sets',
    'parse s',
    'decide s',
    'egress CPU s',
    'wall s',
    '÷ JSON.parse',
    'fold CPU s',
    'peak MiB',
  ];
  const rows = cases.map(({ pods, wallMs, cpuMs, peakRss, details }) => [
    String(pods),
    String(details['classes']),
    String(details['policies']),
    String(details['views']),
    seconds((details['labelKeysCpuMs'] ?? 0) + (details['parseCpuMs'] ?? 0)),
    seconds(details['viewsCpuMs']),
    seconds(cpuMs),
    seconds(wallMs),
    (cpuMs / floor.cpuMs).toFixed(0),
    seconds(details['foldCpuMs']),
    (peakRss / MIB).toFixed(0),
  ]);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---:')), ...rows.map(line)];
}

const withFold = ({ cpuMs, details }: Measurement): number => cpuMs + (details['foldCpuMs'] ?? 0);

function verdictOf(once: Measurement, doubled: Measurement): string {
  const growth = (a: number, b: number) => `${b < a ? '' : '+'}${((b / a - 1) * 100).toFixed(1)} %`;
  const within = once.cpuMs <= BUDGET_S * 1000 ? 'within' : 'beyond';
  return [
    `Egress of ${once.pods} pods: ${seconds(once.cpuMs)} s of CPU, ${within} the ${BUDGET_S} s of the target.`,
    `Twice the pods in as many classes: ${growth(once.cpuMs, doubled.cpuMs)},`,
    `with folding ${growth(withFold(once), withFold(doubled))}.`,
  ].join(' ');
}
