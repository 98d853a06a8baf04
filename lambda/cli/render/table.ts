import { isActive } from '../../findings/identity.ts';
import type { RunResult } from '../../findings/run-result.ts';
import { terminalSafe } from '../../report/escape.ts';
import type { ListedWorkload } from '../../report/listed-workload.ts';
import { coverageOf } from '../../report/summary.ts';
import { count, instant, shortNames, thousands } from '../../report/words.ts';
import { type FailOn, levelOf, reachedFindings } from '../exit-code.ts';
import { asCalled } from '../io.ts';
import { paragraphLines } from './columns.ts';
import { coverageLines, gapLines, noteLines } from './coverage.ts';
import { type CheckTitle, findingLines, worstLines } from './findings.ts';
import { type Canvas, canvasOf } from './page.ts';
import type { Look, Paint } from './style.ts';

export interface AuditPage {
  readonly run: RunResult;
  /** Worst first; only workloads with active findings. */
  readonly ranked: readonly ListedWorkload[];
  /** The catalogue, for titles. */
  readonly checks: readonly CheckTitle[];
  readonly exit: ExitFacts;
  /** Where the report set was written; `null` when it was not asked for. */
  readonly reportLocation: string | null;
}

export interface ExitFacts {
  readonly code: number;
  readonly failOn: FailOn;
  readonly allowIncomplete: boolean;
}

/** The default output of `audit`: coverage first, then what is worst, then everything by check. */
export function renderAudit(page: AuditPage, look: Look): string {
  const { run } = page;
  const canvas = { ...canvasOf(look), nameOf: shortNames(run.clusters.map(({ cluster }) => cluster)) };
  const lines = [
    titleLine(run, canvas),
    ...coverageLines(run, canvas),
    ...gapLines(run, canvas),
    ...worstLines(page.ranked, canvas),
    ...findingLines(run, page.checks, canvas),
    ...noteLines(run, canvas),
    '',
    ...closingLines(page, canvas),
  ];
  return `${lines.join('\n')}\n`;
}

function titleLine({ run, clusters }: RunResult, { style }: Canvas): string {
  const what = `${count(clusters.length, 'cluster')}, ${instant(run.startedAt)}`;
  return `${style.bold('EKS DRIFT AUDIT')}  ${style.dim(terminalSafe(what))}`;
}

/** What it comes to, and what the exit code says to a script. */
function closingLines({ run, exit, reportLocation }: AuditPage, canvas: Canvas): readonly string[] {
  const { style, width } = canvas;
  const { text, paint } = verdict(run, exit, style);
  return [
    ...paragraphLines(`${text} Exit code ${exit.code}.`, { width, indent: 0, paint }),
    ...(reportLocation === null
      ? []
      : paragraphLines(`Full report: ${reportLocation}`, { width, indent: 0, lines: 5 })),
    style.dim(asCalled('How to fix a finding: eks-drift-audit checks explain CHECK', canvas)),
  ];
}

interface Verdict {
  readonly text: string;
  readonly paint: Paint;
}

function verdict(
  run: RunResult,
  { code, failOn, allowIncomplete }: ExitFacts,
  style: Canvas['style'],
): Verdict {
  const audited = run.clusters.some(({ outcome }) => outcome === 'audited');
  if (!audited) return { text: '✗ No cluster could be audited.', paint: style.bad };
  const reached = reachedFindings(run, failOn);
  const found = foundSentence(reached, failOn, run);
  const { complete, decided, total } = coverageOf(run.clusters);
  if (complete)
    return {
      text: found,
      paint: reached > 0 ? style.bad : code === 0 && failOn !== 'never' ? style.good : style.bold,
    };
  const failed = run.clusters.filter(({ outcome }) => outcome === 'failed').length;
  const open = [
    ...(failed > 0 ? [`${count(failed, 'cluster')} could not be audited`] : []),
    `${count(total - decided, 'verdict')} of ${thousands(total)} could not be decided`,
  ].join(' and ');
  const accepted = code === 0 && allowIncomplete ? ' (--allow-incomplete accepts that)' : '';
  return { text: `${found} ${open}${accepted}.`, paint: reached > 0 ? style.bad : style.warn };
}

function foundSentence(reached: number, failOn: ExitFacts['failOn'], run: RunResult): string {
  const asked = levelOf(failOn);
  if (asked === null) {
    return `${count(activeCount(run), 'finding')}, none of which fails this run (--fail-on never).`;
  }
  const level = asked.severity === 'critical' ? 'critical' : `${asked.severity} or worse`;
  const finding = asked.onlyNew ? 'new finding' : 'finding';
  return reached > 0
    ? `✗ ${count(reached, finding)} ${level}.`
    : `✓ No ${finding} ${level} in what was evaluated.`;
}

const activeCount = ({ clusters }: RunResult): number =>
  clusters.reduce((sum, { findings }) => sum + findings.filter(isActive).length, 0);
