import { CATALOGUE } from '../../checks/catalogue.ts';
import { nearest } from '../../config/suggest.ts';
import { UsageError } from '../../errors.ts';
import { leavesOpen } from '../../findings/coverage.ts';
import type { ClusterResult, RunResult } from '../../findings/run-result.ts';
import { shellWord } from '../../fixes/shell.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import type { ClusterIdentity, WorkloadRef } from '../../inventory/names.ts';
import type { PodClass } from '../../inventory/pod-class.ts';
import { compareWorkloads, workloadKey } from '../../inventory/workload.ts';
import { narrowed } from '../../report/narrow.ts';
import { clusterRowKey, sortedClusters } from '../../report/order.ts';
import { asCalled, PROGRAM } from '../../report/own-commands.ts';
import { shortNames, workloadName } from '../../report/words.ts';
import { accountOf } from '../../report/workload-account.ts';
import type { Look } from '../io.ts';
import { canvasOf } from '../render/page.ts';
import { narrowedLine, renderWorkload } from '../render/workload.ts';
import { type Wanted, wantedBy } from '../workload-argument.ts';
import { mergedPatch } from './merged-patch.ts';

/** The workloads that `audit NAMESPACE/NAME…` is about: the whole audit runs, and what concerns them is shown. */
export interface AskedWorkloads {
  /** Remembers what an inventory holds of them, before it is judged and forgotten. */
  see(inventory: Inventory): void;
  /** @throws UsageError when one was named that is not there, with the name that was probably meant */
  check(run: Pick<RunResult, 'clusters'>, look: Look): void;
  /** Remembers what the rows of the run speak of, such as what is gone since the last one. */
  know(run: Pick<RunResult, 'clusters'>): void;
  /** The run with the rows about them, for data outputs. */
  narrow(run: RunResult): RunResult;
  render(run: RunResult, options: RenderOptions): string;
}

interface RenderOptions {
  readonly look: Look;
  readonly code: number;
  /** See `updateKubeconfig`. */
  readonly kubeconfigOf: (cluster: ClusterIdentity) => string | null;
  /** Of clusters that an earlier run knew. */
  readonly firstRun: boolean;
}

/** @throws UsageError where an argument names no workload; @returns null when the whole audit is shown */
export function askedWorkloads(names: readonly string[]): AskedWorkloads | null {
  if (names.length === 0) return null;
  const asked = names.map((name) => ({ name, wanted: wantedBy(name) }));
  const wanted: Wanted = (workload) => asked.some((one) => one.wanted(workload));
  const seen = new Map<string, WorkloadRef>();
  const classes = new Map<string, PodClass[]>();

  const know = (run: Pick<RunResult, 'clusters'>): void => {
    for (const one of rowsOf(run)) seen.set(workloadKey(one), one);
  };

  return {
    know,
    see({ cluster, classes: all }) {
      for (const one of all) {
        seen.set(workloadKey(one.workload), one.workload);
        if (!wanted(one.workload)) continue;
        const key = classKey(cluster, one.workload);
        const known = classes.get(key);
        if (known === undefined) classes.set(key, [one]);
        else known.push(one);
      }
    },
    check(run, look) {
      know(run);
      const there = [...seen.values()];
      const unread = run.clusters.some(({ outcome }) => outcome === 'failed');
      for (const { name, wanted: isIt } of asked) {
        if (unread || there.some(isIt)) continue;
        throw new UsageError(
          `There is no workload ${name} in what was audited${asCalled(meant(name, there), look)}`,
        );
      }
    },
    narrow: (run) =>
      narrowed(run, {
        finding: ({ workload }) => wanted(workload),
        notEvaluated: (row) =>
          row.workload === null ||
          wanted(row.workload) ||
          [...seen.values()].some(
            (workload) => wanted(workload) && leavesOpen(row, { workload, container: null }),
          ),
      }),
    render(run, { look, code, kubeconfigOf, firstRun }) {
      const nameOf = shortNames(run.clusters.map(({ cluster }) => cluster));
      const pages = sortedClusters(run).flatMap((result) =>
        workloadsIn(result).map((workload) => {
          const account = accountOf(result, workload);
          return renderWorkload(
            {
              account,
              patch: mergedPatch(account, classes.get(classKey(result.cluster, workload)) ?? []),
              checks: CATALOGUE,
              compared: !firstRun && result.firstRun !== true,
              again: `${PROGRAM} audit ${shellWord(workloadName(workload))}`,
              before: [kubeconfigOf(result.cluster)].filter((command) => command !== null),
              nameOf,
              now: run.run.startedAt,
            },
            look,
          );
        }),
      );
      return `${pages.join('\n\n')}\n${narrowedLine(code, pages.length, canvasOf(look))}\n`;
    },
  };

  /** Those that were read in it, and those that only rows speak of, such as one that is gone. */
  function workloadsIn(result: ClusterResult): readonly WorkloadRef[] {
    const rows = [...rowsOf({ clusters: [result] })];
    const read = [...seen.values()].filter((workload) => classes.has(classKey(result.cluster, workload)));
    const found = new Map([...read, ...rows].filter(wanted).map((one) => [workloadKey(one), one]));
    return [...found.values()].sort(compareWorkloads);
  }
}

const classKey = (cluster: ClusterIdentity, workload: WorkloadRef): string =>
  `${clusterRowKey(cluster)}\n${workloadKey(workload)}`;

function* rowsOf({ clusters }: Pick<RunResult, 'clusters'>): Generator<WorkloadRef> {
  for (const { findings, notEvaluated } of clusters) {
    for (const { workload } of findings) yield workload;
    for (const { workload } of notEvaluated) if (workload !== null) yield workload;
  }
}

/** What was probably meant: the same name elsewhere, or a name that is nearly the same. */
function meant(name: string, there: readonly WorkloadRef[]): string {
  const parts = name.split('/');
  const own = parts.at(-1) ?? '';
  const sameName = there.find((workload) => workload.name === own);
  const namespaces = [...new Set(there.map(({ namespace }) => namespace))];
  if (own === '') {
    const near = nearest(parts[0] ?? '', namespaces);
    return near === null ? '.' : `; did you mean ${near}/?`;
  }
  if (sameName !== undefined) return `; did you mean ${workloadName(sameName)}?`;
  const texts = there.map(({ namespace, kind, name: of }) =>
    parts.length === 3 ? `${namespace}/${kind}/${of}` : `${namespace}/${of}`,
  );
  const within = texts.filter((text) => text.startsWith(`${parts[0]}/`));
  const near = nearest(name, [...new Set(within)]) ?? nearest(name, [...new Set(texts)]);
  if (near !== null) return `; did you mean ${near}?`;
  const begins = within.find((text) => text.startsWith(name));
  if (begins !== undefined) return `; did you mean ${begins}?`;
  return within.length === 0
    ? `: no workload of namespace ${parts[0]} was read.`
    : `; ${PROGRAM} audit ${shellWord(`${parts[0]}/`)} shows all of that namespace.`;
}
