import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDeployment } from '../../lambda/config/load.ts';
import { heapOptions } from '../../lib/constructs/heap-options.ts';
import { canHold, kubectlIsThere, measureKubectl } from './kubectl.ts';
import type { Measurement } from './measure.ts';
import { bundle, cpuOf, type Generator, runNode, startGenerator, stopGenerator } from './processes.ts';
import { type CaseResult, MIB, markdownTable, type Target, targetLine } from './result.ts';
import { detailLines, tableOf } from './table.ts';

export interface PodsOptions {
  /** Only cases whose name holds it. */
  readonly only?: string | undefined;
  /** For Node.js, in every case. */
  readonly nodeOptions: readonly string[];
}

const AUDIT = 'audit, protobuf';
const FLOOR = 'JSON.parse alone';
const KUBECTL = 'kubectl get pods -A -o json';
const CASES = [
  FLOOR,
  'protobuf decode alone',
  'plain download, protobuf',
  'plain download, JSON',
  AUDIT,
  'audit, JSON',
];

/**
 * Audits a synthetic cluster of that size and measures, in the same run and on the same pods, what cannot
 * be avoided: downloading them, and parsing them. Audits get the options of the function that is deployed by
 * default; the others run as Node.js does without any.
 */
export async function benchPods(pods: number, options: PodsOptions): Promise<CaseResult> {
  const measurements = await measureAll(pods, options);
  const table = [...tableOf(measurements), '', ...targetsOf(measurements).map(targetLine)];
  return { measurements, table: [...table, '', ...detailLines(measurements)] };
}

/** Whether a pod of a large cluster costs more than one of a small one. */
export async function benchGrowth({ nodeOptions }: PodsOptions): Promise<CaseResult> {
  const measurements = [
    ...(await measureAll(100_000, { nodeOptions, only: AUDIT })),
    ...(await measureAll(1_000_000, { nodeOptions, only: AUDIT })),
  ];
  const rows = measurements.map((one) => [
    String(one.pods),
    perPod(one).toFixed(1),
    (one.peakRss / MIB).toFixed(0),
  ]);
  const [small, large] = measurements.map(perPod);
  const target = { what: 'CPU a pod at 1m ÷ at 100k', measured: (large ?? 0) / (small ?? 1), most: 1.1 };
  const header = ['pods', 'µs CPU/pod', 'peak MiB'];
  return { measurements, table: [...markdownTable(header, rows), '', targetLine(target)] };
}

const perPod = ({ cpuMs, pods }: Measurement): number => (cpuMs * 1000) / pods;

/** SPEC §11. */
function targetsOf(measurements: readonly Measurement[]): readonly Target[] {
  const [audit, floor, kubectl] = [AUDIT, FLOOR, KUBECTL].map((name) =>
    measurements.find((one) => one.name === name),
  );
  if (audit === undefined) return [];
  const targets: Target[] = [];
  if (floor) targets.push({ what: 'CPU ÷ JSON.parse', measured: audit.cpuMs / floor.cpuMs, most: 0.5 });
  if (kubectl) targets.push({ what: 'wall ÷ kubectl', measured: audit.wallMs / kubectl.wallMs, most: 0.5 });
  const most = audit.pods > 100_000 ? 512 : 256;
  return [...targets, { what: 'peak RSS', measured: audit.peakRss / MIB, most, unit: ' MiB' }];
}

async function measureAll(pods: number, options: PodsOptions): Promise<readonly Measurement[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const worker = await bundle('./worker.ts', join(folder, 'worker.mjs'));
    const script = await bundle('./load-generator.ts', join(folder, 'generator.mjs'));
    const generator = await startGenerator(script, pods);
    try {
      return await measureEach(pods, { worker, generator, ...options });
    } finally {
      await stopGenerator(generator);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureEach(
  pods: number,
  {
    worker,
    generator,
    only = '',
    nodeOptions,
  }: PodsOptions & { readonly worker: string; readonly generator: Generator },
): Promise<readonly Measurement[]> {
  const measured: Measurement[] = [];
  const isWanted = (name: string): boolean => name.includes(only);
  for (const name of CASES.filter(isWanted)) {
    const before = cpuOf(generator);
    const asDeployed = name.startsWith('audit')
      ? heapOptions(parseDeployment('', 'none', []).deployment.memory)
      : [];
    const args = [...asDeployed, ...nodeOptions, worker, name, String(pods), generator.server, generator.ca];
    const measurement = JSON.parse(await runNode(args)) as Measurement;
    const after = cpuOf(generator);
    const server = before === null || after === null ? {} : { generatorCpuMs: after - before };
    measured.push({ ...measurement, details: { ...measurement.details, ...server } });
  }
  if (isWanted(KUBECTL) && canHold(pods) && kubectlIsThere()) {
    measured.push(await measureKubectl(generator, pods));
  }
  return measured;
}
