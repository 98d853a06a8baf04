import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Measurement } from '../measure.ts';
import { bundle, runNode } from '../processes.ts';
import { type CaseResult, MIB, markdownTable, mebibytes, seconds, targetLine } from '../result.ts';

/** So long an answer may take: the specification's target. */
const MOST_SECONDS = 2;

/**
 * Searching a store of that many images, each with 400 packages, three pods and an SBOM; and adding 200 images to it, as many
 * as a run collects. The store is made first, in the way in which runs make it.
 */
export async function benchSbom(images: number): Promise<CaseResult> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-sbom-'));
  try {
    const worker = await bundle('./sbom/worker.ts', join(folder, 'worker.mjs'));
    const measurements: Measurement[] = [];
    for (const name of ['make the store', 'find in all images', 'find in few images', 'add 200 images']) {
      const output = await runNode([worker, name, String(images), folder]);
      measurements.push(JSON.parse(output) as Measurement);
    }
    return { measurements, table: tableOf(measurements) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function tableOf(measurements: readonly Measurement[]): readonly string[] {
  const header = ['case', 'images', 'wall s', 'CPU s', 'peak MiB', 'index MiB', 'rows found'];
  const rows = measurements.map(({ name, pods, wallMs, cpuMs, peakRss, bytes, details }) => [
    name,
    String(pods),
    seconds(wallMs),
    seconds(cpuMs),
    mebibytes(peakRss),
    (bytes / MIB).toFixed(1),
    details['found'] === undefined ? '' : String(details['found']),
  ]);
  const slowest = Math.max(
    ...measurements.filter(({ name }) => name.startsWith('find')).map(({ wallMs }) => wallMs),
  );
  const target = { what: 'the slowest answer', measured: slowest / 1000, most: MOST_SECONDS, unit: ' s' };
  return [...markdownTable(header, rows), '', targetLine(target)];
}
