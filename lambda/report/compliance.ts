import type { CheckNumbers } from '../findings/cluster-numbers.ts';
import type { ControlMapping } from '../findings/control.ts';
import { isActive } from '../findings/identity.ts';
import { saysNothing } from '../findings/nothing-to-judge.ts';
import type { ClusterResult, RunResult } from '../findings/run-result.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import { compareText } from '../inventory/workload.ts';
import { type Severity, worse } from '../severity.ts';
import { type CellValue, CRLF, cellText, csvHeader } from './csv-cells.ts';
import { sortedClusters } from './order.ts';
import { jsonLine } from './rows.ts';

/** What a control came to in one cluster by one check. */
export type ComplianceResult = 'fail' | 'not evaluated' | 'exempt only' | 'pass' | 'not applicable';

/** The verdicts of one check in one cluster. */
export interface CheckOutcome {
  readonly pass: number;
  readonly fail: number;
  /** Failing verdicts that an exemption accepts; never among those that pass. */
  readonly exempt: number;
  readonly notEvaluated: number;
  readonly result: ComplianceResult;
}

export interface ComplianceOptions {
  readonly checks: readonly { readonly id: string; readonly controls: readonly ControlMapping[] }[];
  /** The object with the findings of a cluster. */
  readonly findingsOf: (cluster: ClusterIdentity) => FindingsObject | undefined;
}

interface FindingsObject {
  readonly key: string;
  readonly sha256: string;
}

/** All that a row is made of. */
interface Scope {
  readonly run: RunResult['run'];
  readonly control: ControlMapping;
  readonly check: string;
  readonly cluster: ClusterResult;
  readonly outcome: CheckOutcome;
  readonly open: OpenFindings | undefined;
  readonly findings: FindingsObject | undefined;
}

interface Column {
  readonly name: string;
  /** What it contains; docs are made from this. */
  readonly meaning: string;
  readonly value: (scope: Scope) => CellValue;
}

/** The columns of `compliance.csv`, in their order. New ones are added at the end: others read by position. */
export const COMPLIANCE_COLUMNS: readonly Column[] = [
  { name: 'framework', meaning: 'the standard', value: ({ control }) => control.framework },
  {
    name: 'framework_version',
    meaning: 'the edition that was read',
    value: ({ control }) => control.version,
  },
  { name: 'control', meaning: 'id of the control', value: ({ control }) => control.control },
  { name: 'source', meaning: 'where the standard is published', value: ({ control }) => control.source },
  { name: 'check', meaning: 'id of the check that supports the control', value: ({ check }) => check },
  { name: 'cluster', meaning: 'name of the cluster', value: ({ cluster }) => cluster.cluster.name },
  {
    name: 'account',
    meaning: 'AWS account; empty when not known',
    value: ({ cluster }) => cluster.cluster.accountId,
  },
  {
    name: 'region',
    meaning: 'AWS region; empty when not known',
    value: ({ cluster }) => cluster.cluster.region,
  },
  {
    name: 'in_scope',
    meaning: 'verdicts that were due; empty where the cluster was not read, for then it is not known',
    value: ({ cluster, outcome }) =>
      cluster.outcome === 'failed'
        ? null
        : outcome.pass + outcome.fail + outcome.exempt + outcome.notEvaluated,
  },
  { name: 'pass', meaning: 'verdicts that pass', value: ({ outcome }) => outcome.pass },
  { name: 'fail', meaning: 'verdicts that fail and are not exempt', value: ({ outcome }) => outcome.fail },
  {
    name: 'exempt',
    meaning: 'verdicts that fail and that an exemption accepts',
    value: ({ outcome }) => outcome.exempt,
  },
  {
    name: 'not_evaluated',
    meaning: 'verdicts that could not be decided',
    value: ({ outcome }) => outcome.notEvaluated,
  },
  {
    name: 'result',
    meaning:
      'the worst of them: fail, not evaluated, exempt only, pass, or not applicable where nothing was in scope',
    value: ({ outcome }) => outcome.result,
  },
  {
    name: 'worst_severity',
    meaning: 'of the findings that are open, also those that this run could not look at',
    value: ({ open }) => open?.worst ?? null,
  },
  {
    name: 'oldest_open',
    meaning: 'first run that found the oldest of these, RFC 3339 UTC',
    value: ({ open }) => open?.oldest ?? null,
  },
  { name: 'run', meaning: 'id of the run', value: ({ run }) => run.id },
  { name: 'run_time', meaning: 'start of the run, RFC 3339 UTC', value: ({ run }) => run.startedAt },
  {
    name: 'config_sha256',
    meaning: 'SHA-256 of config.json of the run',
    value: ({ run }) => run.config,
  },
  {
    name: 'findings_key',
    meaning:
      'object with the findings of the cluster, of a fleet the list of its objects with their hashes; empty where there is none',
    value: ({ findings }) => findings?.key ?? null,
  },
  {
    name: 'findings_sha256',
    meaning: 'SHA-256 of that object',
    value: ({ findings }) => findings?.sha256 ?? null,
  },
];

/**
 * `compliance.csv`: a row for each cluster, control and check that supports it, as {@link csvFindings} writes cells. A row
 * that passes is one piece of evidence for its control, never conformance with it.
 */
export function* complianceCsv(run: RunResult, options: ComplianceOptions): Generator<string> {
  yield csvHeader(COMPLIANCE_COLUMNS);
  for (const scope of scopesOf(run, options)) {
    yield COMPLIANCE_COLUMNS.map(({ value }) => cellText(value(scope))).join(',') + CRLF;
  }
}

/** The same rows as lines of JSON, with numbers as numbers and what is empty as `null`: queries read these. */
export function* complianceLines(run: RunResult, options: ComplianceOptions): Generator<string> {
  for (const scope of scopesOf(run, options)) {
    const row = Object.fromEntries(COMPLIANCE_COLUMNS.map(({ name, value }) => [name, value(scope)]));
    yield `${jsonLine(row)}\n`;
  }
}

function* scopesOf(run: RunResult, { checks, findingsOf }: ComplianceOptions): Generator<Scope> {
  const supported = checks
    .flatMap(({ id, controls }) => controls.map((control) => ({ check: id, control })))
    .sort(
      (a, b) =>
        compareText(a.control.framework, b.control.framework) ||
        compareText(a.control.control, b.control.control) ||
        compareText(a.check, b.check),
    );
  for (const cluster of sortedClusters(run)) {
    const outcomeOf = checkOutcomes(cluster);
    const open = openFindings(cluster.numbers?.checks ?? checkNumbers(cluster));
    const findings = findingsOf(cluster.cluster);
    for (const { check, control } of supported) {
      const [outcome, ofCheck] = [outcomeOf(check), open.get(check)];
      yield { run: run.run, control, check, cluster, outcome, open: ofCheck, findings };
    }
  }
}

/** The verdicts of each check in one cluster. */
export function checkOutcomes(cluster: ClusterResult): (check: string) => CheckOutcome {
  const tallies = new Map(cluster.tallies.map((tally) => [tally.check, tally]));
  const rows = new Map(
    (cluster.numbers?.checks ?? checkNumbers(cluster)).map(({ check, gaps }) => [check, gaps]),
  );
  // A cluster that was not read, or answered nothing, has not passed and is not out of scope.
  const unread = cluster.outcome === 'failed' || saysNothing(cluster);
  return (check) => {
    const { pass = 0, fail = 0, exempt = 0, notEvaluated: tallied = 0 } = tallies.get(check) ?? {};
    // A hole that spans the whole cluster is one row and no scope to tally.
    const notEvaluated = Math.max(tallied, rows.get(check) ?? 0);
    const counts = { pass, fail, exempt, notEvaluated };
    return { ...counts, result: unread ? 'not evaluated' : resultOf(counts) };
  };
}

function resultOf({ pass, fail, exempt, notEvaluated }: Omit<CheckOutcome, 'result'>): ComplianceResult {
  if (fail > 0) return 'fail';
  if (notEvaluated > 0) return 'not evaluated';
  if (exempt > 0) return 'exempt only';
  return pass > 0 ? 'pass' : 'not applicable';
}

interface OpenFindings {
  readonly worst: Severity;
  readonly oldest: string;
}

/** By check. */
const openFindings = (checks: readonly CheckNumbers[]): ReadonlyMap<string, OpenFindings> =>
  new Map(
    checks.flatMap(({ check, worst, oldest }) =>
      worst === null || oldest === null ? [] : [[check, { worst, oldest }] as const],
    ),
  );

/** What the rows of a cluster say of each check. */
export function checkNumbers({
  findings,
  notEvaluated,
}: Pick<ClusterResult, 'findings' | 'notEvaluated'>): readonly CheckNumbers[] {
  const checks = new Map<string, CheckNumbers>();
  const of = (check: string): CheckNumbers =>
    checks.get(check) ?? { check, gaps: 0, worst: null, oldest: null };
  for (const { check } of notEvaluated) checks.set(check, { ...of(check), gaps: of(check).gaps + 1 });
  for (const finding of findings) {
    if (!isActive(finding)) continue;
    const { check, severity, firstSeen } = finding;
    const before = of(check);
    checks.set(check, {
      ...before,
      worst: before.worst === null ? severity : worse(before.worst, severity),
      oldest: before.oldest === null || firstSeen < before.oldest ? firstSeen : before.oldest,
    });
  }
  return [...checks.values()];
}
