import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { heapOptions } from '../../../lib/constructs/heap-options.ts';
import type { Measurement } from '../measure.ts';
import { bundle, runNode } from '../processes.ts';
import { type CaseResult, MIB, markdownTable, mebibytes, seconds, targetLine } from '../result.ts';

/** Clusters, findings of each. */
const SIZES = [
  [1_000, 100],
  [2_000, 500],
  [10_000, 100],
] as const;

/** MiB of the function that ends a run, at least: lib/constructs/audit-run.ts. Its heap is that of the measured process. */
const DIGEST_MEMORY = 1_769;

/** SPEC §11. */
const MOST_MIB = 512;

/** The end of a fleet's run, from the summaries that its clusters left: whether its memory grows with findings. */
export async function benchFleet(): Promise<CaseResult> {
  const measurements: Measurement[] = [];
  for (const [clusters, findings] of SIZES) {
    const folder = mkdtempSync(join(tmpdir(), 'bench-fleet-'));
    try {
      const worker = await bundle('./fleet/worker.ts', join(folder, 'worker.mjs'));
      const size = [String(clusters), String(findings), folder];
      await runNode([worker, 'write', ...size]);
      const output = await runNode([...heapOptions(DIGEST_MEMORY), worker, 'join', ...size]);
      measurements.push(JSON.parse(output) as Measurement);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  const worst = Math.max(...measurements.map(({ peakRss }) => peakRss));
  const target = { what: 'peak', measured: worst / MIB, most: MOST_MIB, unit: ' MiB' };
  return { measurements, table: [...tableOf(measurements), '', targetLine(target)] };
}

function tableOf(measurements: readonly Measurement[]): readonly string[] {
  const header = ['clusters', 'findings', 'findings held', 'wall s', 'CPU s', 'peak MiB'];
  const rows = measurements.map(({ pods, wallMs, cpuMs, peakRss, details }) => [
    String(details['clusters'] ?? 0),
    String(pods),
    String(details['kept'] ?? 0),
    seconds(wallMs),
    seconds(cpuMs),
    mebibytes(peakRss),
  ]);
  return markdownTable(header, rows);
}
