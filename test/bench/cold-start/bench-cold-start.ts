import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NODE, synthesise } from '../../support/synthesised-functions.ts';
import type { Measurement } from '../measure.ts';
import { runNode } from '../processes.ts';
import { type CaseResult, markdownTable, mebibytes, targetLine } from '../result.ts';

const ROUNDS = 15;
const NOTHING = 'node, nothing imported';
/** SPEC §11, milliseconds. */
const MOST_MS = 300;

/**
 * Imports the bundle of each function as it is deployed, in a fresh process. Rounds go through all bundles in turn, so that a busy moment meets each of them; medians.
 */
export async function benchColdStart(): Promise<CaseResult> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-cold-start-'));
  try {
    const tasks = new Map([
      ...(await synthesise({ folder, mode: 'single', yaml: '' })),
      ...(await synthesise({ folder, mode: 'fleet', yaml: 'deployment: { mode: fleet }\n' })),
    ]);
    const modules = [...tasks].map(([name, task]) => ({ name, file: join(task, 'index.mjs') }));
    const measurements = await medians([{ name: NOTHING, file: null }, ...modules]);
    const worst = Math.max(...measurements.map(({ wallMs }) => wallMs));
    const target = { what: 'slowest import', measured: worst, most: MOST_MS, unit: ' ms' };
    return { measurements, table: [...tableOf(measurements), '', targetLine(target)] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Module {
  readonly name: string;
  readonly file: string | null;
}

async function medians(modules: readonly Module[]): Promise<readonly Measurement[]> {
  const rounds = modules.map((): Measurement[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, module] of modules.entries()) rounds[index]?.push(await importOnce(module));
  }
  return modules.map(({ name, file }, index) => {
    const median = (of: (one: Measurement) => number): number =>
      (rounds[index] ?? []).map(of).sort((a, b) => a - b)[ROUNDS >> 1] ?? 0;
    return {
      name,
      pods: 0,
      wallMs: median(({ wallMs }) => wallMs),
      cpuMs: median(({ cpuMs }) => cpuMs),
      processCpuMs: median(({ processCpuMs }) => processCpuMs),
      peakRss: median(({ peakRss }) => peakRss),
      bytes: file === null ? 0 : statSync(file).size,
      details: {},
    };
  });
}

async function importOnce({ name, file }: Module): Promise<Measurement> {
  const program = `
    const wall = performance.now();
    const cpu = process.cpuUsage();
    ${file === null ? '' : `await import(${JSON.stringify(file)});`}
    const { user, system } = process.cpuUsage(cpu);
    const wallMs = performance.now() - wall;
    const all = process.resourceUsage();
    process.stdout.write(JSON.stringify({
      wallMs, cpuMs: (user + system) / 1000,
      processCpuMs: (all.userCPUTime + all.systemCPUTime) / 1000, peakRss: all.maxRSS * 1024,
    }), () => process.exit());`;
  const output = await runNode(['--input-type=module', '-e', program], NODE);
  return { name, pods: 0, bytes: 0, details: {}, ...(JSON.parse(output) as object) } as Measurement;
}

function tableOf(measurements: readonly Measurement[]): readonly string[] {
  const floor = measurements.find(({ name }) => name === NOTHING)?.processCpuMs ?? 1;
  const header = ['function', 'import ms', 'CPU ms', 'process CPU ÷ `node -e 0`', 'peak MiB', 'bundle MB'];
  const rows = measurements.map(({ name, wallMs, cpuMs, processCpuMs, peakRss, bytes }) => [
    name,
    wallMs.toFixed(0),
    cpuMs.toFixed(0),
    (processCpuMs / floor).toFixed(1),
    mebibytes(peakRss),
    bytes === 0 ? '' : (bytes / 1_000_000).toFixed(2),
  ]);
  return markdownTable(header, rows);
}
