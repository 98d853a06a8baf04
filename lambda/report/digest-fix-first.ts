import type { Finding } from '../findings/finding.ts';
import type { FoldedCause } from '../findings/fold-causes.ts';
import { compareText } from '../inventory/workload.ts';
import { compareSeverity, type Severity, worse } from '../severity.ts';
import {
  acrossClusters,
  type CauseGroup,
  type CauseOptions,
  firstSeenOf,
  fixedBy,
  label,
  once,
  ownersOf,
  ownerTexts,
  story,
  titleOf,
  worstOf,
} from './digest-cause-groups.ts';
import { type Entry, numbered, paragraph, quoted, remedy, type Section } from './digest-layout.ts';
import { openFor } from './digest-time.ts';
import { mailSafe } from './escape.ts';
import { asCalled, sourceOfCluster } from './own-commands.ts';
import { remainsText, resolvedText } from './resolved.ts';
import { count, listed, thousands } from './words.ts';

/** Owners that the list spells out before it counts the rest. */
const NAMES = 5;

/**
 * What to do first: the changes that remove most, each with its fix, its age and whom to ask.
 *
 * @param total how many there are, also of those that are not given
 */
export function fixFirstSection(
  open: readonly FoldedCause[],
  options: CauseOptions,
  total: number = open.length,
): Section {
  const groups = acrossClusters(open);
  const shown = groups.slice(0, options.top);
  const causes = shown.reduce((sum, group) => sum + group.causes.length, 0);
  return {
    title: 'FIX FIRST',
    detail: total > causes ? `: ${thousands(causes)} of ${count(total, 'cause')}` : '',
    intro: [],
    entries: [...shown.map((group, index) => fixEntry(group, index, options)), ...ownersEntry(open, options)],
  };
}

function fixEntry(group: CauseGroup, index: number, options: CauseOptions): Entry {
  const { findings, workloads, pods } = group;
  const indent = `${index + 1}. `.length;
  const told = story(group, indent, options);
  const resolves = group.causes.reduce((sum, one) => sum + one.resolves, 0);
  const remains = remainsText(group.causes.flatMap((one) => one.remains));
  const facts = [
    `resolves ${resolvedText(findings.length, resolves)} in ${count(workloads, 'workload')} (${count(pods, 'pod')})`,
    openFor(firstSeenOf(findings), options.now),
    ...ownerTexts(group, options),
  ];
  const wasSaid = group.causes.every(({ cause }) => options.said.has(cause.id));
  return [
    ...numbered(index, `${label(group.severity)} ${titleOf(group, options)}`),
    ...paragraph(facts.filter((fact) => fact !== '').join(', '), indent),
    ...(remains === null ? [] : paragraph(`${quoted(remains)}.`, indent)),
    ...(told.length > 0 ? told : wasSaid ? [] : once(worstOf(findings).message, indent, options)),
    ...fixedBy(group).flatMap((finding) => fixLines(finding, indent, options)),
  ];
}

function fixLines(
  { cluster, fix, remediation }: Finding,
  indent: number,
  { said, nameOf, manyClusters }: CauseOptions,
): Entry {
  const text = asCalled(fix?.text ?? remediation, { source: sourceOfCluster(cluster) });
  const isRepeated = said.has(`fix ${text}`);
  said.add(`fix ${text}`);
  return [
    ...remedy(isRepeated ? 'as above' : quoted(text), indent),
    // As one line, so that it can be copied.
    ...(isPrintable(fix?.command)
      ? [
          ...(manyClusters ? paragraph(`In ${quoted(nameOf(cluster))}:`, indent + 3) : []),
          `${' '.repeat(indent + 3)}$ ${fix.command}`,
        ]
      : []),
    ...(fix?.risk == null
      ? []
      : paragraph(
          `Risk: ${quoted(isPrintable(fix.command) ? fix.risk : firstSentence(fix.risk))}`,
          indent + 3,
        )),
  ];
}

/** Where nothing is ready to be run, the rest is read with the draft. */
const firstSentence = (text: string): string => /^.*?[.!](?=\s|$)/.exec(text)?.[0] ?? text;

/** Of a command that has to be escaped nothing is printed: what is copied must be what was meant. */
const isPrintable = (command: string | null | undefined): command is string =>
  command != null && mailSafe(command) === command;

const NAME_OWNERS =
  'No workload has an owner: with owners in the configuration this mail names whom to call.';

/** Whom to call, in one sentence: the causes of each owner. */
function ownersEntry(open: readonly FoldedCause[], { hasOwners, firstRun }: CauseOptions): readonly Entry[] {
  if (open.length === 0) return [];
  if (!hasOwners) return firstRun ? [paragraph(NAME_OWNERS)] : [];
  const byOwner = new Map<string, FoldedCause[]>();
  for (const cause of open) {
    for (const owner of ownersOf(cause.findings)) {
      const of = byOwner.get(owner);
      if (of === undefined) byOwner.set(owner, [cause]);
      else of.push(cause);
    }
  }
  const owners = [...byOwner].sort(
    ([a, of], [b, others]) =>
      compareSeverity(worstSeverity(of), worstSeverity(others)) ||
      others.length - of.length ||
      compareText(a, b),
  );
  const texts = owners.map(([owner, of]) => {
    const critical = of.filter(({ severity }) => severity === 'critical').length;
    return `${owner} ${of.length}${critical === 0 ? '' : ` (${critical} critical)`}`;
  });
  if (owners.length < 2) return [];
  return [paragraph(`Open causes by owner: ${listed(texts, NAMES)}.`)];
}

const worstSeverity = (causes: readonly FoldedCause[]): Severity =>
  causes.map(({ severity }) => severity).reduce(worse);
