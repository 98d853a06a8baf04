import type { Difference } from '../../history/diff/difference.ts';
import { type ChangedWorkload, groupsOf } from '../../history/diff/groups.ts';
import { becauseText, countsLine, runText, settingsLines, TITLES } from '../../history/diff/words.ts';
import { terminalSafe } from '../../report/escape.ts';
import { count, shortNames, thousands, workloadName, wrapped } from '../../report/words.ts';
import { type Look, styleOf } from './style.ts';

/** Workloads of a group that are listed without `--all`. */
const SHOWN = 10;

const INDENT = ' '.repeat(9);

/** What the configuration explains first, the numbers, then what changed by kind, check and workload. */
export function renderDifference(
  difference: Difference,
  { all, look }: { readonly all: boolean; readonly look: Look },
): string {
  const style = styleOf(look);
  const { before, after, changes } = difference;
  const nameOf = shortNames(changes.map(({ finding }) => finding.cluster));
  const safe = (text: string, first: string, rest = first): readonly string[] =>
    wrapped(terminalSafe(text), look.width, first, rest);
  const lines = [
    `${style.bold('EKS DRIFT DIFF')}  ${style.dim(terminalSafe(`${runText(before)} -> ${runText(after)}`))}`,
    ...settingsLines(difference).flatMap((line, index) =>
      safe(line, index === 0 ? 'configuration: ' : ' '.repeat(15), ' '.repeat(15)),
    ),
    '',
    ...safe(countsLine(difference), ''),
  ];
  for (const [kind, groups] of Map.groupBy(groupsOf(changes), (group) => group.kind)) {
    lines.push('', style.bold(TITLES[kind].toUpperCase()));
    for (const { check, severity, workloads } of groups) {
      lines.push(`${style.label(severity)} ${terminalSafe(check)}: ${count(workloads.length, 'workload')}`);
      const shown = all ? workloads : workloads.slice(0, SHOWN);
      lines.push(...shown.flatMap((one) => safe(workloadText(one, nameOf(one.finding.cluster)), INDENT)));
      if (shown.length < workloads.length) {
        lines.push(style.dim(`${INDENT}and ${thousands(workloads.length - shown.length)} more (--all)`));
      }
    }
  }
  return `${lines.join('\n')}\n`;
}

function workloadText({ finding, containers, because }: ChangedWorkload, cluster: string): string {
  const parts = containers.length === 0 ? '' : ` (${containers.join(', ')})`;
  const why = because.length === 0 ? '' : `: ${because.map(becauseText).join('; ')}`;
  return `${workloadName(finding.workload)}${parts} in ${cluster}${why}`;
}
