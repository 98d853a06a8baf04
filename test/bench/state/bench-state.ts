import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Measurement } from '../measure.ts';
import { bundle, runNode } from '../processes.ts';
import { type CaseResult, MIB, markdownTable, mebibytes, seconds } from '../result.ts';

/**
 * A run beside a previous state with that many rows: reading the state and comparing each row. The floor is
 * `JSON.parse` of the same rows.
 */
export async function benchState(rows: number): Promise<CaseResult> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-state-'));
  try {
    const worker = await bundle('./state/worker.ts', join(folder, 'worker.mjs'));
    const measurements: Measurement[] = [];
    for (const name of ['write', 'JSON.parse alone', 'read and compare']) {
      // The heap of a function with 10 GiB: what is measured is how much of it is used.
      const output = await runNode(['--max-old-space-size=8192', worker, name, String(rows), folder]);
      measurements.push(JSON.parse(output) as Measurement);
    }
    return { measurements, table: tableOf(measurements) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function tableOf(measurements: readonly Measurement[]): readonly string[] {
  const floor = measurements.find(({ name }) => name === 'JSON.parse alone')?.cpuMs ?? 1;
  const header = [
    'case',
    'rows',
    'wall s',
    'CPU s',
    'µs CPU/row',
    'peak MiB',
    'of it held before',
    'MiB',
    '÷ JSON.parse',
  ];
  const rows = measurements.map(({ name, pods, wallMs, cpuMs, peakRss, bytes, details }) => [
    name,
    String(pods),
    seconds(wallMs),
    seconds(cpuMs),
    ((cpuMs * 1000) / pods).toFixed(1),
    mebibytes(peakRss),
    details['currentRss'] === undefined ? '' : mebibytes(details['currentRss']),
    (bytes / MIB).toFixed(1),
    (cpuMs / floor).toFixed(2),
  ]);
  return markdownTable(header, rows);
}
