import { type Command, Option } from 'commander';
import { CATALOGUE } from '../checks/catalogue.ts';
import { CHECKS_HINT } from '../config/fields.ts';
import { didYouMean } from '../config/suggest.ts';
import { UsageError } from '../errors.ts';
import { type Finding, STATUSES } from '../findings/finding.ts';
import type { RunResult } from '../findings/run-result.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { narrowed } from '../report/narrow.ts';
import { isAtLeast, SEVERITIES, type Severity } from '../severity.ts';

/** Flags that change what is shown, and not what is judged, recorded or exited with (SPEC §4). */
export interface NarrowingOptions {
  readonly namespace?: readonly string[];
  readonly check?: readonly string[];
  readonly severity?: Severity;
  readonly status?: readonly string[];
}

const collect = (value: string, previous: readonly string[] = []): readonly string[] => [...previous, value];

export function withNarrowing(command: Command): Command {
  return command
    .option('-n, --namespace <name>', 'show what concerns this namespace (repeatable)', collect)
    .option('--check <id>', 'show what this check says (repeatable)', collect)
    .addOption(
      new Option('--severity <level>', 'show findings that are at least as severe').choices([...SEVERITIES]),
    )
    .option(
      '--status <status>',
      `show findings of this status: ${STATUSES.join(', ')} (repeatable)`,
      collect,
    );
}

export interface Narrowing {
  /** Remembers which namespaces there are. */
  see(inventory: Inventory): void;
  /** @throws UsageError when a namespace was named that is not there, with the one that was probably meant */
  check(run: Pick<RunResult, 'clusters'>): void;
  /** The run with what is to be shown; the run itself where nothing narrows. */
  narrow(run: RunResult): RunResult;
}

/** @throws UsageError for a check or status that does not exist, and beside names of workloads */
export function narrowingOf(options: NarrowingOptions, workloads: readonly string[]): Narrowing {
  const { namespace: namespaces, check: checks, severity, status: statuses } = options;
  const given = [namespaces, checks, severity, statuses].some((one) => one !== undefined);
  if (!given) return { see: () => {}, check: () => {}, narrow: (run) => run };
  if (workloads.length > 0) {
    throw new UsageError(
      'Name workloads, or narrow by -n, --check, --severity and --status, not both: of a workload all is shown.',
    );
  }
  const ids = CATALOGUE.map(({ id }) => id);
  for (const id of checks ?? []) refuseUnknown('check', id, ids);
  for (const status of statuses ?? []) refuseUnknown('status', status, STATUSES);

  const there = new Set<string>();
  const isIn = (namespace: string): boolean => namespaces?.includes(namespace) ?? true;
  const isOf = (check: string): boolean => checks?.includes(check) ?? true;
  return {
    see({ classes }) {
      for (const { workload } of classes) there.add(workload.namespace);
    },
    check({ clusters }) {
      for (const { findings, notEvaluated, excluded = [] } of clusters) {
        for (const { workload } of findings) there.add(workload.namespace);
        for (const { workload } of notEvaluated) if (workload !== null) there.add(workload.namespace);
        for (const { namespace } of excluded) there.add(namespace);
      }
      // It may be in what could not be read.
      if (clusters.some(({ outcome }) => outcome === 'failed')) return;
      for (const name of namespaces ?? []) refuseUnknown('namespace', name, [...there].sort());
    },
    narrow: (run) =>
      narrowed(run, {
        finding: (finding: Finding) =>
          isIn(finding.workload.namespace) &&
          isOf(finding.check) &&
          (severity === undefined || isAtLeast(finding.severity, severity)) &&
          (statuses?.includes(finding.status) ?? true),
        // What is open for a whole cluster, or for the whole audit, may be about what was asked for.
        notEvaluated: ({ workload, check }) =>
          (workload === null || isIn(workload.namespace)) && (isOf(check) || !ids.includes(check)),
      }),
  };
}

function refuseUnknown(what: string, given: string, known: readonly string[]): void {
  if (known.includes(given)) return;
  const hint = what === 'check' ? CHECKS_HINT : undefined;
  const where = what === 'namespace' ? ' in what was audited' : '';
  throw new UsageError(`There is no ${what} "${given}"${where}${didYouMean(given, known, hint)}`);
}
