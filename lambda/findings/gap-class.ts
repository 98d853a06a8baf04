import type { GapReason } from '../inventory/gap.ts';
import type { FormerCoverage } from './former-coverage.ts';
import type { GapClass, NotEvaluated } from './not-evaluated.ts';

/**
 * What no right, network or setting decides. Workloads without a running pod come and go by themselves: a Job that
 * happens to have ended is no coverage that somebody has taken away.
 */
const KNOWN: ReadonlySet<GapReason> = new Set(['platform', 'no-running-pod', 'no-digest', 'cache-time-only']);

/** What comes and goes by itself: once it is no loss; a second time in a row somebody should look. */
const FLEETING: ReadonlySet<GapReason> = new Set(['not-sampled', 'scan-unsettled']);

/** Rights: what a new version asks for is missing where it was deployed without its new rights. */
const RIGHTS: ReadonlySet<GapReason> = new Set(['forbidden', 'unauthorized']);

export interface GapContext {
  /** What the last run could decide of the cluster; `null`: there is none, or it is not known. */
  readonly former: FormerCoverage | null;
  /** The last run was another version of the program, so that it may not have asked for the same rights. */
  readonly newVersion: boolean;
  /** Whether the configuration accepts it. */
  readonly isAccepted: (row: NotEvaluated) => boolean;
  /** RFC 3339: this run. */
  readonly now: string;
}

/** The row with its class, and since when it is not decided. */
export function classified(row: NotEvaluated, context: GapContext): NotEvaluated {
  const { former, now } = context;
  const before = former?.gapOf(row) ?? null;
  const gap = classOf(row, before?.gap ?? null, context);
  // What asked for nothing with its cluster and asks for something alone was in no mail.
  const isUnsaid = before?.isWider === true && before.gap === 'known' && gap !== 'known';
  return { ...row, gap, since: before === null || isUnsaid ? now : before.since };
}

/** @param before its class in the last run; `null`: it was no gap then */
function classOf(row: NotEvaluated, before: GapClass | null, context: GapContext): GapClass {
  if (context.isAccepted(row)) return 'known';
  const isKnown = KNOWN.has(row.reason);
  if (before !== null) {
    // It stays lost until it is decided again, but what no person can decide is said once.
    return isKnown ? 'known' : before === 'lost' ? 'lost' : 'fixable';
  }
  if (FLEETING.has(row.reason)) return 'known';
  const wasDecided = row.reason !== 'no-running-pod' && (context.former?.wasDecided(row) ?? false);
  if (wasDecided && !(context.newVersion && RIGHTS.has(row.reason))) return 'lost';
  return isKnown ? 'known' : 'fixable';
}
