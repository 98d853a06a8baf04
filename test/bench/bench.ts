import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchEgress } from './egress/bench-egress.ts';
import { kubectlIsThere, measureKubectl } from './kubectl.ts';
import type { Measurement } from './measure.ts';
import { parsePods } from './parse-pods.ts';
import { bundle, cpuOf, type Generator, runNode, startGenerator, stopGenerator } from './processes.ts';
import { table } from './table.ts';

/**
 * `npm run bench -- --pods 1k|10k|100k|1m [--only TEXT] [--node-option OPTION] [--json FILE]`
 *
 * Audits a synthetic cluster of that size and measures, in the same run and on the same pods, what cannot
 * be avoided: downloading them, and parsing them. Every case runs in a process of its own.
 *
 * `npm run bench -- egress [--json FILE]`: the egress of a million pods under ten thousand policies.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pods: { type: 'string', default: '10k' },
    only: { type: 'string' },
    json: { type: 'string' },
    'node-option': { type: 'string', multiple: true, default: [] },
  },
});
const pods = parsePods(values.pods);

/** kubectl holds the whole list several times over: beyond this it needs more memory than machines have. */
const KUBECTL_PODS = 100_000;
const CASES = [
  'JSON.parse alone',
  'protobuf decode alone',
  'plain download, protobuf',
  'plain download, JSON',
  'audit, protobuf',
  'audit, JSON',
];

async function measureAll(worker: string, generator: Generator): Promise<Measurement[]> {
  const measured: Measurement[] = [];
  const options = values['node-option'];
  for (const name of CASES.filter(isWanted)) {
    const before = cpuOf(generator);
    const output = await runNode([...options, worker, name, String(pods), generator.server, generator.ca]);
    const measurement = JSON.parse(output) as Measurement;
    const after = cpuOf(generator);
    const server = before === null || after === null ? {} : { generatorCpuMs: after - before };
    measured.push({ ...measurement, details: { ...measurement.details, ...server } });
  }
  if (isWanted('kubectl') && pods <= KUBECTL_PODS && kubectlIsThere()) {
    measured.push(await measureKubectl(generator, pods));
  }
  return measured;
}

function isWanted(name: string): boolean {
  return values.only === undefined || name.includes(values.only);
}

const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryBytes: totalmem(),
  node: process.version,
  nodeOptions: values['node-option'],
  loadBefore: loadavg()[0],
};

function write(text: string, report: object): void {
  process.stdout.write(`${text}\n${JSON.stringify(report)}\n`);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
}

async function benchAudit(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const worker = await bundle('./worker.ts', join(folder, 'worker.mjs'));
    const generator = await startGenerator(
      await bundle('./load-generator.ts', join(folder, 'generator.mjs')),
      pods,
    );
    let measurements: Measurement[];
    try {
      measurements = await measureAll(worker, generator);
    } finally {
      await stopGenerator(generator);
    }
    write(table(measurements), { pods, machine, measurements });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (positionals[0] === 'egress') {
  const { table: lines, measurements } = await benchEgress();
  write(lines.join('\n'), { machine, measurements });
} else {
  await benchAudit();
}
