import { matches, matchesAny } from '../config/match.ts';
import type { AcceptedGapNote, AcceptedGapNotes } from '../exemptions/accepted-gaps.ts';
import type { Finding } from '../findings/finding.ts';
import type { NotEvaluated } from '../findings/not-evaluated.ts';
import type { CheckTally, ClusterResult } from '../findings/run-result.ts';
import type { DigestInput } from './digest.ts';
import type { ExemptionNote } from './exemption-notes.ts';
import type { LateNews, RunChanges } from './news.ts';
import { isShortened } from './news-counts.ts';

/** Whom a mail is for that is about a part of a run. */
export type Audience =
  | { readonly kind: 'owner'; readonly owner: string }
  | { readonly kind: 'route'; readonly namespaces: readonly string[] };

type Row = Pick<Finding, 'workload'> & { readonly owner?: string | null };

/** Whether a row about a workload is theirs. */
export const isOf = (audience: Audience, { owner, workload }: Row): boolean =>
  audience.kind === 'owner' ? owner === audience.owner : matchesAny(audience.namespaces, workload.namespace);

/**
 * What a mail to them is made from: findings and gaps that are theirs, gaps that concern whole clusters in which they
 * have something, and clusters that could not be read, for nobody knows what is in them. Numbers of pods stay those of
 * the clusters. That clusters are gone and that the record is not complete is for those who run the audit.
 */
export function partOf(input: DigestInput, audience: Audience): DigestInput {
  // Numbers count all that is in a cluster, and rows that the run does not hold may be theirs.
  const isWhole = !isShortened(input.run.clusters);
  const all = input.run.clusters.map(({ numbers: _, ...result }) => partOfCluster(result, audience));
  // What is in the namespaces of a route is asked of every cluster; what an owner has is where it is.
  const clusters = audience.kind === 'route' ? all : all.filter(hasContent);
  const findings = clusters.flatMap((result) => result.findings);
  const ids = new Set(findings.map(({ id }) => id));
  const { exemptions, acceptedGaps = null, changes = null, late = null } = input;
  const ofTheirs = (notes: readonly ExemptionNote[]) => notes.filter((note) => concerns(audience, note));
  return {
    ...input,
    run: { ...input.run, clusters },
    exemptions: {
      ended: exemptions.ended.filter((row) => isOf(audience, row)),
      expired: ofTheirs(exemptions.expired),
      expiring: ofTheirs(exemptions.expiring),
      unused: ofTheirs(exemptions.unused),
    },
    acceptedGaps: acceptedGaps === null ? null : partOfAccepted(acceptedGaps, audience),
    changes: changes === null ? null : partOfChanges(changes, findings),
    gone: [],
    ...(isWhole ? {} : { newsUnknown: true }),
    late: late === null ? null : partOfNews(late, ids, audience),
    shortfalls: [],
  };
}

/** Whoever answers for an accepted gap. */
function partOfAccepted(notes: AcceptedGapNotes, audience: Audience): AcceptedGapNotes {
  const theirs = (of: readonly AcceptedGapNote[]) =>
    of.filter(({ accepted }) => audience.kind === 'owner' && accepted.owner === audience.owner);
  return {
    expired: theirs(notes.expired),
    expiring: theirs(notes.expiring),
    unused: theirs(notes.unused),
    grown: theirs(notes.grown ?? []),
  };
}

/** Settings are named where they did something to what is theirs. */
function partOfChanges({ settings, asked }: RunChanges, findings: readonly Finding[]): RunChanges {
  const concerned = findings.some(({ id, status }) => asked.has(id) || status === 'withdrawn');
  return { settings: concerned ? settings : [], asked };
}

const hasContent = ({ outcome, findings, notEvaluated }: ClusterResult): boolean =>
  outcome === 'failed' || findings.length + notEvaluated.length > 0;

function partOfCluster(result: ClusterResult, audience: Audience): ClusterResult {
  const isTheirs = ({ workload, owner }: NotEvaluated): boolean =>
    workload !== null && isOf(audience, { workload, ...(owner === undefined ? {} : { owner }) });
  const findings = result.findings.filter((row) => isOf(audience, row));
  const concerned = result.outcome === 'failed' || findings.length > 0 || result.notEvaluated.some(isTheirs);
  const notEvaluated = concerned
    ? result.notEvaluated.filter((row) => row.workload === null || isTheirs(row))
    : [];
  return { ...result, findings, notEvaluated, tallies: talliesOf(result.tallies, findings, notEvaluated) };
}

/** Of what passes no row says whose it is. */
function talliesOf(
  tallies: readonly CheckTally[],
  findings: readonly Finding[],
  notEvaluated: readonly NotEvaluated[],
): readonly CheckTally[] {
  const count = (rows: readonly { readonly check: string }[], of: string): number =>
    rows.reduce((sum, { check }) => sum + Number(check === of), 0);
  const exempt = findings.filter(({ status }) => status === 'exempt');
  const failing = exempt.length === 0 ? findings : findings.filter(({ status }) => status !== 'exempt');
  return tallies.map(({ check }) => ({
    check,
    pass: 0,
    fail: count(failing, check),
    ...(exempt.length === 0 ? {} : { exempt: count(exempt, check) }),
    notEvaluated: count(notEvaluated, check),
  }));
}

/** An exemption is its owner's, and of the namespace that it names. */
function concerns(audience: Audience, { exemption: { owner, namespace } }: ExemptionNote): boolean {
  if (audience.kind === 'owner') return owner === audience.owner;
  return namespace !== null && audience.namespaces.some((pattern) => matches(pattern, namespace));
}

function partOfNews(late: LateNews, ids: ReadonlySet<string>, audience: Audience): LateNews | null {
  const found = late.found.filter((id) => ids.has(id));
  const ended = late.ended.filter((id) => ids.has(id));
  const changed = late.changed?.filter(({ id }) => ids.has(id)) ?? [];
  const rows = late.rows.filter((row) => isOf(audience, row));
  const total = found.length + ended.length + changed.length + rows.length;
  return total === 0 ? null : { ...late, found, ended, changed, rows };
}
