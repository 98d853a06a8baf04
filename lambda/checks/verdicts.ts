import type { Evidence } from '../findings/model.ts';
import type { GapReason, PodClass, PodExample, WorkloadRef } from '../inventory/model.ts';
import { MAX_EXAMPLES, offerExample } from '../inventory/population.ts';
import type { Check, CheckInfo, ObjectOutcome, Outcome } from './check.ts';

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
    });

interface Gathered extends Scope {
  fail: { pods: number; examples: PodExample[]; weight: number; message: string; evidence: Evidence } | null;
  open: { pods: number; reason: GapReason; message: string; remediation: string } | null;
}

/** Gathers the outcomes of the classes of one workload: fail goes before not evaluated, that before pass. */
export interface Verdicts {
  add(check: Check, subject: PodClass, outcome: Outcome): void;
  all(): Iterable<Verdict>;
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
      return { ...scope, kind: 'fail', pods: count, examples, message, evidence };
    }
  }
}

export function createVerdicts(): Verdicts {
  const gathered = new Map<string, Gathered>();
  return {
    add(check, subject, outcome) {
      const key = `${check.id}/${outcome.container ?? ''}`;
      let scope = gathered.get(key);
      if (scope === undefined) {
        scope = { check, workload: subject.workload, container: outcome.container, fail: null, open: null };
        gathered.set(key, scope);
      }
      if (outcome.verdict === 'fail') addFail(scope, subject, outcome);
      if (outcome.verdict === 'not-evaluated') {
        scope.open ??= { ...outcome, pods: 0 };
        scope.open.pods += subject.population.count;
      }
    },
    *all() {
      for (const { check, workload, container, fail, open } of gathered.values()) {
        const scope = { check, workload, container };
        if (fail) yield { ...scope, kind: 'fail', ...fail };
        else if (open) yield { ...scope, kind: 'not-evaluated', ...open };
        else yield { ...scope, kind: 'pass' };
      }
    },
  };
}

function addFail(scope: Gathered, subject: PodClass, outcome: Extract<Outcome, { verdict: 'fail' }>): void {
  const pods = outcome.pods ?? { count: subject.population.count, examples: subject.population.examples };
  const weight = outcome.weight ?? pods.count;
  const { message, evidence } = outcome;
  if (scope.fail === null) {
    const examples = pods.examples.slice(0, MAX_EXAMPLES);
    scope.fail = { pods: pods.count, examples, weight, message, evidence };
    return;
  }
  scope.fail.pods += pods.count;
  for (const example of pods.examples) offerExample(scope.fail.examples, example);
  if (weight > scope.fail.weight) Object.assign(scope.fail, { weight, message, evidence });
}
