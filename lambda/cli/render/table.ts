import type { RunResult } from '../../findings/run-result.ts';
import { terminalSafe } from '../../report/escape.ts';
import { count, instant, shortNames } from '../../report/words.ts';
import type { AuditPage } from './audit-page.ts';
import { causeLines } from './causes.ts';
import { changedLines } from './changed-lines.ts';
import { closingLines } from './closing.ts';
import { coverageLines, gapLines, noteLines } from './coverage.ts';
import { findingLines, otherLine, worstLines } from './findings.ts';
import { auditedLine, fixFirstLines, managedLines, newLines } from './last-screen.ts';
import { managedList, namespaceLines } from './lists.ts';
import { canvasOf, type RunCanvas } from './page.ts';
import { shortGapLines } from './short-gaps.ts';
import type { Look } from './style.ts';
import { causesOf, withoutApart } from './view.ts';

/**
 * The default output of `audit`, which is read from its end, where the cursor is: the last screen holds the verdict,
 * what is open, what is new and what to fix first; what is behind it stands above.
 */
export function renderAudit(page: AuditPage, look: Look): string {
  const { run, view } = page;
  const canvas = { ...canvasOf(look), nameOf: shortNames(run.clusters.map(({ cluster }) => cluster)) };
  const causes = causesOf(run);
  const lines = [
    titleLine(run, canvas),
    ...coverageLines(run, canvas),
    ...(view.all ? gapLines(run, canvas) : []),
    ...listLines(page, canvas),
    ...(view.managed ? managedList(run, canvas) : []),
    ...noteLines(run, canvas),
    '',
    ...auditedLine(run, canvas),
    ...shortGapLines(run, canvas),
    ...newLines(run, causes, canvas),
    ...changedLines(run, canvas),
    ...otherLine(run, canvas),
    ...fixFirstLines(run, causes, canvas),
    ...(view.managed ? [] : managedLines(run, '--managed', canvas)),
    '',
    ...closingLines(page, causes, canvas),
  ];
  return `${lines.join('\n')}\n`;
}

function listLines({ run, ranked, checks, view }: AuditPage, canvas: RunCanvas): readonly string[] {
  switch (view.groupBy) {
    case 'cause':
      return causeLines(causesOf(run), { all: view.all, now: run.run.startedAt }, canvas);
    case 'workload':
      return worstLines(ranked, view, canvas);
    case 'namespace':
      return namespaceLines(causesOf(run), view, canvas);
    case 'check':
      return findingLines(withoutApart(run), { checks, view }, canvas);
  }
}

function titleLine({ run, clusters }: RunResult, { style }: RunCanvas): string {
  const what = `${count(clusters.length, 'cluster')}, ${instant(run.startedAt)}`;
  return `${style.bold('EKS DRIFT AUDIT')}  ${style.dim(terminalSafe(what))}`;
}
