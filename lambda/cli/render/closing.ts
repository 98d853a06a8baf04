import type { FoldedCause } from '../../findings/fold-causes.ts';
import type { RunResult } from '../../findings/run-result.ts';
import { isObjectName, shellWord } from '../../fixes/shell.ts';
import { terminalSafe } from '../../report/escape.ts';
import { asCalled, PROGRAM } from '../../report/own-commands.ts';
import { coverageOf } from '../../report/summary.ts';
import { count, thousands, workloadName } from '../../report/words.ts';
import { levelOf, reachedFindings } from '../exit-code.ts';
import type { AuditPage, ExitFacts } from './audit-page.ts';
import { causesInWords } from './causes.ts';
import { paragraphLines } from './columns.ts';
import type { Canvas } from './page.ts';
import type { Paint } from './style.ts';
import { causesOf } from './view.ts';

/** What it comes to, what the exit code says to a script, and what to ask next. */
export function closingLines(
  { run, whole = run, exit, reportLocation }: AuditPage,
  shown: readonly FoldedCause[],
  canvas: Canvas,
): readonly string[] {
  const { style, width } = canvas;
  const isPart = whole !== run;
  const { word, text, paint } = verdict(whole, exit, { causes: isPart ? causesOf(whole) : shown, style });
  return [
    ...paragraphLines(`${text} Exit code ${exit.code}.`, {
      width,
      indent: 0,
      lead: `${word}  `,
      lines: 4,
      paint,
    }),
    ...(isPart
      ? paragraphLines(
          `Of these, ${causesInWords(shown)} ${shown.length > 1 ? 'are' : 'is'} shown: flags narrow what is shown, and not the verdict.`,
          { width, indent: 0, paint: style.dim },
        )
      : []),
    ...(reportLocation === null
      ? []
      : paragraphLines(`Full report: ${reportLocation}`, { width, indent: 0, lines: 5 })),
    ...nextCommands(shown).map((command) => style.dim(terminalSafe(asCalled(command, canvas)))),
  ];
}

/** Whole commands, which are not cut. */
function nextCommands(causes: readonly FoldedCause[]): readonly string[] {
  const [worst] = causes;
  if (worst === undefined) return [];
  const [{ workload }] = worst.findings;
  return [
    `All of it: ${PROGRAM} audit --all`,
    `Fixes:     ${PROGRAM} fixes`,
    // Names that only files can hold are in no command.
    ...(isObjectName(workload.namespace) && isObjectName(workload.name)
      ? [`Why:       ${PROGRAM} audit ${shellWord(workloadName(workload))}`]
      : []),
  ];
}

interface Verdict {
  readonly word: string;
  readonly text: string;
  readonly paint: Paint;
}

function verdict(
  run: RunResult,
  { code, failOn, allowIncomplete }: ExitFacts,
  { causes, style }: { readonly causes: readonly FoldedCause[]; readonly style: Canvas['style'] },
): Verdict {
  if (!run.clusters.some(({ outcome }) => outcome === 'audited')) {
    return { word: 'NOT AUDITED', text: 'No cluster could be audited.', paint: style.bad };
  }
  const reached = reachedFindings(run, failOn);
  const found = `${capital(causesInWords(causes))}${reachedText(reached, failOn)}.`;
  const { complete, decided, total } = coverageOf(run.clusters);
  const accepted = code === 0 && allowIncomplete ? ' (--allow-incomplete accepts that)' : '';
  const failed = run.clusters.filter(({ outcome }) => outcome === 'failed').length;
  const open = [
    ...(failed > 0 ? [`${count(failed, 'cluster')} could not be audited`] : []),
    `${count(total - decided, 'verdict')} of ${thousands(total)} could not be decided`,
  ].join(' and ');
  const text = complete ? found : `${found} ${capital(open)}${accepted}.`;
  if (reached > 0) return { word: 'FAILED', text, paint: style.bad };
  if (!complete) return { word: 'INCOMPLETE', text, paint: style.warn };
  return failOn === 'never'
    ? { word: 'NOT FAILED', text, paint: style.bold }
    : { word: 'PASSED', text, paint: style.good };
}

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

function reachedText(reached: number, failOn: ExitFacts['failOn']): string {
  const asked = levelOf(failOn);
  if (asked === null) return ', none of which fails this run (--fail-on never)';
  const level = asked.severity === 'critical' ? 'critical' : `${asked.severity} or worse`;
  const finding = asked.onlyNew ? 'new finding' : 'finding';
  return reached > 0
    ? `; ${count(reached, finding)} ${level}`
    : `; no ${finding} ${level} in what was evaluated`;
}
