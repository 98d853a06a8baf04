import type { WorkloadPatches } from '../findings/drawn-patch.ts';
import type { ClusterResult } from '../findings/run-result.ts';
import { gatherLayers } from '../inventory/layer-rows.ts';
import { createOwnership } from '../ownership/whose.ts';
import { withinTime } from '../work.ts';
import { clockSkew } from './evaluation/clock-skew.ts';
import { patchDrawer } from './evaluation/draw-patches.ts';
import { createExclusion } from './evaluation/excluded.ts';
import { formerVerdicts } from './evaluation/former.ts';
import { untilStopped } from './evaluation/in-time.ts';
import type { EvaluateInput } from './evaluation/input.ts';
import { judge, judgeObjects } from './evaluation/judge.ts';
import { createLedger } from './evaluation/ledger.ts';
import { missingResources } from './evaluation/not-evaluated.ts';
import { countPopulation } from './evaluation/population.ts';
import type { Verdict } from './evaluation/verdicts.ts';

/**
 * Judges every class of pods by every check that is switched on and gathers the verdicts by workload
 * and container. Work grows with classes, not with pods.
 */
export function evaluate(input: EvaluateInput): ClusterResult {
  const { inventory, config } = input;
  const on = input.checks.filter(({ id }) => config.checks[id] !== 'off');
  // Several checks may say the same of one setting.
  const notAsked = new Set(on.flatMap((check) => check.notAsked?.(config, inventory) ?? []));
  const checks = on.filter((check) => (check.notAsked?.(config, inventory) ?? null) === null);
  const passNotes = checks.flatMap((check) => check.note?.(inventory) ?? []);
  const missing = missingResources(inventory.gaps);
  const runnable = checks.filter((check) => check.needs.every((resource) => !missing.has(resource)));
  const exclusion = createExclusion(config.namespaces.exclude);
  const ownership = createOwnership(config, input.now);
  const ledger = createLedger({ input, checks, missing, covers: exclusion.covers, ownership });
  const { stops = () => false } = input;
  const outcome = inventory.totals.pods === 0 && missing.has('pods') ? 'failed' : 'audited';
  // Before the pods: these look at all classes, which may be let go of as they are judged. Of a cluster of which
  // nothing was read nothing is said, also of what needs no pods.
  const ofObjects = outcome === 'failed' ? [] : runnable.filter((check) => 'evaluateObjects' in check);
  for (const check of ofObjects) {
    // Each looks at all objects, and at the reach of those who know them.
    if (stops()) {
      ledger.leave([check], 'it judged any object');
      continue;
    }
    const judgeAll = (): null => {
      for (const verdict of judgeObjects(check, missing, input)) {
        if (exclusion.covers(verdict.workload)) continue;
        ledger.record(verdict, ownership.ofObject(verdict.workload));
        if (verdict.kind !== 'fail') ledger.clean(verdict.workload);
      }
      return null;
    };
    const late = withinTime(stops, judgeAll, () => 'it judged all objects');
    ledger.leave([check], late);
  }
  const ofPods = runnable.filter((check) => 'evaluate' in check);
  const formerly = formerVerdicts(input.former, { checks: ofPods, inventory }, (group, which, take) =>
    judge(group, { checks: which, missing, input: { ...input, ...input.former }, record: take }),
  );
  const skew = clockSkew(input.now);
  const layers = inventory.measured ? gatherLayers() : null;
  const inTime = untilStopped(input.classes, stops, (group) => exclusion.leavesOut(group));
  const population = countPopulation(input.now);
  const about = new Map(checks.map((check) => [check.id, check]));
  const patches = patchDrawer({
    now: input.now,
    aboutCheck: (id) => about.get(id),
  });
  for (const group of inTime.groups()) {
    group.forEach(skew.look);
    population.look(group);
    layers?.add(group);
    const before = ledger.findings.length;
    const whose = ownership.ofWorkload(group);
    const record = (verdict: Verdict): void => ledger.record(verdict, whose);
    const judged = judge(group, { checks: ofPods, missing, input, record });
    const found = ledger.findings.slice(before);
    patches.look(group, found);
    const [first] = group;
    if (!judged || !formerly.look(group, found)) inTime.cutShort();
    else if (first !== undefined && found.length === 0) ledger.clean(first.workload);
  }
  ledger.leave(ofPods, inTime.left());
  const measured = layers?.take() ?? null;
  return {
    cluster: inventory.cluster,
    ...(inventory.unverified === undefined ? {} : { unverified: inventory.unverified }),
    outcome,
    totals: inventory.totals,
    tallies: ledger.tallies(),
    findings: ledger.findings,
    notEvaluated: ledger.notEvaluated,
    ...exclusion.counted(),
    ...(outcome === 'failed' || missing.has('pods') || inTime.left() !== null
      ? {}
      : { population: population.counted() }),
    ...(measured === null ? {} : { layers: measured }),
    ...patchesOf(patches.drawn()),
    notes: [...inventory.notes, ...notAsked, ...passNotes, ...skew.notes()],
    basis: {
      clean: ledger.cleanWorkloads(),
      checksOff: input.checks.filter((check) => !on.includes(check)).map(({ id }) => id),
      checksNotAsked: on.filter((check) => !checks.includes(check)).map(({ id }) => id),
      namespacesExcluded: config.namespaces.exclude,
      noLongerAsked: formerly.found(),
      newlyAsked: formerly.newlyFailing(),
    },
  };
}

const patchesOf = (patches: readonly WorkloadPatches[]): Pick<ClusterResult, 'patches'> =>
  patches.length === 0 ? {} : { patches };
