import type { Config, Limits } from '../config/model.ts';
import type { EgressView } from '../egress/answers/egress-view.ts';
import { placedPod } from '../egress/enforcement/placed-pod.ts';
import { findingId } from '../findings/identity.ts';
import type { CheckTally, ClusterResult, Finding, NotEvaluated } from '../findings/model.ts';
import type { Gap, GapReason, Resource } from '../inventory/gap.ts';
import { instantText } from '../inventory/instant.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { keepOne, keepRecent } from '../inventory/keep-one.ts';
import type { WorkloadRef } from '../inventory/names.ts';
import type { PodClass } from '../inventory/pod-class.ts';
import { compareExamples, MAX_EXAMPLES } from '../inventory/population.ts';
import { runsOf } from '../inventory/runs.ts';
import { compareText, compareWorkloads } from '../inventory/workload.ts';
import type { Mesh } from '../mesh/mesh.ts';
import { isBeyondSkew } from './age.ts';
import type { AnyCheck, Check, CheckContext, CheckInfo, ObjectCheck } from './check.ts';
import { undecidedByEnded } from './ended.ts';
import { createExclusion } from './excluded.ts';
import { type FormerConfig, formerVerdicts } from './former.ts';
import { originsOf } from './origins.ts';
import { createVerdicts, objectVerdict, type Verdict, type Verdicts } from './verdicts.ts';

export interface EvaluateInput {
  readonly inventory: Inventory;
  /** Those of the inventory, each asked for once and in order, after everything that looks at all of them. */
  readonly classes: Iterable<PodClass>;
  readonly checks: readonly AnyCheck[];
  readonly config: Config;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly limitsOf: (subject: PodClass) => Limits;
  readonly egressOf: (subject: PodClass) => EgressView;
  readonly mesh: Mesh;
  /** Of the last run, where it was another one: to tell what was fixed from what is no longer asked. */
  readonly former?: FormerConfig | undefined;
  /** Asked before each workload and each check of objects; what is left then is not evaluated. @defaultValue never */
  readonly stops?: (() => boolean) | undefined;
}

/**
 * Judges every class of pods by every check that is switched on and gathers the verdicts by workload
 * and container. Work grows with classes, not with pods.
 */
export function evaluate(input: EvaluateInput): ClusterResult {
  const { inventory, config } = input;
  const on = input.checks.filter(({ id }) => config.checks[id] !== 'off');
  const notAsked = on.flatMap((check) => check.notAsked?.(config) ?? []);
  const checks = on.filter((check) => (check.notAsked?.(config) ?? null) === null);
  const missing = missingResources(inventory.gaps);
  const runnable = checks.filter((check) => check.needs.every((resource) => !missing.has(resource)));
  const findings: Finding[] = [];
  const exclusion = createExclusion(config.namespaces.exclude);
  const notEvaluated = gapRecords(inventory, checks).filter(
    ({ workload }) => workload === null || !exclusion.covers(workload),
  );
  const tallies = new Map<string, { pass: number; fail: number; notEvaluated: number }>(
    checks.map(({ id }) => [id, { pass: 0, fail: 0, notEvaluated: 0 }]),
  );
  for (const record of notEvaluated) bump(tallies, record.check, 'notEvaluated');
  const toFinding = findingMaker(input);
  const clean: WorkloadRef[] = [];

  const record = (verdict: Verdict): void => {
    // With only part of the pods read, a pass would speak for pods that nobody looked at.
    if (verdict.kind === 'pass' && missing.has('pods')) return;
    bump(tallies, verdict.check.id, verdict.kind === 'not-evaluated' ? 'notEvaluated' : verdict.kind);
    if (verdict.kind === 'fail') findings.push(toFinding(verdict));
    if (verdict.kind === 'not-evaluated') notEvaluated.push(toRecord(verdict, inventory));
  };
  const leave = (late: readonly CheckInfo[], before: string | null): void => {
    if (before === null) return;
    notEvaluated.push(...late.map((check) => outOfTime(check, before, inventory)));
    for (const { id } of late) bump(tallies, id, 'notEvaluated');
  };
  const { stops = () => false } = input;
  const outcome = inventory.totals.pods === 0 && missing.has('pods') ? 'failed' : 'audited';
  // Before the pods: these look at all classes, which may be let go of as they are judged. Of a cluster of which
  // nothing was read nothing is said, also of what needs no pods.
  const ofObjects = outcome === 'failed' ? [] : runnable.filter((check) => 'evaluateObjects' in check);
  for (const check of ofObjects) {
    // Each looks at all objects, and at the reach of those who know them.
    if (stops()) {
      leave([check], 'it judged any object');
      continue;
    }
    for (const verdict of judgeObjects(check, missing, input)) {
      if (exclusion.covers(verdict.workload)) continue;
      record(verdict);
      if (verdict.kind !== 'fail') clean.push(verdict.workload);
    }
  }
  const ofPods = runnable.filter((check) => 'evaluate' in check);
  const formerly = formerVerdicts(input.former, ofPods, (group, which, take) =>
    judge(group, { checks: which, missing, input: { ...input, ...input.former }, record: take }),
  );
  const skew = clockSkew(input.now);
  const inTime = untilStopped(input, (group) => exclusion.leavesOut(group));
  for (const group of inTime.groups()) {
    group.forEach(skew.look);
    const before = findings.length;
    judge(group, { checks: ofPods, missing, input, record });
    formerly.look(group, findings.slice(before));
    if (findings.length === before) clean.push(...group.slice(0, 1).map(({ workload }) => workload));
  }
  leave(ofPods, leftText(inTime.left()));
  return {
    cluster: inventory.cluster,
    ...(inventory.unverified === undefined ? {} : { unverified: inventory.unverified }),
    outcome,
    totals: inventory.totals,
    tallies: [...tallies].map(([check, counts]): CheckTally => ({ check, ...counts })),
    findings,
    notEvaluated,
    ...exclusion.counted(),
    notes: [...inventory.notes, ...notAsked, ...skew.notes()],
    basis: {
      clean: clean.sort(compareWorkloads),
      checksOff: input.checks.filter((check) => !on.includes(check)).map(({ id }) => id),
      checksNotAsked: on.filter((check) => !checks.includes(check)).map(({ id }) => id),
      namespacesExcluded: config.namespaces.exclude,
      noLongerAsked: formerly.found(),
    },
  };
}

/** The classes of each workload until the time is up, and how many workloads were left then. */
function untilStopped(
  { classes, stops = () => false }: EvaluateInput,
  leavesOut: (group: readonly PodClass[]) => boolean,
) {
  let left = 0;
  return {
    left: () => left,
    *groups(): Generator<readonly PodClass[]> {
      // Classes come sorted by workload.
      for (const group of runsOf(classes, ofOneWorkload)) {
        if (leavesOut(group)) continue;
        if (left > 0 || stops()) left += 1;
        else yield group;
      }
    },
  };
}

const leftText = (left: number): string | null =>
  left === 0 ? null : `${left} ${left === 1 ? 'workload was' : 'workloads were'} judged`;

/** Of what was not judged: a record of the whole check, so that none of its findings counts as resolved. */
const outOfTime = (check: CheckInfo, before: string, { cluster }: Inventory): NotEvaluated => ({
  check: check.id,
  cluster,
  workload: null,
  container: null,
  pods: null,
  reason: 'out-of-time',
  message: `The run was out of time before ${before}.`,
  remediation:
    'Audit each cluster in a function of its own (fleet mode), or give the function more memory, which also means more CPU, or more time.',
});

function bump(
  tallies: Map<string, { pass: number; fail: number; notEvaluated: number }>,
  check: string,
  kind: 'pass' | 'fail' | 'notEvaluated',
): void {
  const tally = tallies.get(check);
  if (tally) tally[kind]++;
}

/** Resources that are missing as a whole; a gap about one object leaves the rest of its kind usable. */
function missingResources(gaps: readonly Gap[]): ReadonlySet<Resource> {
  const missing = new Set<Resource>();
  for (const gap of gaps) {
    if (gap.scope) continue;
    missing.add(gap.resource ?? 'pods');
  }
  return missing;
}

/**
 * One record for each check and each cause that keeps what it needs from being read. Every check needs pods. Kinds
 * that are missing for one cause, such as a failed discovery, are gaps each, and the cause is said once.
 */
function gapRecords(inventory: Inventory, checks: readonly CheckInfo[]): NotEvaluated[] {
  return checks.flatMap((check) => {
    const behind = inventory.gaps.filter(
      ({ resource }) => resource === null || resource === 'pods' || check.needs.includes(resource),
    );
    return distinctCauses(behind).map((gap) => ({
      check: check.id,
      cluster: inventory.cluster,
      workload: gap.scope ?? null,
      container: null,
      pods: null,
      reason: gap.reason,
      message: gap.message,
      remediation: gap.remedy,
    }));
  });
}

const distinctCauses = (gaps: readonly Gap[]): readonly Gap[] => [
  ...new Map(
    gaps.map((gap) => [JSON.stringify([gap.scope, gap.reason, gap.message, gap.remedy]), gap]),
  ).values(),
];

const ofOneWorkload = (a: PodClass, b: PodClass): boolean => compareWorkloads(a.workload, b.workload) === 0;

interface JudgeOptions {
  readonly checks: readonly Check[];
  readonly missing: ReadonlySet<Resource>;
  readonly input: EvaluateInput;
  readonly record: (verdict: Verdict) => void;
}

/** @param group the classes of one workload; each is judged by all checks in turn, for reading its ages takes time */
function judge(group: readonly PodClass[], { checks, missing, input, record }: JudgeOptions): void {
  // Either all classes of a workload live, or it has this one.
  const ended = group[0]?.ended;
  const asked = ended === undefined ? checks : checks.filter(({ ofRunning }) => ofRunning !== true);
  const verdicts = asked.map((check) => createVerdicts(check, group));
  for (const subject of group) {
    const context = contextOf(subject, missing, input);
    for (const gathered of verdicts) {
      const { open } = subject.ended ?? { open: null };
      const outcomes = open !== null ? [undecidedByEnded(open)] : gathered.check.evaluate(subject, context);
      for (const outcome of outcomes) gathered.add(subject, outcome);
    }
  }
  const rootOf = createRoots(verdicts, input);
  for (const gathered of verdicts) {
    gathered.each((verdict) =>
      record(verdict.kind === 'fail' ? { ...verdict, impliedBy: rootOf(verdict) } : verdict),
    );
  }
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
  let view: EgressView | null = null;
  const egress = (): EgressView => (view ??= input.egressOf(subject));
  return {
    cluster: input.inventory.cluster,
    now: input.now,
    config: input.config,
    limits: input.limitsOf(subject),
    missing,
    whyMissing: (resource) =>
      input.inventory.gaps.find((gap) => gap.scope === undefined && gap.resource === resource),
    manifests: input.inventory.content === 'manifests',
    egress,
    reach: () => egress().effective(placedPod(subject)),
    mesh: input.mesh,
  };
}

function judgeObjects(
  check: ObjectCheck,
  missing: ReadonlySet<Resource>,
  { inventory, config, mesh, egressOf }: EvaluateInput,
): readonly Verdict[] {
  return check
    .evaluateObjects({ inventory, config, missing, mesh, egressOf })
    .map((one) => objectVerdict(check, one));
}

/** What all findings have in common, and all findings of a check, is made once: there may be a million. */
function findingMaker({ inventory, checks, config, now }: EvaluateInput) {
  const { cluster } = inventory;
  const seen = new Date(now).toISOString();
  const shared = new Map(checks.map((check) => [check as CheckInfo, sharedBy(check, config)]));
  const podsOf = podsMaker();
  const originOf = originsOf(inventory);
  return (verdict: Extract<Verdict, { kind: 'fail' }>): Finding => {
    const { check, workload, container } = verdict;
    const { severity, controls, messages, evidences } = shared.get(check) ?? sharedBy(check, config);
    return {
      id: findingId({ cluster, check: check.id, workload, container }),
      check: check.id,
      status: 'new',
      severity,
      cluster,
      workload,
      container,
      pods: podsOf(verdict),
      evidence: evidences(verdict.evidence),
      message: messages(verdict.message),
      remediation: check.remediation,
      controls,
      firstSeen: seen,
      lastSeen: seen,
      exemption: null,
      impliedBy: verdict.impliedBy,
      ...originOf(verdict),
    };
  };
}

type Pods = Pick<Extract<Verdict, { kind: 'fail' }>, 'pods' | 'examples'>;

/** Most findings of a workload are about the same pods: all of them. */
function podsMaker(): (behind: Pods) => Finding['pods'] {
  const alike = keepRecent(samePods);
  let last: (Pods & { readonly made: Finding['pods'] }) | null = null;
  return ({ pods, examples }) => {
    if (last?.examples === examples && last.pods === pods) return last.made;
    const named = [...examples].sort(compareExamples).slice(0, MAX_EXAMPLES);
    const oldest = named[0]?.startedAt ?? null;
    const made = alike({
      count: pods,
      examples: named.map(({ name }) => name),
      oldestStartedAt: oldest === null ? null : instantText(oldest),
    });
    last = { pods, examples, made };
    return made;
  };
}

const samePods = (a: Finding['pods'], b: Finding['pods']): boolean =>
  a.count === b.count &&
  a.oldestStartedAt === b.oldestStartedAt &&
  a.examples.length === b.examples.length &&
  a.examples.every((name, index) => name === b.examples[index]);

function sharedBy(check: CheckInfo, config: Config) {
  const severity = config.checks[check.id];
  const nested = keepOne<Finding['evidence']>(JSON.stringify);
  return {
    severity: severity === undefined || severity === 'off' ? check.severity : severity,
    controls: check.controls.map(({ framework, control }) => `${framework} ${control}`),
    messages: keepOne<string>((message) => message),
    // A few numbers, such as ages, are hardly ever the same, and no larger than what it takes to find out.
    evidences: (evidence: Finding['evidence']): Finding['evidence'] =>
      Object.values(evidence).some((value) => typeof value === 'object') ? nested(evidence) : evidence,
  };
}

function toRecord(verdict: Extract<Verdict, { kind: 'not-evaluated' }>, inventory: Inventory): NotEvaluated {
  const reason: GapReason = verdict.reason;
  return {
    check: verdict.check.id,
    cluster: inventory.cluster,
    workload: verdict.workload,
    container: verdict.container,
    pods: verdict.pods,
    reason,
    message: verdict.message,
    remediation: verdict.remediation,
  };
}

/** Starts a little ahead come from clocks that disagree; their age counts as zero, which must be said. */
function clockSkew(now: number) {
  let count = 0;
  let furthest = now;
  return {
    look({ population }: PodClass): void {
      for (const startedAt of population.active.startedAt) {
        if (startedAt <= now || isBeyondSkew(now, startedAt)) continue;
        count++;
        furthest = Math.max(furthest, startedAt);
      }
    },
    notes(): readonly string[] {
      if (count === 0) return [];
      const ahead = Math.ceil((furthest - now) / 1000);
      return [
        `${count} ${count === 1 ? 'pod starts' : 'pods start'} in the future, by up to ${ahead} s (clocks disagree): the age counts as 0.`,
      ];
    },
  };
}

/** Sorts rows as every output lists them: severity first, then check, workload and container. */
export function compareFindings(a: Finding, b: Finding): number {
  return (
    SEVERITY_RANK[a.severity] - SEVERITY_RANK[b.severity] ||
    compareText(a.check, b.check) ||
    compareWorkloads(a.workload, b.workload) ||
    compareText(a.container ?? '', b.container ?? '')
  );
}

const SEVERITY_RANK = { critical: 0, high: 1, medium: 2, low: 3 } as const;
