import type { Finding } from '../findings/finding.ts';
import { compareCauses, foldCauses } from '../findings/fold-causes.ts';
import {
  acrossClusters,
  type CauseGroup,
  type CauseOptions,
  label,
  ownerTexts,
  titleOf,
  whatOf,
} from './digest-cause-groups.ts';
import { bullet, type Entry, paragraph, quoted, type Section } from './digest-layout.ts';
import { day } from './digest-time.ts';
import { count, severityCounts, thousands } from './words.ts';

/** Facts of one cause that are spelled out before the rest is counted. */
const MOST_FACTS = 3;

/** What was known and is worse than in the last run, as the changes that would remove it. */
export function changedSection(changed: readonly Finding[], options: CauseOptions): Section {
  const groups = acrossClusters(foldCauses(changed).toSorted(compareCauses));
  const rest = groups.slice(options.top).flatMap(({ causes }) => causes);
  const accepted = changed.filter(({ status }) => status === 'exempt').length;
  return {
    title: 'CHANGED',
    detail: `: ${count(changed.length, 'known finding')} became worse${accepted === 0 ? '' : `, ${thousands(accepted)} of them exempt`}`,
    intro: [],
    entries: [
      ...groups.slice(0, options.top).map((group) => changedEntry(group, options)),
      ...(rest.length === 0
        ? []
        : [bullet(`and ${count(rest.length, 'more cause')} (${severityCounts(rest)})`)]),
    ],
  };
}

function changedEntry(group: CauseGroup, options: CauseOptions): Entry {
  const { findings } = group;
  const changes = findings.flatMap(({ changed }) => changed ?? []);
  const facts = [...new Set(changes.flatMap((change) => change.facts))];
  const [since] = changes.map((change) => change.since).sort();
  const shown = facts.slice(0, MOST_FACTS).map(quoted);
  const more = facts.length > shown.length ? [`and ${count(facts.length - shown.length, 'more fact')}`] : [];
  const text = [...shown, ...more].join('; ');
  const about = [
    ...whatOf(group),
    ...ownerTexts(group, options),
    ...(findings.every(({ status }) => status === 'exempt') ? ['exempt'] : []),
  ];
  return [
    ...bullet(`${label(group.severity)} ${titleOf(group, options)}`),
    ...paragraph(`since ${since === undefined ? 'the last run' : day(since, options.now)}: ${text}`, 2),
    ...(about.length === 0 ? [] : paragraph(about.join(', '), 2)),
  ];
}
