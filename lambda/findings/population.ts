import { DAY } from '../inventory/durations.ts';
import { compareText } from '../inventory/workload.ts';

/** What runs in a cluster, whatever was found about it; namespaces that the configuration leaves out are not in it. */
export interface ClusterPopulation {
  /** Running pods by age: up to each of {@link AGE_DAYS}, then older ones, then those without a start time. */
  readonly ages: readonly number[];
  /** Sorted by name. */
  readonly namespaces: readonly NamespacePopulation[];
}

export interface NamespacePopulation {
  readonly namespace: string;
  readonly workloads: number;
  readonly pods: number;
}

/** Bounds of ages, in days. */
export const AGE_DAYS = [1, 7, 30, 90] as const;

/** The place in {@link ClusterPopulation.ages}; a start that is still to come is none that is old. */
export function ageBucket(startedAt: number, now: number): number {
  const days = (now - startedAt) / DAY;
  const found = AGE_DAYS.findIndex((bound) => days < bound);
  return found < 0 ? AGE_DAYS.length : found;
}

export const noAges = (): number[] => Array.from({ length: AGE_DAYS.length + 2 }, () => 0);

/** Of parts no two of which have a namespace in common; `undefined` where one of them does not say it. */
export function joinPopulations(
  parts: readonly (ClusterPopulation | undefined)[],
): ClusterPopulation | undefined {
  const known = parts.filter((part) => part !== undefined);
  if (known.length < parts.length) return undefined;
  return {
    ages: noAges().map((_, index) => known.reduce((sum, { ages }) => sum + (ages[index] ?? 0), 0)),
    namespaces: known
      .flatMap(({ namespaces }) => namespaces)
      .sort((a, b) => compareText(a.namespace, b.namespace)),
  };
}
