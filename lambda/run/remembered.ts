import type { Config } from '../config/config.ts';
import { canonicalJson, configHash } from '../config/hash.ts';
import { limitLabelKeys } from '../config/match.ts';
import { AuditorError } from '../errors.ts';
import type { Finding, WithdrawnReason } from '../findings/finding.ts';
import { DAY } from '../inventory/durations.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import { sha256Of } from '../store/manifest.ts';
import type { ClusterState, RecordedConfig, WithdrawnFinding } from '../store/state-format.ts';
import type { ReportStore } from '../store/store.ts';
import { VERSION } from '../version.ts';
import { findState } from './known-cluster.ts';

/** Longer than a year, so that what is asked for again after one is not called younger than it is. */
const REMEMBERED_DAYS = 400;

/** Of the others nothing can come back under the same id. */
const REMEMBERED: ReadonlySet<WithdrawnReason> = new Set([
  'check-off',
  'namespace-excluded',
  'limit-changed',
  'configuration-changed',
]);

/**
 * Which withdrawn findings a state remembers: those of before, and those of this run, without those that are found
 * again. Doing it twice gives the same.
 *
 * @param now Epoch milliseconds.
 */
export function remember(
  before: Pick<ClusterState, 'withdrawn'> | null,
  findings: readonly Finding[],
  now: number,
): readonly WithdrawnFinding[] {
  const rows = new Map((before?.withdrawn ?? []).map((row) => [row.id, row]));
  for (const { id, firstSeen, lastSeen, status, reason } of findings) {
    if (status === 'withdrawn' && reason && REMEMBERED.has(reason)) rows.set(id, { id, firstSeen, lastSeen });
    else rows.delete(id);
  }
  const oldest = now - REMEMBERED_DAYS * DAY;
  return [...rows.values()].filter(({ lastSeen }) => !(Date.parse(lastSeen) < oldest));
}

/** Without the accounts, which decide nothing about pods. */
export const recordedConfig = (config: Config): RecordedConfig => ({
  version: VERSION,
  effective: { ...config, accounts: [] },
});

/**
 * The text of `config.json`: the effective configuration whose SHA-256 the run names.
 *
 * @returns `null` where it is not known, as of decisions of earlier versions
 */
export function effectiveConfig(
  recorded: RecordedConfig | undefined,
  accounts: Config['accounts'] | undefined,
  sha256: string,
): string | null {
  if (recorded === undefined || accounts === undefined) return null;
  const text = canonicalJson({ ...recorded.effective, accounts });
  return sha256Of(text) === sha256 ? text : null;
}

/** Sections that decide what is asked, in the form that configurations have now. */
function isOfForm(recorded: object, config: Config): recorded is Config {
  const has = (of: unknown, like: object): boolean =>
    typeof of === 'object' && of !== null && Object.keys(like).every((key) => Object.hasOwn(of, key));
  if (!has(recorded, config)) return false;
  const { limits, egress } = recorded as Config;
  return has(limits, config.limits) && has(egress, config.egress);
}

/**
 * The configuration by which a cluster was last judged, where pods of today can be judged by it: it was another one, this
 * version of the program has written it, and the labels that it selects by are kept. Else `null`: what passes then counts
 * as fixed.
 */
export async function formerConfig(
  store: ReportStore,
  cluster: ClusterIdentity,
  config: Config,
): Promise<Config | null> {
  try {
    const { previous, relation } = await findState(store, cluster);
    const recorded = relation === 'same' ? previous?.config : undefined;
    if (recorded === undefined || recorded.version !== VERSION) return null;
    const former = recorded.effective;
    if (!isOfForm(former, config)) return null;
    if (configHash(former) === configHash({ ...config, accounts: [] })) return null;
    const kept = limitLabelKeys(config);
    return [...limitLabelKeys(former)].every((key) => kept.has(key)) ? former : null;
  } catch (error) {
    if (error instanceof AuditorError) return null;
    throw error;
  }
}
