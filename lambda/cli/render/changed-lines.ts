import { compareCauses, foldCauses } from '../../findings/fold-causes.ts';
import { isClosed } from '../../findings/identity.ts';
import type { RunResult } from '../../findings/run-result.ts';
import { causeText } from '../../report/cause-words.ts';
import { count } from '../../report/words.ts';
import { type LabelledLine, labelledLines } from './labelled-lines.ts';
import type { RunCanvas } from './page.ts';

const MOST = 3;

/** What was known and is worse than in the last run, whoever runs it and whether or not it is accepted. */
export function changedLines({ clusters }: RunResult, canvas: RunCanvas): readonly string[] {
  const changed = clusters.flatMap(({ findings }) =>
    findings.filter((finding) => finding.changed != null && !isClosed(finding)),
  );
  if (changed.length === 0) return [];
  const { style, nameOf } = canvas;
  const causes = foldCauses(changed).toSorted(compareCauses);
  const rest = causes.length - MOST;
  const lines = causes.slice(0, MOST).flatMap((cause): readonly LabelledLine[] => {
    const facts = [...new Set(cause.findings.flatMap((finding) => finding.changed?.facts ?? []))];
    const where = clusters.length > 1 ? `${nameOf(cause.cluster)}  ` : '';
    return [
      {
        text: `${where}${causeText(cause)}`,
        end: cause.severity.toUpperCase(),
        paint: style.accent,
      },
      { text: `   since the last run: ${facts.join('; ')}`, lines: 2, hang: 3 },
    ];
  });
  return [
    '',
    ...labelledLines(
      'CHANGED',
      [
        { text: `${count(changed.length, 'known finding')} became worse` },
        ...lines,
        ...(rest > 0 ? [{ text: `and ${count(rest, 'more cause')}`, paint: style.dim }] : []),
      ],
      canvas,
    ),
  ];
}
