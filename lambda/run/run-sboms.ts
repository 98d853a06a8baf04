import { remainingMs } from '../audit/budget.ts';
import type { Config } from '../config/config.ts';
import { SECOND } from '../inventory/durations.ts';
import type { Shortfall } from '../report/news.ts';
import { count } from '../report/words.ts';
import { orShortfall } from '../store/shortfall.ts';
import type { ReportStore } from '../store/store.ts';
import { timeLimit } from '../time-limit.ts';
import { openSbomCollector, type SbomCollector } from './collect-sboms.ts';

const PART = 'the SBOMs of running images';

/** Takes SBOMs during a run, where the configuration asks for them. What the store refuses is said with the run. */
export async function openSboms(
  { store, config, now }: { readonly store: ReportStore; readonly config: Config; readonly now: number },
  shortfalls: Shortfall[],
): Promise<SbomCollector | null> {
  if (config.images.registry !== 'sbom-collect') return null;
  return orShortfall(PART, shortfalls, () => openSbomCollector(store, now));
}

/** So much of the time that is kept for the record it may take at most, where reading has taken all of its own. */
const LEAST_MS = 5 * SECOND;

export interface FinishTime {
  /** Ends the reading; see `startBudget`. */
  readonly signal: AbortSignal;
  /** @defaultValue five seconds */
  readonly leastMs?: number;
}

/**
 * Makes what was taken searchable. Recording and sending come after it, and must have their time: what is not indexed by then
 * is said, and left to the next run.
 */
export async function finishSboms(
  sboms: SbomCollector | null,
  shortfalls: Shortfall[],
  time?: FinishTime,
): Promise<void> {
  if (sboms === null) return;
  const left = remainingMs(time?.signal);
  const limit = left === null ? null : timeLimit(Math.max(left, time?.leastMs ?? LEAST_MS), undefined);
  try {
    const done = await orShortfall(PART, shortfalls, () => sboms.finish(limit?.signal));
    const late = done?.late ?? 0;
    if (late > 0) {
      const of = count(late, 'image');
      const problem = `There was no time left to index those of ${of}; the next run does it.`;
      shortfalls.push({ part: PART, problem });
    }
  } finally {
    limit?.end();
  }
}
