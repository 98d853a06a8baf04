import { canonicalJson } from '../../config/hash.ts';
import { matchesAny } from '../../config/match.ts';
import type { Finding, WithdrawnReason } from '../../findings/finding.ts';
import { clusterKey } from '../../findings/identity.ts';
import { settingsBetween } from '../../run/run-changes.ts';
import { changedFields, evidenceTexts } from './evidence-words.ts';
import { hasName, isDecided, isLeftOpen, type Side } from './side.ts';

/** What became of a finding between two runs, in the order in which it is said. */
export const CHANGE_KINDS = [
  'new',
  'no-longer-exempt',
  'changed',
  'fixed',
  'gone',
  'withdrawn',
  'newly-exempt',
  'undecided',
] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

export interface Change {
  readonly kind: ChangeKind;
  /** As the newer run has it; else as the older one had it. */
  readonly finding: Finding;
  /** What changed, or why it was withdrawn or is not known, in a few words. */
  readonly because: string | null;
  /** Of a changed one: the fields of its evidence that say something else, by their names in rows. */
  readonly fields?: readonly string[];
}

export interface Difference {
  readonly before: Side['run'];
  readonly after: Side['run'];
  /** What the configuration, or the version of the program, asks in another way; `null`: it is not known. */
  readonly settings: readonly string[] | null;
  readonly changes: readonly Change[];
  /** Findings that are in both runs as they were. */
  readonly same: number;
}

/**
 * What differs between two runs. A finding that is not there any more is fixed only where the newer run decided that: what it did not
 * decide, or what neither it nor a run between them says, is `undecided`.
 *
 * @param between Runs between the two, newest first; they say what became of a finding at the time.
 */
export function differenceOf(before: Side, after: Side, between: readonly Side[] = []): Difference {
  const changes: Change[] = [];
  let same = 0;
  for (const finding of after.present.values()) {
    const change = changeOf(before.present.get(finding.id), finding, { before, after });
    if (change === null) same++;
    else changes.push(change);
  }
  for (const finding of before.present.values()) {
    if (!after.present.has(finding.id)) changes.push(endOf(finding, { before, after, between }));
  }
  return { before: before.run, after: after.run, settings: settingsOf(before, after), changes, same };
}

const settingsOf = (before: Side, after: Side): readonly string[] | null =>
  before.config === null || after.config === null ? null : settingsBetween(before.config, after.config);

/** Of a finding that is there; `null`: it is as it was. */
function changeOf(
  was: Finding | undefined,
  finding: Finding,
  { before, after }: { readonly before: Side; readonly after: Side },
): Change | null {
  if (was === undefined) {
    if (finding.status === 'exempt')
      return { kind: 'newly-exempt', finding, because: 'found since, and exempt' };
    return {
      kind: 'new',
      finding,
      because: isDecided(before, finding) ? null : newlyDecided(before, finding),
    };
  }
  if (was.status === 'exempt' && finding.status !== 'exempt') {
    return { kind: 'no-longer-exempt', finding, because: null };
  }
  if (was.status !== 'exempt' && finding.status === 'exempt') {
    return { kind: 'newly-exempt', finding, because: finding.exemption?.reason ?? null };
  }
  // What a run does not decide it leaves as it was.
  if (isDecided(before, finding) && !isDecided(after, finding)) {
    return { kind: 'undecided', finding, because: whyUndecided(after, finding) };
  }
  const differs = differences(was, finding);
  if (differs.length === 0) return null;
  const fields = changedFields(was.evidence, finding.evidence);
  return { kind: 'changed', finding, because: differs.join('; '), fields };
}

/** Something new of which the older run could not have known. */
function newlyDecided(before: Side, { cluster, workload }: Finding): string | null {
  const was = before.clusters.get(clusterKey(cluster));
  if (was === undefined) {
    return hasName(before, cluster)
      ? 'its cluster was not audited before: the one of this name was another'
      : 'its cluster was not audited before';
  }
  return was.coverage === null || !was.coverage.knows(workload) ? null : 'not decided before';
}

const differences = (was: Finding, now: Finding): readonly string[] => [
  ...(was.severity === now.severity ? [] : [`severity ${was.severity} -> ${now.severity}`]),
  ...(was.pods.count === now.pods.count ? [] : [`pods ${was.pods.count} -> ${now.pods.count}`]),
  ...evidenceTexts(was.evidence, now.evidence),
];

interface Sides {
  readonly before: Side;
  readonly after: Side;
  readonly between: readonly Side[];
}

/** Of a finding that is not there any more. */
function endOf(finding: Finding, { before, after, between }: Sides): Change {
  const undecided = (because: string): Change => ({ kind: 'undecided', finding, because });
  const own = after.over.get(finding.id);
  if (own !== undefined) {
    return own.status === 'fixed' && isLeftOpen(after, finding)
      ? undecided(whyUndecided(after, finding))
      : said(own);
  }
  const cluster = after.clusters.get(clusterKey(finding.cluster));
  if (cluster === undefined) {
    return undecided(
      hasName(after, finding.cluster)
        ? 'its cluster is not in the newer run: the one of this name is another'
        : 'its cluster is not in the newer run',
    );
  }
  if (cluster.outcome !== 'audited') return undecided('its cluster was not audited');
  const asked = noLongerAsked(after, finding);
  if (asked !== null) return { kind: 'withdrawn', finding, because: asked };
  const earlier = between.map(({ over }) => over.get(finding.id)).find((row) => row !== undefined);
  if (earlier?.status === 'withdrawn') return said(earlier);
  if (cluster.coverage === null) return undecided('the newer run does not say what it decided');
  if (!cluster.coverage.knows(finding.workload)) {
    const open = cluster.coverage.gapOf({ ...finding, workload: null });
    return open === null ? { kind: 'gone', finding, because: null } : undecided(whyUndecided(after, finding));
  }
  if (!isDecided(after, finding)) return undecided(whyUndecided(after, finding));
  // It passes now; without a word of the time it may be another question that it passes.
  if (earlier?.status === 'fixed' || sameQuestions(before, after))
    return { kind: 'fixed', finding, because: null };
  return undecided('it passes, and the configuration asks something else than before');
}

/** As the run said it that decided it. */
function said(finding: Finding): Change {
  const { status, reason = null } = finding;
  if (status === 'fixed' || status === 'gone') return { kind: status, finding, because: null };
  if (status === 'withdrawn') return { kind: 'withdrawn', finding, because: reason };
  return { kind: 'undecided', finding, because: 'an earlier version did not say whether it was fixed' };
}

function noLongerAsked({ config }: Side, { check, workload }: Finding): WithdrawnReason | null {
  const { checks, namespaces } = (config?.effective ?? {}) as {
    readonly checks?: Readonly<Record<string, unknown>>;
    readonly namespaces?: { readonly exclude?: unknown };
  };
  if (checks?.[check] === 'off') return 'check-off';
  const excluded = namespaces?.exclude;
  const patterns = Array.isArray(excluded) ? excluded.filter((one) => typeof one === 'string') : [];
  return matchesAny(patterns, workload.namespace) ? 'namespace-excluded' : null;
}

const sameQuestions = (before: Side, after: Side): boolean => settingsOf(before, after)?.length === 0;

function whyUndecided({ clusters }: Side, finding: Finding): string {
  const { notEvaluated = [] } = clusters.get(clusterKey(finding.cluster)) ?? {};
  const own = notEvaluated.filter(({ check }) => check === finding.check);
  const row =
    own.find(
      ({ workload }) => workload !== null && canonicalJson(workload) === canonicalJson(finding.workload),
    ) ?? own.find(({ workload }) => workload === null);
  return row === undefined ? 'not decided' : row.reason;
}
