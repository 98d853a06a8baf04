import { markdownCode } from '../../report/escape.ts';
import { count, thousands, workloadName } from '../../report/words.ts';
import type { Difference } from './difference.ts';
import { type ChangedWorkload, groupsOf } from './groups.ts';
import { becauseText, countsLine, settingsLines, TITLES } from './words.ts';

/** Workloads of a group that are listed: a comment is read, the whole is in the record. */
const SHOWN = 10;

/** The difference for a pull request or a chat. Whatever a cluster says is in code spans. */
export function differenceMarkdown(difference: Difference): string {
  const { before, after, changes } = difference;
  const lines = [
    `**EKS drift audit**: ${markdownCode(before.id)} → ${markdownCode(after.id)}`,
    '',
    markdownCode(countsLine(difference)),
    '',
    ...settingsLines(difference).map((line) => `- Configuration: ${markdownCode(line)}`),
  ];
  for (const [kind, groups] of Map.groupBy(groupsOf(changes), (group) => group.kind)) {
    lines.push('', `### ${sentence(TITLES[kind])}`, '');
    for (const { check, severity, workloads } of groups) {
      lines.push(`- **${severity}** ${markdownCode(check)}: ${count(workloads.length, 'workload')}`);
      lines.push(...workloads.slice(0, SHOWN).map(workloadLine));
      const rest = workloads.length - SHOWN;
      if (rest > 0) lines.push(`  - and ${thousands(rest)} more`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function workloadLine({ finding, containers, because }: ChangedWorkload): string {
  const { cluster, workload } = finding;
  const where = `${markdownCode(workloadName(workload))} in ${markdownCode(cluster.name)}`;
  const parts = containers.length === 0 ? '' : ` (${containers.map(markdownCode).join(', ')})`;
  const why = because.length === 0 ? '' : `: ${because.map(becauseText).map(markdownCode).join(', ')}`;
  return `  - ${where}${parts}${why}`;
}

const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
