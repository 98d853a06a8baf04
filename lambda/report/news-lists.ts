import type { Finding } from '../findings/finding.ts';
import type { FoldedCause } from '../findings/fold-causes.ts';

/** What a mail is about, sorted into what it says. Lists hold what is at or above the severity that the mail reports. */
export interface NewsLists {
  /** New, or found by a run whose mail was not sent. */
  readonly fresh: readonly Finding[];
  readonly fixed: readonly Finding[];
  readonly gone: readonly Finding[];
  /** Of every severity, and those of managed workloads too: what is no longer asked must not go unsaid. */
  readonly withdrawn: readonly Finding[];
  /** Fresh only because the configuration or the program was changed; of every severity, and not in {@link fresh}. */
  readonly asked: readonly Finding[];
  /** Of clusters that no run knew before, in a run that is not the first; of every severity, and not in {@link fresh}. */
  readonly added: readonly Finding[];
  /** They were exempt, and are not any more; also of runs whose mails were not sent. */
  readonly ended: readonly Finding[];
  /** Known, and worse than in the last run; exempt ones too. */
  readonly changed: readonly Finding[];
  /** The same, less severe than what the mail reports. */
  readonly changedBelow: number;
  /** Not in {@link fresh} since they are less severe than what the mail reports. */
  readonly freshBelow: number;
  /** Every severity: all that is new or open, without what stands apart, as the changes that remove it; first things first. */
  readonly open: readonly FoldedCause[];
}
