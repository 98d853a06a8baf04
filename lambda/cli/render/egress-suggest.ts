import { Document, isMap, isSeq, type Node, visit } from 'yaml';
import { DNS, manifestOf, type Suggestion } from '../../egress/suggest/suggest.ts';
import type { SuggestReport } from '../../questions/suggest.ts';
import { terminalSafe } from '../../report/escape.ts';
import { comment } from '../../report/fix-file.ts';
import { listed, workloadName } from '../../report/words.ts';
import { isNothing, reachSummary } from './ranges.ts';

/** What `egress --suggest` prints: the policy as YAML, with what must be known before it is applied as comments. */
export function renderSuggestion(report: SuggestReport): string {
  const { suggestion } = report;
  const document = new Document(manifestOf(suggestion), { aliasDuplicateObjects: false });
  visit(document, {
    Seq(_, list) {
      // Lists of words stand in one line.
      if (!list.items.some((item) => isMap(item))) list.flow = true;
    },
  });
  document.commentBefore = comment(suggestionNotes(report));
  commentRules(document, suggestion);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function commentRules(document: Document, { rules }: Suggestion): void {
  const list = document.getIn(['spec', 'egress']);
  if (!isSeq(list)) return;
  for (const [index, { reason }] of rules.entries()) {
    (list.items[index] as Node).commentBefore = ` ${terminalSafe(reason)}`;
  }
}

/** What must be known before it is applied, each a sentence or two. */
function suggestionNotes(report: SuggestReport): readonly string[] {
  const { suggestion, workload, identity, alsoSelects, replaces, dnsSeen, gaps } = report;
  return [
    `Least egress of ${workloadName(workload)} in ${identity.name}: DNS, and what the configuration approves by address.`,
    ...(suggestion.rules.length === 1 ? ['The configuration approves nothing by address.'] : []),
    ...suggestion.notKept.map((sentence) => `Not kept: ${sentence}`),
    ...(alsoSelects.length > 0
      ? [
          `Warning: these labels select ${listed(alsoSelects.map(workloadName), 5)}, too; give the pods a label that no other workload has.`,
        ]
      : []),
    ...(replaces === null ? [] : [`Warning: ${replaces} exists, and would be replaced.`]),
    ...(dnsSeen
      ? []
      : [
          `Warning: no pod with the label ${DNS.key}: ${DNS.value} was seen in ${DNS.namespace}; allow the DNS server that the pods use.`,
        ]),
    ...reachNotes(report),
    ...enforcementNotes(report),
    ...gaps.map(({ message }) => `Not read: ${message}`),
  ];
}

/** The answer of the engine for the policies that there would be, not a promise. */
function reachNotes({ beyond, missing, because }: SuggestReport): readonly string[] {
  if ('unknown' in beyond) return [`What its pods would reach is not known: ${beyond.unknown}`];
  const more = isNothing(beyond) ? [] : [`Warning: its pods would still reach ${reachSummary(beyond)}.`];
  const less =
    'unknown' in missing || isNothing(missing)
      ? []
      : [`Warning: its pods would not reach ${reachSummary(missing)}, which is approved.`];
  return more.length + less.length > 0
    ? [...more, ...less, `Other policies decide that: ${listed(because, 5)}.`]
    : ['Evaluated together with the existing policies: its pods would reach exactly this.'];
}

export function enforcementNotes({
  enforcement: { state, because },
}: Pick<SuggestReport, 'enforcement'>): readonly string[] {
  const why = because.slice(0, 3).join(' ');
  if (state === 'enforced') return ['The network plugin enforces it on the nodes of these pods.'];
  if (state === 'not-enforced') return [`Warning: it would not be enforced everywhere: ${why}`];
  return [`Whether it would be enforced is not known${why === '' ? '.' : `: ${why}`}`];
}
