import type { Finding } from '../findings/finding.ts';
import { compareCauses, type FoldedCause, foldCauses } from '../findings/fold-causes.ts';
import { isActive } from '../findings/identity.ts';
import { gapOf, type NotEvaluated } from '../findings/not-evaluated.ts';
import { compareText } from '../inventory/workload.ts';
import { compareSeverity } from '../severity.ts';

/** What of a cluster is kept or left out together: all open findings of a cause, or a row that is not open. */
export interface Unit {
  readonly cause: FoldedCause | null;
  readonly rows: readonly [Finding, ...Finding[]];
  /** Something of it is new, worse, late or over. */
  readonly isNews: boolean;
}

export interface Room {
  readonly rows: number;
  readonly causes: number;
}

/** Of the findings of one cause; more of them say the same. */
const MOST_ROWS_OF_CAUSE = 100;

/** Shares of the room: news is named before what stood in earlier mails, and what is open before what is over. */
const FOR_OPEN = 0.75;
const FOR_NEWS = 0.5;

/** @param said ids of findings that the mail must say something of, whatever their status is */
export function unitsOf(findings: readonly Finding[], said: ReadonlySet<string>): readonly Unit[] {
  const isNews = ({ id, status, changed }: Finding): boolean =>
    said.has(id) || (status !== 'open' && status !== 'exempt') || changed != null;
  const open = foldCauses(findings.filter(isActive)).map(
    (cause): Unit => ({ cause, rows: cause.findings, isNews: cause.findings.some(isNews) }),
  );
  const others = findings
    .filter((finding) => !isActive(finding))
    .map((row): Unit => ({ cause: null, rows: [row], isNews: isNews(row) }));
  return [...open, ...others];
}

/** The units that there is room for, the heaviest first; of a cause with very many findings only some. */
export function heaviest<One extends Unit>(units: readonly One[], room: Room): readonly One[] {
  const [open, others] = [true, false].map((isOpen) =>
    units.filter(({ cause }) => (cause !== null) === isOpen).toSorted(compareUnits),
  ) as [One[], One[]];
  const taken = new Set<One>();
  const left = { rows: room.rows, causes: room.causes };
  const take = (candidates: readonly One[], share: number): void => {
    const floor = { rows: left.rows * (1 - share), causes: left.causes * (1 - share) };
    for (const unit of candidates) {
      const rows = Math.min(unit.rows.length, MOST_ROWS_OF_CAUSE);
      const causes = unit.cause === null ? 0 : 1;
      if (taken.has(unit) || left.rows - rows < floor.rows || left.causes - causes < floor.causes) continue;
      taken.add(unit);
      left.rows -= rows;
      left.causes -= causes;
    }
  };
  take(
    open.filter(({ isNews }) => isNews),
    FOR_NEWS,
  );
  take(open, FOR_OPEN);
  take(others, 1);
  take(open, 1);
  return [...taken].map((unit) =>
    unit.rows.length <= MOST_ROWS_OF_CAUSE ? unit : { ...unit, rows: worst(unit.rows) },
  );
}

const worst = ([first, ...others]: Unit['rows']): Unit['rows'] => {
  const [head = first, ...rest] = [first, ...others]
    .toSorted((a, b) => compareSeverity(a.severity, b.severity) || compareText(a.id, b.id))
    .slice(0, MOST_ROWS_OF_CAUSE);
  return [head, ...rest];
};

function compareUnits(a: Unit, b: Unit): number {
  if (a.cause !== null && b.cause !== null) return compareCauses(a.cause, b.cause);
  const [[one], [other]] = [a.rows, b.rows];
  return (
    Number(b.isNews) - Number(a.isNews) ||
    compareSeverity(one.severity, other.severity) ||
    compareText(one.id, other.id)
  );
}

const PLACE = { lost: 0, fixable: 1, known: 2 } as const;

/** Rows of what is missing, as many as there is room for: one of each kind before a second of any, the lost ones first. */
export function heaviestGaps(rows: readonly NotEvaluated[], most: number): readonly NotEvaluated[] {
  if (rows.length <= most) return rows;
  const sorted = rows.toSorted(
    (
      a,
      b, // That a cluster has no verdict at all goes before what is missing of it.
    ) =>
      Number(b.reason === 'nothing-to-judge') - Number(a.reason === 'nothing-to-judge') ||
      PLACE[gapOf(a)] - PLACE[gapOf(b)] ||
      Number(a.workload !== null) - Number(b.workload !== null),
  );
  const kinds = Map.groupBy(sorted, ({ reason, remediation, gap }) =>
    JSON.stringify([reason, remediation, gap]),
  );
  const firsts = [...kinds.values()].flatMap(([first]) => first ?? []);
  const kept = new Set([...firsts, ...sorted].slice(0, Math.max(most, 1)));
  return rows.filter((row) => kept.has(row));
}
