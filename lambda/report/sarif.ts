import { controlLabel } from '../findings/control.ts';
import type { Finding } from '../findings/finding.ts';
import { isClosed } from '../findings/identity.ts';
import type { NotEvaluated } from '../findings/not-evaluated.ts';
import type { RunResult } from '../findings/run-result.ts';
import type { Severity } from '../severity.ts';
import { jsonSafe, sarifSafe } from './escape.ts';
import { sortedFindings, sortedNotEvaluated } from './order.ts';
import { workloadName } from './words.ts';

/** What is said of a check, as a rule of SARIF. */
export interface SarifRule {
  readonly id: string;
  readonly title: string;
  readonly category: string;
  /** As configured. */
  readonly severity: Severity;
  readonly failsWhen: string;
  readonly why: string;
  readonly remediation: string;
  readonly controls: readonly { readonly framework: string; readonly control: string }[];
}

export interface SarifOptions {
  readonly rules: readonly SarifRule[];
  /** The reference to a file, relative to the folder in which the audit runs. */
  readonly uriOf: (file: string) => string;
  readonly exitCode: number;
  /** Whether all was evaluated, also of what is not shown. */
  readonly complete: boolean;
}

/**
 * Code scanning takes 25,000 results a run and 20 tags a rule
 * (https://docs.github.com/en/code-security/code-scanning/troubleshooting-sarif-uploads/results-exceed-limit).
 */
const MOST_RESULTS = 25_000;
const MOST_TAGS = 20;

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
};

/** Above 9.0 critical, 7.0 to 8.9 high, 4.0 to 6.9 medium, 0.1 to 3.9 low, as GitHub shows it. */
const SECURITY_SEVERITY: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '2.0',
};

/**
 * `audit -o sarif`: findings about manifests at their lines (SARIF 2.1.0). What is exempt is suppressed, what was not
 * evaluated is an error of the invocation, in each run of the document. Results beyond what one run may hold are in
 * further runs, whose ids differ, as GitHub asks.
 */
export function* sarifDocument(run: RunResult, options: SarifOptions): Generator<string> {
  const rules = new Map(options.rules.map(({ id }, index) => [id, index]));
  const head = {
    tool: {
      driver: {
        name: 'eks-drift-auditor',
        semanticVersion: run.run.version,
        rules: options.rules.map(ruleOf),
      },
    },
    columnKind: 'utf16CodeUnits',
    invocations: [invocationOf(run, rules, options)],
  };
  yield `{"$schema":${JSON.stringify(SCHEMA)},"version":"2.1.0","runs":[\n`;
  let part = 0;
  let results = 0;
  yield runHead(head, part);
  for (const finding of sortedFindings(run)) {
    if (isClosed(finding)) continue;
    if (results === MOST_RESULTS) {
      results = 0;
      part++;
      yield `\n]},\n${runHead(head, part)}`;
    }
    yield `${results === 0 ? '\n' : ',\n'}${line(resultOf(finding, rules, options))}`;
    results++;
  }
  yield '\n]}]}\n';
}

function runHead(head: object, part: number): string {
  const id = part === 0 ? 'eks-drift-audit/' : `eks-drift-audit/part-${part + 1}/`;
  return `${line({ ...head, automationDetails: { id } }).slice(0, -1)},"results":[`;
}

const line = (value: unknown): string => jsonSafe(JSON.stringify(value));

function ruleOf(rule: SarifRule) {
  const { id, title, severity, failsWhen, why, remediation } = rule;
  const controls = rule.controls.map(controlLabel);
  return {
    id,
    name: id.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase()),
    shortDescription: { text: sarifSafe(title) },
    fullDescription: { text: sarifSafe(`${failsWhen} ${why}`) },
    help: { text: sarifSafe(`${why} ${remediation} More: eks-drift-audit checks explain ${id}`) },
    defaultConfiguration: { level: LEVELS[severity] },
    properties: {
      'security-severity': SECURITY_SEVERITY[severity],
      tags: [...new Set(['security', rule.category, ...controls])].slice(0, MOST_TAGS),
    },
  };
}

function resultOf(finding: Finding, rules: ReadonlyMap<string, number>, { uriOf }: SarifOptions) {
  const { check, severity, workload, container, exemption, status, origin } = finding;
  const index = rules.get(check);
  const where = workloadName(workload) + (container === null ? '' : `, container ${container}`);
  const fix = finding.fix?.text ?? finding.remediation;
  return {
    ruleId: check,
    ...(index === undefined ? {} : { ruleIndex: index }),
    level: LEVELS[severity],
    message: { text: sarifSafe(`${where}: ${finding.message} How to fix it: ${fix}`) },
    ...(origin == null
      ? {}
      : {
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: uriOf(origin.file) },
                region: { startLine: origin.line },
              },
              logicalLocations: [{ fullyQualifiedName: where, kind: 'resource' }],
            },
          ],
        }),
    // Of what the finding is about and not of its line, so that an alert is the same one when lines above it change.
    partialFingerprints: {
      primaryLocationLineHash: `${finding.id.slice(0, 16)}:1`,
      'findingId/v1': finding.id,
    },
    ...(status === 'exempt' ? { suppressions: [suppressionOf(exemption)] } : {}),
    properties: { severity, status, owner: finding.owner ?? null },
  };
}

function suppressionOf(exemption: Finding['exemption']) {
  const justification =
    exemption === null
      ? {}
      : { justification: `${exemption.reason} (${exemption.owner}, until ${exemption.expires})` };
  return { kind: 'external', status: 'accepted', ...justification };
}

function invocationOf(
  run: RunResult,
  rules: ReadonlyMap<string, number>,
  { exitCode, complete }: SarifOptions,
) {
  const notifications = [...sortedNotEvaluated(run)].map((row) => notificationOf(row, rules));
  return {
    executionSuccessful: complete && run.clusters.every(({ outcome }) => outcome === 'audited'),
    exitCode,
    startTimeUtc: run.run.startedAt,
    toolExecutionNotifications: notifications,
  };
}

/** An error: the results cannot be taken for all there are (SARIF 2.1.0, appendix I). */
function notificationOf(row: NotEvaluated, rules: ReadonlyMap<string, number>) {
  const { check, workload, container, reason, message, remediation } = row;
  const index = rules.get(check);
  const where = [
    ...(workload === null ? [] : [workloadName(workload)]),
    ...(container === null ? [] : [`container ${container}`]),
  ].join(', ');
  return {
    level: 'error',
    descriptor: { id: reason },
    associatedRule: { id: check, ...(index === undefined ? {} : { index }) },
    message: {
      text: sarifSafe(
        `${check} was not evaluated${where === '' ? '' : ` for ${where}`}: ${message} ${remediation}`,
      ),
    },
  };
}
