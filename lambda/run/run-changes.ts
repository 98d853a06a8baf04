import type { Config } from '../config/config.ts';
import { canonicalJson } from '../config/hash.ts';
import { matchesAny } from '../config/match.ts';
import { formatDuration } from '../config/units.ts';
import type { Finding } from '../findings/finding.ts';
import { workloadKey } from '../inventory/workload.ts';
import type { AskedReason, RunChanges } from '../report/news.ts';
import type { RecordedConfig } from '../store/state-format.ts';
import { VERSION } from '../version.ts';
import type { ComparedCluster } from './conclude.ts';

/** A cluster beside what is known of how the last run judged it. */
export interface JudgedBefore extends Pick<ComparedCluster, 'result' | 'findings' | 'before'> {
  /** The configuration of the last run; `null`: not known. */
  readonly formerly: RecordedConfig | null;
}

/** What was asked in another way in the last run of each cluster: the settings, and which findings are new by them. */
export function runChanges(clusters: readonly JudgedBefore[], config: Config): RunChanges {
  const settings = new Set<string>();
  const asked = new Map<string, AskedReason>();
  for (const cluster of clusters) {
    const { formerly } = cluster;
    if (formerly !== null) for (const change of settingsChanged(formerly, config)) settings.add(change);
    const reasonOf = reasons(cluster);
    for (const finding of cluster.findings) {
      const reason = finding.status === 'new' ? reasonOf(finding) : null;
      if (reason !== null) asked.set(finding.id, reason);
    }
  }
  return { settings: [...settings], asked };
}

/** Why a finding is new although nothing happened in its cluster; `null`: something did, as far as is known. */
function reasons({ result, before, formerly }: JudgedBefore): (finding: Finding) => AskedReason | null {
  const former = formerly?.effective as
    | { checks?: Record<string, unknown>; namespaces?: { exclude?: unknown } }
    | undefined;
  const known = before == null ? null : new Set(before.coverage.checks);
  const excluded = former?.namespaces?.exclude;
  const patterns = Array.isArray(excluded) ? excluded.filter((pattern) => typeof pattern === 'string') : [];
  const byScope = new Map((result.basis?.newlyAsked ?? []).map((one) => [scopeKey(one), one.reason]));
  return (finding) => {
    const { check, workload } = finding;
    if (former?.checks?.[check] === 'off') return 'check-on';
    if (known !== null && known.size > 0 && !known.has(check)) {
      return formerly?.version === VERSION ? 'configuration-changed' : 'check-added';
    }
    if (matchesAny(patterns, workload.namespace)) return 'namespace-included';
    return byScope.get(scopeKey(finding)) ?? null;
  };
}

const scopeKey = ({
  check,
  workload,
  container,
}: Pick<Finding, 'check' | 'workload' | 'container'>): string =>
  JSON.stringify([check, workloadKey(workload), container]);

/** What says who is told, and decides nothing about pods. */
const NOT_NAMED: ReadonlySet<string> = new Set(['accounts', 'organization', 'digest']);

/** `limits.podMaxAge: 90d -> 30d`, in the order of the configuration; of lists how many entries came and went. */
export const settingsChanged = (formerly: RecordedConfig, config: Config): readonly string[] =>
  settingsBetween(formerly, { version: VERSION, effective: config });

/** The same between any two recorded configurations. @param unnamed keys that are left out */
export function settingsBetween(
  formerly: RecordedConfig,
  now: RecordedConfig,
  unnamed = NOT_NAMED,
): readonly string[] {
  const version =
    formerly.version === now.version ? [] : [`eks-drift-auditor: ${formerly.version} -> ${now.version}`];
  const former = formerly.effective as Readonly<Record<string, unknown>>;
  const settings = Object.entries(now.effective as Readonly<Record<string, unknown>>).filter(
    ([key]) => !unnamed.has(key),
  );
  return [
    ...version,
    // A key that the last version did not have was not changed by a person.
    ...settings.flatMap(([key, value]) =>
      Object.hasOwn(former, key) ? differences(key, former[key], value) : [],
    ),
  ];
}

function differences(path: string, before: unknown, after: unknown): readonly string[] {
  if (canonicalJson(before) === canonicalJson(after)) return [];
  if (Array.isArray(before) && Array.isArray(after)) return [`${path}: ${listChange(before, after)}`];
  if (isMapping(before) && isMapping(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => differences(`${path}.${key}`, before[key], after[key]));
  }
  return [`${path}: ${valueText(path, before)} -> ${valueText(path, after)}`];
}

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function listChange(before: readonly unknown[], after: readonly unknown[]): string {
  const [old, now] = [before, after].map((list) => new Set(list.map(canonicalJson)));
  const added = after.filter((entry) => old?.has(canonicalJson(entry)) !== true);
  const removed = before.filter((entry) => now?.has(canonicalJson(entry)) !== true);
  const named = (entries: readonly unknown[]): string =>
    entries.length <= 2 && entries.every((entry) => typeof entry !== 'object')
      ? entries.join(', ')
      : String(entries.length);
  const parts = [
    ...(added.length === 0 ? [] : [`${named(added)} added`]),
    ...(removed.length === 0 ? [] : [`${named(removed)} removed`]),
  ];
  return parts.length === 0 ? 'in another order' : parts.join(', ');
}

function valueText(path: string, value: unknown): string {
  if (value === undefined) return 'default';
  if (value === null) return 'none';
  if (typeof value === 'number') return /Age$/.test(path) ? formatDuration(value) : String(value);
  return typeof value === 'object' ? 'set' : String(value);
}
