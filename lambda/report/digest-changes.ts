import type { Finding, WithdrawnReason } from '../findings/finding.ts';
import { compareText } from '../inventory/workload.ts';
import { bullet, type Entry, quoted, type Section } from './digest-layout.ts';
import type { AskedReason, RunChanges } from './news.ts';
import { clusterRowKey } from './order.ts';
import { clusterName, count, listed, severityCounts, thousands } from './words.ts';

interface ChangedFindings {
  readonly withdrawn: readonly Finding[];
  readonly asked: readonly Finding[];
}

/** Settings that the heading names before it counts the rest. */
const SETTINGS = 6;

/**
 * What was changed, and what that did: findings that are withdrawn although nothing was repaired, and findings that are new
 * although nothing happened in the cluster.
 */
export function changesSections(
  news: ChangedFindings,
  changes: RunChanges | null,
  top: number,
): readonly Section[] {
  const settings = changes?.settings ?? [];
  const { lines, others } = effectsOf(news, changes);
  const what = settings.map(quoted);
  return [
    {
      title: titleOf(settings),
      detail: '',
      intro: what.length === 0 ? [] : settingLines(what),
      entries: cut(lines, top),
    },
    { title: 'WITHDRAWN', detail: '', intro: [], entries: cut(otherLines(others), top) },
  ];
}

/** One sentence for each change, those that did most first: `pod-too-old was switched off: 3 findings withdrawn`. */
export function changeLines(news: ChangedFindings, changes: RunChanges | null): readonly string[] {
  const { lines, others } = effectsOf(news, changes);
  return bySize([...lines, ...otherLines(others)]).map(({ text }) => text);
}

interface ChangeLine {
  readonly text: string;
  /** How many findings it concerns. */
  readonly size: number;
}

/** What settings did, and the findings that were withdrawn for other reasons. */
function effectsOf(
  { withdrawn, asked }: ChangedFindings,
  changes: RunChanges | null,
): { readonly lines: readonly ChangeLine[]; readonly others: readonly Finding[] } {
  const effects = new Map<string, { gone: Finding[]; come: Finding[] }>();
  const effectOf = (text: string): { gone: Finding[]; come: Finding[] } => {
    const known = effects.get(text);
    if (known !== undefined) return known;
    const made = { gone: [], come: [] };
    effects.set(text, made);
    return made;
  };
  const others: Finding[] = [];
  for (const finding of withdrawn) {
    const { reason } = finding;
    if (reason != null && !BY_CONFIGURATION.has(reason)) others.push(finding);
    else effectOf(changeOf(finding)).gone.push(finding);
  }
  for (const finding of asked) {
    effectOf(ASKED[changes?.asked.get(finding.id) ?? 'configuration-changed'](finding)).come.push(finding);
  }
  const lines = [...effects].map(([change, { gone, come }]) => {
    const news = come.length === 0 ? [] : [`${count(come.length, 'finding')} new (${severityCounts(come)})`];
    const over = gone.length === 0 ? [] : [wentIn(gone)];
    return { text: `${change}: ${[...news, ...over].join(', ')}`, size: gone.length + come.length };
  });
  return { lines, others };
}

/** The version of the program is among them, as `eks-drift-auditor: 0.1.0 -> 0.2.0`. */
function titleOf(settings: readonly string[]): string {
  const versions = settings.filter((setting) => setting.startsWith('eks-drift-auditor: ')).length;
  if (versions === 0) return 'CHANGED CONFIGURATION';
  return versions === settings.length ? 'CHANGED VERSION' : 'CHANGED VERSION AND CONFIGURATION';
}

const settingLines = (settings: readonly string[]): Entry =>
  listed(settings, SETTINGS) === settings.join(', ')
    ? settings.map((setting) => `  ${setting}`)
    : [
        ...settings.slice(0, SETTINGS).map((setting) => `  ${setting}`),
        `  and ${count(settings.length - SETTINGS, 'more setting')}`,
      ];

function otherLines(findings: readonly Finding[]): readonly ChangeLine[] {
  return [...Map.groupBy(findings, changeOf)].map(([change, of]) => ({
    text: `${change}: ${wentIn(of)}`,
    size: of.length,
  }));
}

const bySize = (lines: readonly ChangeLine[]): readonly ChangeLine[] =>
  lines.toSorted((a, b) => b.size - a.size || compareText(a.text, b.text));

function cut(lines: readonly ChangeLine[], top: number): readonly Entry[] {
  const sorted = bySize(lines);
  const rest = sorted.slice(top);
  const entries = sorted.slice(0, top).map(({ text }) => bullet(text));
  return rest.length === 0 ? entries : [...entries, bullet(`and ${count(rest.length, 'more change')}`)];
}

const BY_CONFIGURATION: ReadonlySet<WithdrawnReason> = new Set([
  'check-off',
  'namespace-excluded',
  'limit-changed',
  'configuration-changed',
]);

function changeOf(finding: Finding): string {
  const { reason } = finding;
  return reason == null ? 'for an unknown reason' : CHANGES[reason](finding);
}

const CHANGES: Readonly<Record<WithdrawnReason, (finding: Finding) => string>> = {
  'check-off': ({ check }) => `${quoted(check)} was switched off`,
  'namespace-excluded': ({ workload }) => `the namespace ${quoted(workload.namespace)} was excluded`,
  'limit-changed': ({ check }) => `${quoted(check)} has a new limit`,
  'configuration-changed': ({ check }) => `${quoted(check)} is judged by other settings`,
  'rule-changed': ({ check }) => `this version has no check ${quoted(check)}`,
  'owner-known': () => 'their Jobs or ReplicaSets are listed under their owners now',
  'cluster-replaced': ({ cluster }) => `another cluster replaced ${quoted(clusterName(cluster))}`,
};

const ASKED: Readonly<Record<AskedReason, (finding: Finding) => string>> = {
  'check-on': ({ check }) => `${quoted(check)} was switched on`,
  'check-added': ({ check }) => `this version has a new check ${quoted(check)}`,
  'namespace-included': ({ workload }) => `the namespace ${quoted(workload.namespace)} is no longer excluded`,
  'limit-changed': CHANGES['limit-changed'],
  'configuration-changed': CHANGES['configuration-changed'],
};

function wentIn(findings: readonly Finding[]): string {
  const clusters = new Set(findings.map(({ cluster }) => clusterRowKey(cluster))).size;
  const managed = findings.filter(({ managedBy }) => managedBy != null).length;
  const places = clusters > 1 ? ` in ${count(clusters, 'cluster')}` : '';
  const ofThem =
    managed === 0 ? '' : `, ${managed === findings.length ? 'all' : thousands(managed)} of managed workloads`;
  return `${count(findings.length, 'finding')} withdrawn${places}${ofThem}`;
}
