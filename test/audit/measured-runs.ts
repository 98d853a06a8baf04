import { emptyInventory, judgeInventory } from '../../lambda/audit/audit-cluster.ts';
import { defaultConfig } from '../../lambda/config/load.ts';
import type { Finding } from '../../lambda/findings/finding.ts';
import type { ClusterResult } from '../../lambda/findings/run-result.ts';
import { createPodFold } from '../../lambda/inventory/fold.ts';
import type { Unmeasured } from '../../lambda/inventory/layers.ts';
import type { ClusterIdentity } from '../../lambda/inventory/names.ts';
import { layersKey, stateKey } from '../../lambda/store/layout.ts';
import type { ReportStore } from '../../lambda/store/store.ts';
import { PROD } from '../findings/builders.ts';
import { aContainer, aPod, aSpec } from '../support/builders.ts';
import { linesOf } from './recording.ts';

/** Runs that measured layers, judged and recorded by the code of the product. */

export const MIB = 1024 ** 2;
export const STARTED = Date.parse('2026-02-20T09:30:00Z');

const defaults = defaultConfig();
export const measuring = { ...defaults, measure: { ...defaults.measure, writableLayer: 'kubelet' as const } };

export interface Written {
  /** @defaultValue `cart` */
  readonly name?: string;
  /** @defaultValue its first pod */
  readonly pod?: string;
  /** `null`: the kubelet did not know. */
  readonly bytes: number | null;
  /** @defaultValue 40 */
  readonly inodes?: number;
  /** Epoch milliseconds. @defaultValue {@link STARTED} */
  readonly startedAt?: number;
}

const UNKNOWN: Unmeasured = { reason: 'not-sampled', message: 'It was starting.', remedy: 'Again.' };

/** What an audit of a cluster finds whose containers have written as much. */
export function measured(
  now: number,
  containers: readonly Written[],
  cluster: ClusterIdentity = PROD,
): ClusterResult {
  const readings = new Map(
    containers.map((one) => [podName(one), one.bytes === null ? UNKNOWN : reading(one.bytes, one, now)]),
  );
  const fold = createPodFold({
    labelKeys: new Set(),
    nodes: new Map(),
    layers: ({ name }) => readings.get(name) ?? UNKNOWN,
  });
  for (const one of containers) {
    const { name = 'cart', startedAt = STARTED } = one;
    fold.add(
      aPod({
        name: podName(one),
        owner: { apiVersion: 'apps/v1', kind: 'StatefulSet', name },
        startedAt,
        spec: aSpec({ containers: [aContainer('app', { readOnlyRootFilesystem: true })] }),
      }),
    );
  }
  const { classes, totals } = fold.finish(new Map());
  const empty = emptyInventory(cluster, { resource: null, reason: 'unreachable', message: '', remedy: '' });
  const inventory = {
    ...empty,
    classes: [...classes],
    totals: { ...totals, nodes: 1 },
    gaps: [],
    measured: true,
  } as const;
  return judgeInventory(inventory, { config: measuring, now });
}

const podName = ({ name = 'cart', pod = '0' }: Written): string => `${name}-${pod}`;

const reading = (bytes: number, { inodes = 40 }: Written, now: number) => ({
  bytes,
  inodes,
  sampledAt: Math.floor(now / 1000) * 1000 - 9_000,
});

export const drifted = (findings: readonly Finding[]): readonly Finding[] =>
  findings.filter(({ check, status }) => check === 'writable-layer-drifted' && status !== 'fixed');

/** What the next run compares with: the header, and a row for each layer. */
export async function keptLayers(store: ReportStore, cluster = PROD) {
  const bytes = await store.get(layersKey(stateKey(cluster)));
  if (bytes === null) return null;
  const [header, ...rows] = linesOf(bytes);
  return { header, rows };
}
