import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDeployment } from '../../../lambda/config/load.ts';
import { heapOptions } from '../../../lib/constructs/heap-options.ts';
import { nodeCount } from '../data/values.ts';
import type { Measurement } from '../measure.ts';
import { bundle, runNode, startGenerator, stopGenerator } from '../processes.ts';
import { type CaseResult, MIB, markdownTable, mebibytes, seconds, targetLine } from '../result.ts';

/** What it adds to an audit to ask every kubelet how much containers wrote, in processes of their own. */
export async function benchKubelets(
  pods: number,
  { nodeOptions }: { readonly nodeOptions: readonly string[] },
): Promise<CaseResult> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-kubelets-'));
  try {
    const worker = await bundle('./worker.ts', join(folder, 'worker.mjs'));
    const script = await bundle('./load-generator.ts', join(folder, 'generator.mjs'));
    const generator = await startGenerator(script, pods, ['--kubelets']);
    try {
      const heap = heapOptions(parseDeployment('', 'none', []).deployment.memory);
      const measure = async (name: string): Promise<Measurement> =>
        JSON.parse(
          await runNode([
            ...heap,
            ...nodeOptions,
            worker,
            name,
            String(pods),
            generator.server,
            generator.ca,
          ]),
        ) as Measurement;
      const without = await measure('audit, protobuf');
      const measured = await measure('audit, measured');
      return { measurements: [without, measured], table: tableOf(without, measured) };
    } finally {
      await stopGenerator(generator);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function tableOf(without: Measurement, measured: Measurement): readonly string[] {
  const { pods } = measured;
  const rows = [without, measured].map((one) => [
    one.name,
    seconds(one.wallMs),
    seconds(one.cpuMs),
    mebibytes(one.peakRss),
    mebibytes(one.bytes + (one.details['summaryBytes'] ?? 0)),
  ]);
  const cpu = (measured.cpuMs - without.cpuMs) / 1000;
  const memory = (measured.peakRss - without.peakRss) / MIB;
  return [
    ...markdownTable(['case', 'wall s', 'CPU s', 'peak MiB', 'read MiB'], rows),
    '',
    `${nodeCount(pods)} nodes, ${pods} pods, ${measured.details['containers']} verdicts of writable-layer-drifted, ${measured.details['drifted']} of them findings; ${measured.details['notMeasured']} containers not measured.`,
    '',
    targetLine({ what: 'CPU above an audit without measuring', measured: cpu, most: 20, unit: ' s' }),
    targetLine({ what: 'peak RSS above it', measured: memory, most: 40, unit: ' MiB' }),
  ];
}
