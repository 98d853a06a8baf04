import { defaultConfig } from '../../../lambda/config/load.ts';
import type { EgressView } from '../../../lambda/egress/answers/egress-view.ts';
import { registriesAdmitted } from '../../../lambda/egress/approved/package-registries.ts';
import { createEgress, selectedLabelKeys } from '../../../lambda/egress/engine.ts';
import { createPodFold } from '../../../lambda/inventory/fold.ts';
import type { PodClass } from '../../../lambda/inventory/pod-class.ts';
import type { PolicyObject } from '../../../lambda/inventory/policy-object.ts';
import { type Cost, type Measurement, processCost, startClock } from '../measure.ts';
import { NAMESPACES, namespaceLabels, namespaceName } from './cluster.ts';
import { podRecords } from './pods.ts';
import { syntheticPolicies } from './policies.ts';

/**
 * One case of the benchmark, in a process of its own: `worker.js floor|egress PODS`. Writes its
 * measurement as one line of JSON.
 */
type Outcome = Cost & Pick<Measurement, 'bytes' | 'details'>;

const CHUNK = 10_000;
/** The policies as a server sends them. */
const TEXT = JSON.stringify({ items: syntheticPolicies() });

interface PolicyList {
  readonly items: readonly PolicyObject[];
}

/** The least that anything can do which reads these policies: parsed often, since once is too short. */
function floor(): Outcome {
  const times = 20;
  const stop = startClock();
  for (let i = 0; i < times; i++) JSON.parse(TEXT);
  const { wallMs, cpuMs } = stop();
  return { wallMs: wallMs / times, cpuMs: cpuMs / times, bytes: TEXT.length, details: {} };
}

/** What an audit does for egress: which labels matter, then pods into classes, then a view of each class. */
function egress(pods: number): Outcome {
  const { items: policies } = JSON.parse(TEXT) as PolicyList;
  const namespaces = new Map(
    Array.from({ length: NAMESPACES }, (_, i) => [namespaceName(i), namespaceLabels(i)]),
  );
  const config = defaultConfig().egress;
  const reading = startClock();
  const labelKeys = selectedLabelKeys(policies);
  const keys = reading();
  const { classes, cost: folding } = foldPods(pods, labelKeys);
  const deciding = startClock();
  const engine = createEgress({ policies, namespaces, config });
  const parsed = deciding();
  const seen = new WeakSet<EgressView>();
  let views = 0;
  let unknown = 0;
  for (const { workload, labels, spec } of classes) {
    const view = engine.view({ namespace: workload.namespace, labels, hostNetwork: spec.hostNetwork });
    ask(view, config.insecurePorts);
    if (!seen.has(view)) views += 1;
    seen.add(view);
    if (view.undecided !== null) unknown += 1;
  }
  const decided = deciding();
  return {
    wallMs: keys.wallMs + decided.wallMs,
    cpuMs: keys.cpuMs + decided.cpuMs,
    bytes: TEXT.length,
    details: {
      classes: classes.length,
      policies: policies.length,
      views,
      unknownClasses: unknown,
      labelKeysCpuMs: keys.cpuMs,
      parseCpuMs: parsed.cpuMs,
      viewsCpuMs: decided.cpuMs - parsed.cpuMs,
      foldCpuMs: folding.cpuMs,
    },
  };
}

/** What the checks ask of every class. */
function ask(view: EgressView, insecurePorts: readonly number[]): void {
  void view.internetOnEveryPort;
  for (const port of [443, 80, ...insecurePorts]) view.internetOn(port);
  view.reaches('169.254.169.254', 80);
  view.reaches('fd00:ec2::254', 80);
  for (const host of view.hosts) registriesAdmitted(host);
}

/** Pods are made outside the clock. */
function foldPods(
  pods: number,
  labelKeys: ReadonlySet<string>,
): { readonly classes: readonly PodClass[]; readonly cost: Cost } {
  const fold = createPodFold({ labelKeys, nodes: new Map() });
  const cost = { wallMs: 0, cpuMs: 0 };
  const timed = <T>(work: () => T): T => {
    const stop = startClock();
    const result = work();
    const { wallMs, cpuMs } = stop();
    cost.wallMs += wallMs;
    cost.cpuMs += cpuMs;
    return result;
  };
  for (const records of podRecords(pods, CHUNK)) {
    timed(() => {
      for (const record of records) fold.add(record);
    });
  }
  const { classes } = timed(() => fold.finish(new Map()));
  return { classes, cost };
}

const [name = '', pods = ''] = process.argv.slice(2);
const outcome = name === 'floor' ? floor() : egress(Number(pods));
const measurement: Measurement = { name, pods: Number(pods), ...outcome, ...processCost() };
process.stdout.write(`${JSON.stringify(measurement)}\n`);
