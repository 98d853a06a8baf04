import type { Evidence } from '../../findings/finding.ts';
import type { GapReason } from '../../inventory/gap.ts';
import type { WorkloadRef } from '../../inventory/names.ts';
import type { PodClass, PodExample } from '../../inventory/pod-class.ts';
import { MAX_EXAMPLES, offerExample } from '../../inventory/population.ts';
import { type CauseRef, compareCauseRefs, isSameCause } from '../cause.ts';
import type { Check, CheckInfo, Fail, ObjectOutcome, Outcome } from '../check.ts';
import { endedSentence } from './ended.ts';

interface Scope {
  readonly check: CheckInfo;
  readonly workload: WorkloadRef;
  readonly container: string | null;
}

/** The verdict of one check on one workload or one of its containers, all its classes taken together. */
export type Verdict =
  | (Scope & { readonly kind: 'pass' })
  | (Scope & {
      readonly kind: 'not-evaluated';
      readonly pods: number;
      readonly reason: GapReason;
      readonly message: string;
      readonly remediation: string;
    })
  | (Scope & {
      readonly kind: 'fail';
      readonly pods: number;
      readonly examples: readonly PodExample[];
      readonly message: string;
      readonly evidence: Evidence;
      /** The check from whose finding it follows, whichever pods are behind it. */
      readonly impliedBy: string | null;
      readonly cause: CauseRef;
      /** What keeps it when the cause is removed. */
      readonly remainsBy: CauseRef | null;
      /** The classes of the workload; empty for objects that are no pods. */
      readonly group: readonly PodClass[];
    });

interface Gathered {
  fail: {
    pods: number;
    examples: readonly PodExample[];
    weight: number;
    message: string;
    evidence: Evidence;
    impliedBy: string | null;
    /** `undefined`: that of the check. */
    cause: CauseRef | undefined;
    remainsBy: CauseRef | null;
  } | null;
  open: { pods: number; reason: GapReason; message: string; remediation: string } | null;
}

/** Gathers the outcomes of one check for the classes of one workload: fail goes before not evaluated, that before pass. */
export interface Verdicts {
  readonly check: Check;
  add(subject: PodClass, outcome: Outcome): void;
  /** Whether it fails for the workload as a whole. */
  fails(): boolean;
  /** One for the workload (container null) and each container that something was said of. */
  each(take: (verdict: Verdict) => void): void;
}

/** The verdict of a check on an object that is no pod. */
export function objectVerdict(check: CheckInfo, { object, outcome }: ObjectOutcome): Verdict {
  const scope = { check, workload: object, container: outcome.container };
  switch (outcome.verdict) {
    case 'pass':
      return { ...scope, kind: 'pass' };
    case 'not-evaluated': {
      const { reason, message, remediation } = outcome;
      return { ...scope, kind: 'not-evaluated', pods: 0, reason, message, remediation };
    }
    case 'fail': {
      const { message, evidence, pods } = outcome;
      const { count, examples } = pods ?? { count: 0, examples: [] };
      const cause = outcome.cause ?? check.cause({ workload: object, container: outcome.container });
      return {
        ...scope,
        kind: 'fail',
        pods: count,
        examples,
        message,
        evidence,
        impliedBy: null,
        cause,
        remainsBy: outcome.remainsBy ?? null,
        group: [],
      };
    }
  }
}

/** @param group the classes of one workload, at least one */
export function createVerdicts(check: Check, group: readonly PodClass[]): Verdicts {
  const gathered = new Map<string | null, Gathered>();
  return {
    check,
    add(subject, outcome) {
      let scope = gathered.get(outcome.container);
      if (scope === undefined) {
        scope = { fail: null, open: null };
        gathered.set(outcome.container, scope);
      }
      const { container } = outcome;
      const ofCheck = (): CauseRef => check.cause({ workload: subject.workload, container });
      if (outcome.verdict === 'fail') addFail(scope, { subject, outcome, ofCheck });
      if (outcome.verdict === 'not-evaluated') {
        scope.open ??= { ...outcome, pods: 0 };
        scope.open.pods += subject.population.count;
      }
    },
    fails: () => gathered.get(null)?.fail != null,
    each(take) {
      // One object for all findings of a workload: a million would otherwise have as many.
      const [{ workload }] = group as readonly [PodClass];
      for (const [container, { fail, open }] of gathered) {
        const scope = { check, workload, container };
        if (fail) take({ ...scope, kind: 'fail', ...fail, cause: fail.cause ?? check.cause(scope), group });
        else if (open) take({ ...scope, kind: 'not-evaluated', ...open });
        else take({ ...scope, kind: 'pass' });
      }
    },
  };
}

interface Failed {
  readonly subject: PodClass;
  readonly outcome: Fail;
  /** The cause of an outcome that names none. */
  readonly ofCheck: () => CauseRef;
}

function addFail(scope: Gathered, { subject, outcome, ofCheck }: Failed): void {
  const pods = outcome.pods ?? { count: subject.population.count, examples: subject.population.examples };
  const weight = outcome.weight ?? pods.count;
  const { evidence } = outcome;
  const message =
    subject.ended === undefined ? outcome.message : `${outcome.message} ${endedSentence(subject.ended)}`;
  if (scope.fail === null) {
    const impliedBy = outcome.impliedBy ?? null;
    const { cause, remainsBy = null } = outcome;
    const { count, examples } = pods;
    scope.fail = { pods: count, examples, weight, message, evidence, impliedBy, cause, remainsBy };
    return;
  }
  // What is implied for only some of the pods is a separate finding.
  if (scope.fail.impliedBy !== (outcome.impliedBy ?? null)) scope.fail.impliedBy = null;
  scope.fail.pods += pods.count;
  const examples = scope.fail.examples.slice(0, MAX_EXAMPLES);
  for (const example of pods.examples) offerExample(examples, example);
  scope.fail.examples = examples;
  const { instead, ...causes } = causesOfBoth(scope.fail, { ...outcome, weight }, ofCheck);
  Object.assign(scope.fail, causes, instead ? { weight, message, evidence } : {});
}

interface Causes {
  /** `undefined`: that of the check. */
  readonly cause?: CauseRef | undefined;
  readonly remainsBy?: CauseRef | null;
}

type Weighed = Causes & { readonly weight: number };

/**
 * What removes a finding of several classes: the cause of the larger one, and where they differ the other one is left.
 * @returns also whether the later one stands instead of the earlier one
 */
function causesOfBoth(
  earlier: Weighed,
  later: Weighed,
  ofCheck: () => CauseRef,
): Causes & { readonly instead: boolean } {
  const isLarger = later.weight > earlier.weight;
  const [shown, other] = isLarger ? [later, earlier] : [earlier, later];
  const same = { cause: shown.cause, remainsBy: shown.remainsBy ?? other.remainsBy ?? null };
  if (earlier.cause === later.cause) return { instead: isLarger, ...same };
  const [ofEarlier, ofLater] = [earlier.cause ?? ofCheck(), later.cause ?? ofCheck()];
  if (isSameCause(ofEarlier, ofLater)) return { instead: isLarger, ...same };
  // Of equal ones that which is preferred: in another run they may come in another order.
  const instead = isLarger || (later.weight === earlier.weight && compareCauseRefs(ofLater, ofEarlier) < 0);
  return instead
    ? { instead, cause: ofLater, remainsBy: ofEarlier }
    : { instead, cause: ofEarlier, remainsBy: ofLater };
}
