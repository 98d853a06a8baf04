import { isApart } from '../findings/apart.ts';
import type { Finding } from '../findings/finding.ts';
import { isActive, isClosed } from '../findings/identity.ts';
import type { NotEvaluated } from '../findings/not-evaluated.ts';
import type { CheckTally, ClusterResult, RunResult } from '../findings/run-result.ts';
import { compareText } from '../inventory/workload.ts';
import { xmlSafe } from './escape.ts';
import { sortedClusters, sortedFindings, sortedNotEvaluated } from './order.ts';
import { type NameOf, shortNames, workloadName } from './words.ts';

/** A test of JUnit: an outcome without a kind has passed. */
interface Case {
  readonly check: string;
  readonly name: string;
  readonly outcome: Outcome | null;
  readonly origin?: Finding['origin'];
}

interface Outcome {
  readonly kind: 'failure' | 'error' | 'skipped';
  readonly type: string;
  readonly message: string;
  readonly details: readonly string[];
}

/**
 * `audit -o junit`: a suite for each check. Findings fail; what is accepted, or managed by somebody else, is skipped;
 * what was not evaluated is an error, so that nothing that was not judged is green. A check that passed everywhere is
 * one test. GitLab counts tests of one name and class once (https://docs.gitlab.com/ci/testing/unit_test_reports/), so
 * names are made unique.
 *
 * @param pathOf A file as the reader of the report names it.
 */
export function* junitDocument(run: RunResult, pathOf: (file: string) => string): Generator<string> {
  const nameOf = shortNames(run.clusters.map(({ cluster }) => cluster));
  const cases = [...casesOf(run, nameOf)];
  const byCheck = [...Map.groupBy(cases, ({ check }) => check)].sort(([a], [b]) => compareText(a, b));
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  yield `<testsuites name="eks-drift-audit"${counts(cases)}>\n`;
  for (const [check, of] of byCheck) {
    const timestamp = run.run.startedAt.replace(/(\.\d+)?Z$/, '');
    yield `<testsuite${attributes({ name: check, timestamp })}${counts(of)}>\n`;
    const seen = new Map<string, number>();
    for (const one of of) yield caseText(one, unique(one.name, seen), pathOf);
    yield '</testsuite>\n';
  }
  yield '</testsuites>\n';
}

function* casesOf(run: RunResult, nameOf: NameOf): Generator<Case> {
  const first = new Map(run.clusters.map(({ cluster, firstRun = false }) => [nameOf(cluster), firstRun]));
  for (const finding of sortedFindings(run)) {
    if (isClosed(finding)) continue;
    const cluster = nameOf(finding.cluster);
    yield {
      check: finding.check,
      name: scopeName(cluster, finding),
      outcome: outcomeOf(finding, first.get(cluster) === true),
      origin: finding.origin ?? null,
    };
  }
  for (const row of sortedNotEvaluated(run)) {
    yield { check: row.check, name: scopeName(nameOf(row.cluster), row), outcome: notEvaluated(row) };
  }
  for (const result of sortedClusters(run)) {
    for (const tally of result.tallies) if (hasPassed(tally)) yield passed(tally, nameOf(result.cluster));
    if (result.outcome === 'failed' && result.notEvaluated.length === 0) yield silent(nameOf(result.cluster));
  }
}

/** Of all that was judged, whatever part of it is shown. */
const hasPassed = ({ pass, fail, exempt = 0, notEvaluated }: CheckTally): boolean =>
  pass > 0 && fail === 0 && exempt === 0 && notEvaluated === 0;

const passed = ({ check }: CheckTally, cluster: string): Case => ({
  check,
  name: `${cluster}: all`,
  outcome: null,
});

function silent(cluster: string): Case {
  const message = `${cluster} was not audited, and no reason is given.`;
  return {
    check: 'audit',
    name: cluster,
    outcome: { kind: 'error', type: 'not-audited', message, details: [] },
  };
}

function scopeName(
  cluster: string,
  { workload, container }: Pick<ClusterResult['notEvaluated'][number], 'workload' | 'container'>,
): string {
  const parts = [
    cluster,
    ...(workload === null ? [] : [workloadName(workload)]),
    ...(container === null ? [] : [`container ${container}`]),
  ];
  return parts.join(': ');
}

function outcomeOf(finding: Finding, firstRun: boolean): Outcome {
  const { severity, message, exemption, fix, remediation, managedBy } = finding;
  if (!isActive(finding)) {
    const accepted =
      exemption === null
        ? 'exempt'
        : `exempt until ${exemption.expires} (${exemption.owner}): ${exemption.reason}`;
    return { kind: 'skipped', type: severity, message: accepted, details: [] };
  }
  if (isApart(finding, firstRun)) {
    return { kind: 'skipped', type: severity, message: `managed by ${managedBy}: ${message}`, details: [] };
  }
  const details = [
    `${finding.status}, ${severity}, since ${finding.firstSeen}`,
    message,
    `How to fix it: ${fix?.text ?? remediation}`,
    ...(fix?.command == null ? [] : [fix.command]),
    ...(fix?.risk == null ? [] : [`Risk: ${fix.risk}`]),
    `More: eks-drift-audit checks explain ${finding.check}`,
  ];
  return { kind: 'failure', type: severity, message: `${severity}: ${message}`, details };
}

const notEvaluated = ({ reason, message, remediation }: NotEvaluated): Outcome => ({
  kind: 'error',
  type: reason,
  message: `not evaluated: ${message}`,
  details: [message, `What to do: ${remediation}`],
});

function unique(name: string, seen: Map<string, number>): string {
  const before = seen.get(name) ?? 0;
  seen.set(name, before + 1);
  return before === 0 ? name : `${name} (${before + 1})`;
}

function caseText({ check, outcome, origin }: Case, name: string, pathOf: (file: string) => string): string {
  const place =
    origin == null
      ? {}
      : { file: origin.file === '-' ? '-' : pathOf(origin.file), line: String(origin.line) };
  const head = `<testcase${attributes({ classname: check, name, ...place, time: '0' })}`;
  if (outcome === null) return `${head}/>\n`;
  const { kind, type, message, details } = outcome;
  if (kind === 'skipped') return `${head}><skipped${attributes({ message })}/></testcase>\n`;
  const at = 'file' in place ? [`${place.file}:${place.line}`] : [];
  const body = [...at, ...details].map(xmlSafe).join('\n');
  return `${head}><${kind}${attributes({ type, message })}>${body}</${kind}></testcase>\n`;
}

function counts(cases: readonly Case[]): string {
  const of = (kind: Outcome['kind']): string =>
    String(cases.filter(({ outcome }) => outcome?.kind === kind).length);
  return attributes({
    tests: String(cases.length),
    failures: of('failure'),
    errors: of('error'),
    skipped: of('skipped'),
  });
}

const attributes = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([key, value]) => ` ${key}="${xmlSafe(value)}"`)
    .join('');
