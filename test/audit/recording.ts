import { gunzipSync } from 'node:zlib';
import type { Config } from '../../lambda/config/config.ts';
import { defaultConfig } from '../../lambda/config/load.ts';
import type { Finding } from '../../lambda/findings/finding.ts';
import type { ClusterResult } from '../../lambda/findings/run-result.ts';
import { segmentsOf } from '../../lambda/history/chain-of-records.ts';
import type { StoredRecord } from '../../lambda/history/records.ts';
import { sequencePoints } from '../../lambda/history/verify/sequence.ts';
import type { ClusterIdentity } from '../../lambda/inventory/names.ts';
import type { Notice } from '../../lambda/notify/notifier.ts';
import { completeRun } from '../../lambda/run/complete-run.ts';
import { decideRun, type RecordOptions } from '../../lambda/run/decide-run.ts';
import type { RunIdentity } from '../../lambda/run/run-identity.ts';
import { stateKey } from '../../lambda/store/layout.ts';
import { parseManifest, sha256Of, verifyManifest } from '../../lambda/store/manifest.ts';
import type { Signer } from '../../lambda/store/signing.ts';
import type { ReportStore } from '../../lambda/store/store.ts';
import { aFinding, aResult, PROD } from '../findings/builders.ts';

export const config = defaultConfig();

/** A run that begins on a day of March 2026. */
export function runOf(day: number, suffix = 'aaaaaaaa'): RunIdentity & { readonly now: number } {
  const date = `202603${String(day).padStart(2, '0')}`;
  const startedAt = `2026-03-${String(day).padStart(2, '0')}T06:00:00.000Z`;
  return { id: `${date}T060000Z-${suffix}`, startedAt, now: Date.parse(startedAt) + 7_000 };
}

/** A cluster in which these workloads have a finding. */
export function found(names: readonly string[], cluster: ClusterIdentity = PROD): ClusterResult {
  return aResult({
    cluster,
    findings: names.map((name) => aFinding({ cluster, on: `shop/Deployment/${name}` })),
  });
}

export interface Delivered {
  readonly store: ReportStore;
  readonly run: RunIdentity & { readonly now: number };
  /** What is read, if this delivery gets to read it. */
  readonly results: readonly ClusterResult[] | (() => Promise<readonly ClusterResult[]>);
  readonly attempt?: string;
  readonly once?: boolean;
  readonly scope?: RecordOptions['scope'];
  readonly leftOut?: RecordOptions['leftOut'];
  /** @defaultValue the default configuration */
  readonly config?: Config;
  /** Mails go here. */
  readonly mails?: Notice[];
  readonly tell?: (notice: Notice) => Promise<void>;
  readonly sleep?: () => Promise<void>;
  readonly signer?: Signer | null;
}

/** One delivery of the event of a run, as a handler takes it. */
export function deliver({
  store,
  run,
  results,
  once = true,
  scope = null,
  leftOut = [],
  ...rest
}: Delivered) {
  const { attempt = 'attempt', mails = [], sleep = async () => {}, signer = null } = rest;
  const tell = rest.tell ?? (async (notice: Notice) => void mails.push(notice));
  const decide = async () => {
    const read = typeof results === 'function' ? await results() : results;
    return decideRun(store, read, { config: rest.config ?? config, run, now: run.now, once, scope, leftOut });
  };
  return completeRun(decide, {
    store,
    run,
    once,
    attempt,
    sleep,
    signer,
    notifiers: [{ name: 'sns', notify: tell }],
  });
}

/** `new:cart`, sorted. */
export const statuses = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ status, workload }) => `${status}:${workload.name}`).sort();

export const told = ({ run }: Notice): readonly string[] =>
  statuses(run.clusters.flatMap(({ findings }) => findings));

export function linesOf(bytes: Uint8Array | undefined): readonly Record<string, unknown>[] {
  const text = gunzipSync(bytes ?? Buffer.alloc(0))
    .toString()
    .trimEnd();
  return text.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Names of the workloads in the state of a cluster, sorted. */
export async function stateOf(store: ReportStore, cluster = PROD): Promise<readonly string[]> {
  const [, ...rows] = linesOf((await store.get(stateKey(cluster))) ?? undefined);
  return (rows as unknown as Finding[]).map(({ workload }) => workload.name).sort();
}

/** Whatever is wrong with the manifests of all runs: nothing, if each record is as it was written. */
export function recordProblems(objects: ReadonlyMap<string, Uint8Array>): readonly string[] {
  const records: StoredRecord[] = [];
  const problems: string[] = [];
  for (const [key, bytes] of objects) {
    if (!key.endsWith('/manifest.json')) continue;
    const manifest = parseManifest(Buffer.from(bytes).toString());
    records.push({ folder: key.replace(/\/manifest\.json$/, ''), bytes, sha256: sha256Of(bytes), manifest });
    const named = new Set(manifest.objects.map((object) => object.key));
    const observed = [...objects].filter(([other]) => named.has(other));
    const measured = observed.map(
      ([other, content]) => [other, { bytes: content.byteLength, sha256: sha256Of(content) }] as const,
    );
    problems.push(...verifyManifest(manifest, new Map(measured)).map(({ message }) => message));
  }
  const broken = sequencePoints(segmentsOf(records), []).filter(({ outcome }) => outcome !== 'pass');
  return [...problems, ...broken.map(({ message }) => message)];
}
