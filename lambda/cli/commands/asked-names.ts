import { UsageError } from '../../errors.ts';
import type { ClusterResult } from '../../findings/run-result.ts';
import { inParallel } from '../../in-parallel.ts';
import { type CompareOptions, compareWithState } from '../../run/compare-with-state.ts';
import type { ReportStore } from '../../store/store.ts';

/** @throws UsageError when a name was given that is in none of these results */
type Check = (run: { readonly clusters: readonly ClusterResult[] }) => void;

/** States that are read at once. */
const AT_ONCE = 8;

/**
 * Refuses names that are not there before anything is recorded: wrong usage leaves no run behind. What is gone since the
 * last run is there in its state only.
 *
 * @throws UsageError as `check` does
 */
export async function refuseUnknownNames(
  check: Check,
  clusters: readonly ClusterResult[],
  { store, ...options }: Omit<CompareOptions, 'shortfalls'> & { readonly store: ReportStore | null },
): Promise<void> {
  try {
    check({ clusters });
  } catch (error) {
    if (store === null || !(error instanceof UsageError)) throw error;
    const compared = await inParallel(clusters, AT_ONCE, (result) =>
      compareWithState(store, result, { ...options, shortfalls: [] }),
    );
    check({
      clusters: compared.map(({ result, closed }) => ({
        ...result,
        findings: [...result.findings, ...closed],
      })),
    });
  }
}
