import type { Finding } from '../../findings/finding.ts';
import type { NotEvaluated } from '../../findings/not-evaluated.ts';
import type { CheckTally } from '../../findings/run-result.ts';
import type { Resource } from '../../inventory/gap.ts';
import type { WorkloadRef } from '../../inventory/names.ts';
import { compareWorkloads } from '../../inventory/workload.ts';
import type { Ownership, Whose } from '../../ownership/whose.ts';
import type { CheckInfo } from '../check.ts';
import type { EvaluateInput } from './input.ts';
import { gapRecords, outOfTime, toRecord } from './not-evaluated.ts';
import { findingMaker } from './to-finding.ts';
import type { Verdict } from './verdicts.ts';

/** What was decided so far about one cluster: a line for each verdict, counted by check. */
export interface Ledger {
  readonly findings: readonly Finding[];
  readonly notEvaluated: readonly NotEvaluated[];
  record(verdict: Verdict, whose: Whose): void;
  /** Notes for these checks that there was no time for them; `before` says before what, `null` that nothing was left. */
  leave(checks: readonly CheckInfo[], before: string | null): void;
  /** Notes that a workload was looked at and has no finding. */
  clean(workload: WorkloadRef): void;
  cleanWorkloads(): readonly WorkloadRef[];
  tallies(): readonly CheckTally[];
}

interface LedgerOptions {
  readonly input: EvaluateInput;
  /** Those that are asked. */
  readonly checks: readonly CheckInfo[];
  /** Resources that could not be read. */
  readonly missing: ReadonlySet<Resource>;
  /** Whether the configuration keeps a workload from being judged. */
  readonly covers: (workload: WorkloadRef) => boolean;
  readonly ownership: Ownership;
}

/** Of an object that could not be read no more is known than where it is. */
const withOwner = (row: NotEvaluated, { owner }: Whose): NotEvaluated =>
  owner === null ? row : { ...row, owner };

/** A ledger that already holds everything that cannot be evaluated because something was not read. */
export function createLedger({ input, checks, missing, covers, ownership }: LedgerOptions): Ledger {
  const { inventory } = input;
  const findings: Finding[] = [];
  const notEvaluated: NotEvaluated[] = [];
  const clean: WorkloadRef[] = [];
  const tallies = new Map<string, Tally>(checks.map(({ id }) => [id, { pass: 0, fail: 0, notEvaluated: 0 }]));
  const toFinding = findingMaker(input);
  const bump = (check: string, kind: keyof Tally): void => {
    const tally = tallies.get(check);
    if (tally) tally[kind]++;
  };
  const open = (row: NotEvaluated): void => {
    bump(row.check, 'notEvaluated');
    notEvaluated.push(row);
  };
  for (const row of gapRecords(inventory, checks)) {
    if (row.workload === null) open(row);
    else if (!covers(row.workload)) open(withOwner(row, ownership.ofObject(row.workload)));
  }
  return {
    findings,
    notEvaluated,
    record(verdict, whose) {
      // With only part of the pods read, a pass would cover pods that were not read.
      if (verdict.kind === 'pass' && missing.has('pods')) return;
      if (verdict.kind === 'not-evaluated') {
        open(toRecord(verdict, inventory, whose.owner));
        return;
      }
      bump(verdict.check.id, verdict.kind);
      if (verdict.kind === 'fail') findings.push(toFinding(verdict, whose));
    },
    leave(late, before) {
      if (before === null) return;
      for (const check of late) open(outOfTime(check, before, inventory));
    },
    clean: (workload) => clean.push(workload),
    cleanWorkloads: () => clean.sort(compareWorkloads),
    tallies: () => [...tallies].map(([check, counts]) => ({ check, ...counts })),
  };
}

interface Tally {
  pass: number;
  fail: number;
  notEvaluated: number;
}
