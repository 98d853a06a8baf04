import { Readable } from 'node:stream';
import { auditCluster } from '../../../lambda/audit/audit-cluster.ts';
import { collectObjects } from '../../../lambda/collect/collect-objects.ts';
import { readSnapshot } from '../../../lambda/collect/snapshot/read.ts';
import { defaultConfig } from '../../../lambda/config/load.ts';
import type { ClusterResult } from '../../../lambda/findings/run-result.ts';
import { AGENTS, AROUND, type Dimension } from './dimensions.ts';

const NOW = Date.parse('2026-11-01T00:00:00Z');
const identity = { name: 'grown', arn: null, accountId: null, region: null };

/** The text of a snapshot with one object grown to `count`. */
export function snapshotOf(dimension: Dimension, count: number): string {
  const grown = dimension.of(count);
  // Policies that refer to sets of addresses stand only beside these: another one would decide for itself.
  const refers = ['GlobalNetworkSet', 'NetworkSet', 'CiliumCIDRGroup'].includes(String(grown['kind']));
  const others = AROUND.filter((one) => keyOf(one) !== keyOf(grown) && (refers || !isPolicy(one)));
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [...others, agentFor(grown), grown] });
}

/** One that enforces the object: with several on a node nothing is known of any policy. */
function agentFor({ apiVersion }: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const group = String(apiVersion).split('/')[0] ?? '';
  const [aws, calico, cilium] = AGENTS;
  if (group.endsWith('projectcalico.org')) return calico;
  return group.startsWith('cilium.') || group.startsWith('policy.') ? cilium : aws;
}

const isPolicy = ({ kind }: Readonly<Record<string, unknown>>): boolean =>
  String(kind).endsWith('NetworkPolicy');

const keyOf = ({ kind, metadata }: Readonly<Record<string, unknown>>): string =>
  JSON.stringify([kind, (metadata as { readonly name: string }).name]);

/** Reads and judges it, as `audit --snapshot --complete` does: of a kind that may be missing nothing is judged. */
export async function auditText(text: string): Promise<ClusterResult> {
  const source = await readSnapshot(['-'], { stdin: Readable.from([text]) }, { complete: true });
  return auditCluster(
    { identity, collect: async (hooks) => collectObjects(identity, source, hooks) },
    { config: defaultConfig(), now: NOW },
  );
}
