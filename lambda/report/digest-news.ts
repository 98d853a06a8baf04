import { isApart } from '../findings/apart.ts';
import { joinedChange } from '../findings/changed.ts';
import type { NewsCounts } from '../findings/cluster-numbers.ts';
import type { Finding, FindingChange } from '../findings/finding.ts';
import { compareCauses, foldCauses } from '../findings/fold-causes.ts';
import { clusterKey, isActive, isClosed } from '../findings/identity.ts';
import { compareFindings } from '../findings/order.ts';
import { isAtLeast } from '../severity.ts';
import type { DigestInput } from './digest-input.ts';
import { NO_EXEMPTION_NOTES } from './exemption-notes.ts';
import { addNews, countNews, isShortened, ofOtherClusters } from './news-counts.ts';
import type { NewsLists } from './news-lists.ts';
import { sortedClusters } from './order.ts';

export interface News extends NewsLists {
  /** Of all, also of rows that the run does not hold. */
  readonly counts: NewsCounts;
}

export function newsOf(input: DigestInput): News {
  const lists = listsOf(input);
  const { run, late } = input;
  if (!isShortened(run.clusters)) return { ...lists, counts: countNews(lists, input) };
  const others = ofOtherClusters(late?.rows ?? [], run.clusters, clusterKey);
  const beside = { ...input, run: { ...run, clusters: [] }, exemptions: NO_EXEMPTION_NOTES };
  const more = listsOf({ ...beside, late: late == null ? null : { ...late, rows: others } });
  const counts = addNews([
    ...run.clusters.flatMap(({ numbers }) => numbers?.news ?? []),
    countNews(more, beside),
  ]);
  return { ...lists, counts };
}

function listsOf(input: DigestInput): NewsLists {
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
