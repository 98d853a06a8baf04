import { joinedChange } from '../findings/changed.ts';
import type { Finding } from '../findings/finding.ts';
import { isClosed } from '../findings/identity.ts';
import type { LateChange, LateNews } from '../report/news.ts';

/** What became worse in a run, with what its mail had to say of earlier ones: for each row that its conclusion holds. */
export function changesIn(late: LateNews | null | undefined): (row: Finding) => Finding | null {
  const owed = new Map(late?.changed?.map(({ id, change }) => [id, change]));
  return (row) => {
    const before = owed.get(row.id);
    if (before === undefined) return row.changed == null ? null : row;
    return { ...row, changed: joinedChange(before, row.changed ?? null) };
  };
}

/** Adds what became worse in a later run to what did in the runs before. */
export function addChange(changed: Map<string, Finding>, row: Finding): void {
  const before = changed.get(row.id)?.changed ?? null;
  changed.set(row.id, before === null ? row : { ...row, changed: joinedChange(before, row.changed ?? null) });
}

/** What of it the mail of a run must say: of findings that it holds, unless they are news of their own or over. */
export function lateChanges(
  owed: Iterable<Finding>,
  nowOf: (row: Finding) => Finding | undefined,
  said: readonly string[],
): readonly LateChange[] {
  const isSaid = new Set(said);
  return [...owed].flatMap((row): readonly LateChange[] => {
    const now = nowOf(row);
    if (row.changed == null || now === undefined) return [];
    const isNews = now.status === 'new' || isSaid.has(now.id);
    return isNews || isClosed(now) ? [] : [{ id: now.id, change: row.changed }];
  });
}

/** The rows of clusters that a mail was not about, those that became worse apart. */
export function rowsOf(late: LateNews | null | undefined): {
  readonly rows: Finding[];
  readonly changed: Finding[];
} {
  const all = late?.rows ?? [];
  return {
    rows: all.filter(({ changed }) => changed == null),
    changed: all.filter(({ changed }) => changed != null),
  };
}
