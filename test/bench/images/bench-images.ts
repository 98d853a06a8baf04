import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Measurement } from '../measure.ts';
import { bundle, runNode, startGenerator, stopGenerator } from '../processes.ts';
import { type CaseResult, markdownTable, mebibytes, seconds, targetLine } from '../result.ts';

const CASES = ['the calls alone', 'cold', 'warm', 'cold, 50 ms a call'] as const;

/**
 * What it costs to ask ECR and Inspector about that many distinct images, ten in a repository: first without and then with what the
 * run before has kept; beside the same calls whose answers are dropped, and with an endpoint that is 50 ms away.
 */
export async function benchImages(images: number): Promise<CaseResult> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-images-'));
  try {
    const worker = await bundle('./images/worker.ts', join(folder, 'worker.mjs'));
    const script = await bundle('./images/serve-ecr.ts', join(folder, 'serve.mjs'));
    const server = await startGenerator(script, images);
    try {
      const measurements: Measurement[] = [];
      for (const name of CASES) {
        const output = await runNode([worker, name, String(images), server.server, folder]);
        measurements.push(JSON.parse(output) as Measurement);
      }
      return { measurements, table: tableOf(measurements) };
    } finally {
      await stopGenerator(server);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function tableOf(measurements: readonly Measurement[]): readonly string[] {
  const header = ['case', 'images', 'calls', 'wall s', 'CPU s', 'peak MiB'];
  const rows = measurements.map(({ name, pods, wallMs, cpuMs, peakRss, details }) => [
    name,
    String(pods),
    String(details['calls']),
    seconds(wallMs),
    seconds(cpuMs),
    mebibytes(peakRss),
  ]);
  const of = (name: (typeof CASES)[number]): Measurement => {
    const found = measurements.find((one) => one.name === name);
    if (found === undefined) throw new Error(`${name} was not measured`);
    return found;
  };
  const ratio = of('cold').cpuMs / of('the calls alone').cpuMs;
  const far = of('cold, 50 ms a call').wallMs / 1000;
  return [
    ...markdownTable(header, rows),
    '',
    targetLine({ what: 'CPU of cold over that of its calls alone', measured: ratio, most: 1.5 }),
    targetLine({ what: 'cold where a call takes 50 ms', measured: far, most: 40, unit: ' s' }),
  ];
}
