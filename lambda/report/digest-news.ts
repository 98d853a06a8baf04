import { isApart } from '../findings/apart.ts';
import { joinedChange } from '../findings/changed.ts';
import type { Finding, FindingChange } from '../findings/finding.ts';
import { compareCauses, type FoldedCause, foldCauses } from '../findings/fold-causes.ts';
import { isActive, isClosed } from '../findings/identity.ts';
import { compareFindings } from '../findings/order.ts';
import { isAtLeast } from '../severity.ts';
import type { DigestInput } from './digest-input.ts';
import { sortedClusters } from './order.ts';

/** What a mail is about, sorted into what it says. Lists hold what is at or above the severity that the mail reports. */
export interface News {
  /** New, or found by a run whose mail was not sent. */
  readonly fresh: readonly Finding[];
  readonly fixed: readonly Finding[];
  readonly gone: readonly Finding[];
  /** Of every severity, and those of managed workloads too: what is no longer asked must not go unsaid. */
  readonly withdrawn: readonly Finding[];
  /** Fresh only because the configuration or the program was changed; of every severity, and not in {@link fresh}. */
  readonly asked: readonly Finding[];
  /** Of clusters that no run knew before, in a run that is not the first; of every severity, and not in {@link fresh}. */
  readonly added: readonly Finding[];
  /** They were exempt, and are not any more; also of runs whose mails were not sent. */
  readonly ended: readonly Finding[];
  /** Known, and worse than in the last run; exempt ones too. */
  readonly changed: readonly Finding[];
  /** The same, less severe than what the mail reports. */
  readonly changedBelow: number;
  /** Not in {@link fresh} since they are less severe than what the mail reports. */
  readonly freshBelow: number;
  /** Every severity: all that is new or open, without what stands apart, as the changes that remove it; first things first. */
  readonly open: readonly FoldedCause[];
}

export function newsOf(input: DigestInput): News {
  const { run, options, late, changes, firstRun } = input;
  const found = new Set(late?.found);
  const owed = new Map(late?.changed?.map(({ id, change }) => [id, change]));
  const [fresh, fixed, gone, withdrawn, asked, added, open] = Array.from(
    { length: 7 },
    (): Finding[] => [],
  ) as Lists;
  const changed: Finding[] = [];
  let freshBelow = 0;
  let changedBelow = 0;
  const add = (finding: Finding, isNew: boolean, isAdded: boolean): void => {
    const isShown = isAtLeast(finding.severity, options.minSeverity);
    if (isNew) addNew(finding, isAdded, isShown);
    else if (finding.status === 'withdrawn') withdrawn.push(finding);
    else if (finding.status === 'gone' && isShown) gone.push(finding);
    else if (isClosed(finding) && isShown) fixed.push(finding);
    else if (!isClosed(finding)) addKnown(finding, isShown);
  };
  const addNew = (finding: Finding, isAdded: boolean, isShown: boolean): void => {
    if (isAdded) added.push(finding);
    else if (changes?.asked.has(finding.id) === true) asked.push(finding);
    else if (isShown) fresh.push(finding);
    else freshBelow++;
  };
  const addKnown = (finding: Finding, isShown: boolean): void => {
    if (finding.changed == null) return;
    if (isShown) changed.push(finding);
    else changedBelow++;
  };
  for (const result of sortedClusters(run)) {
    const isAdded = result.firstRun === true && !firstRun;
    for (const row of result.findings.toSorted(compareFindings)) {
      // Late news is news also where a run has counted it apart since.
      const isLate = found.has(row.id);
      const finding = withLateChange(row, owed);
      const isSaid = isLate || finding.status === 'withdrawn';
      if (isApart(finding, result.firstRun === true) && !isSaid) continue;
      if (isActive(finding)) open.push(finding);
      add(finding, finding.status === 'new' || isLate, isAdded);
    }
  }
  for (const finding of late?.rows ?? []) {
    add(finding, isActive(finding) && finding.changed == null, false);
  }
  return {
    ...{ fresh, fixed, gone, withdrawn, asked, added, freshBelow, changed, changedBelow },
    ended: endedOf(input),
    open: foldCauses(open).toSorted(compareCauses),
  };
}

/** With what became worse in runs of which no mail was sent. */
function withLateChange(finding: Finding, owed: ReadonlyMap<string, FindingChange>): Finding {
  const late = owed.get(finding.id);
  if (late === undefined || isClosed(finding) || finding.status === 'new') return finding;
  return { ...finding, changed: joinedChange(late, finding.changed ?? null) };
}

type Lists = [Finding[], Finding[], Finding[], Finding[], Finding[], Finding[], Finding[]];

function endedOf({ run, exemptions, late }: DigestInput): readonly Finding[] {
  const ids = new Set(late?.ended);
  const rows = ids.size === 0 ? [] : run.clusters.flatMap(({ findings }) => findings);
  return [...exemptions.ended, ...rows.filter(({ id }) => ids.has(id))];
}
