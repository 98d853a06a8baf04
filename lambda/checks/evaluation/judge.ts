import { findingId } from '../../findings/identity.ts';
import type { Resource } from '../../inventory/gap.ts';
import type { PodClass } from '../../inventory/pod-class.ts';
import { once } from '../../once.ts';
import { withinTime } from '../../work.ts';
import type { Check, CheckContext, ObjectCheck } from '../check.ts';
import { egressOf } from './egress-of.ts';
import { undecidedByEnded } from './ended.ts';
import type { EvaluateInput } from './input.ts';
import { createVerdicts, objectVerdict, type Verdict, type Verdicts } from './verdicts.ts';

interface JudgeOptions {
  readonly checks: readonly Check[];
  readonly missing: ReadonlySet<Resource>;
  readonly input: EvaluateInput;
  readonly record: (verdict: Verdict) => void;
}

/**
 * @param group the classes of one workload; each is judged by all checks in turn, for reading its ages takes time
 * @returns whether the time was enough; where it was not, nothing passes
 */
export function judge(group: readonly PodClass[], { checks, missing, input, record }: JudgeOptions): boolean {
  // Either all classes of a workload live, or it has this one.
  const ended = group[0]?.ended;
  const asked = ended === undefined ? checks : checks.filter(({ ofRunning }) => ofRunning !== true);
  const verdicts = asked.map((check) => createVerdicts(check, group));
  const { stops = () => false } = input;
  const judgeClass = (subject: PodClass): void => {
    const context = contextOf(subject, missing, input);
    const { open } = subject.ended ?? { open: null };
    for (const gathered of verdicts) {
      const outcomes = open !== null ? [undecidedByEnded(open)] : gathered.check.evaluate(subject, context);
      for (const outcome of outcomes) gathered.add(subject, outcome);
    }
  };
  const judgeAll = (): boolean =>
    group.every((subject, index) => {
      if (index > 0 && stops()) return false;
      judgeClass(subject);
      return true;
    });
  const whole = withinTime(stops, judgeAll, () => false);
  const rootOf = createRoots(verdicts, input);
  for (const gathered of verdicts) {
    gathered.each((verdict) => {
      if (verdict.kind === 'fail') record({ ...verdict, impliedBy: rootOf(verdict) });
      else if (whole || verdict.kind === 'not-evaluated') record(verdict);
    });
  }
  return whole;
}

/** The id of the finding from which another one of the workload follows, where there is such a finding. */
function createRoots(
  verdicts: readonly Verdicts[],
  { inventory: { cluster } }: EvaluateInput,
): (verdict: Extract<Verdict, { kind: 'fail' }>) => string | null {
  const ids = new Map<string, string>();
  const failing = new Set(verdicts.filter((one) => one.fails()).map(({ check }) => check.id));
  return ({ check: { id: own }, impliedBy: check, workload }) => {
    if (check === null || check === own || !failing.has(check)) return null;
    const id = ids.get(check) ?? findingId({ cluster, check, workload, container: null });
    ids.set(check, id);
    return id;
  };
}

function contextOf(subject: PodClass, missing: ReadonlySet<Resource>, input: EvaluateInput): CheckContext {
  return {
    ...egressOf(subject, input.egressOf),
    onPodNetwork: once(() => {
      const other = { ...subject, spec: { ...subject.spec, hostNetwork: false } };
      return { subject: other, context: contextOf(other, missing, input) };
    }),
    cluster: input.inventory.cluster,
    now: input.now,
    config: input.config,
    limits: input.limitsOf(subject),
    missing,
    whyMissing: (resource) =>
      input.inventory.gaps.find((gap) => gap.scope === undefined && gap.resource === resource),
    manifests: input.inventory.content === 'manifests',
    mesh: input.mesh,
    images: input.inventory.images,
  };
}

export function* judgeObjects(
  check: ObjectCheck,
  missing: ReadonlySet<Resource>,
  { inventory, config, mesh, egressOf: viewOf }: EvaluateInput,
): Generator<Verdict> {
  for (const one of check.evaluateObjects({ inventory, config, missing, mesh, egressOf: viewOf })) {
    yield objectVerdict(check, one);
  }
}
