import type { Numbers } from './assumptions.ts';

interface Measured {
  readonly pods: number;
  readonly cpuMs: number;
  readonly peakRss: number;
  readonly bytes: number;
}

/**
 * What a machine has measured, out of a report of the benchmark's case `growth`: the cost of a pod, and memory
 * as a line through the two sizes.
 * @throws Error when the report has no two sizes
 */
export function measuredIn(
  report: string,
): Pick<Numbers, 'cpuPerPod' | 'baseMemory' | 'memoryPerPod' | 'bytesPerPod'> {
  const { measurements } = JSON.parse(report) as { readonly measurements: readonly Measured[] };
  const [small, large] = [...measurements].sort((a, b) => a.pods - b.pods);
  if (small === undefined || large === undefined || small.pods === large.pods) {
    throw new Error(
      'The report must contain audits of two sizes; create it with npm run bench -- growth --json FILE.',
    );
  }
  const kibPerPod = (large.peakRss - small.peakRss) / 1024 / (large.pods - small.pods);
  return {
    cpuPerPod: (large.cpuMs * 1000) / large.pods,
    memoryPerPod: kibPerPod,
    baseMemory: small.peakRss / 1024 ** 2 - (kibPerPod * small.pods) / 1024,
    bytesPerPod: large.bytes / large.pods / 1000,
  };
}
