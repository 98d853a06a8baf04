import type { RunResult } from '../../findings/run-result.ts';
import type { ListedWorkload } from '../../report/listed-workload.ts';
import type { FailOn } from '../exit-code.ts';
import type { CheckTitle } from './findings.ts';
import type { View } from './view.ts';

export interface AuditPage {
  /** What of the run is listed. */
  readonly run: RunResult;
  /** All of it, of which the verdict and the exit code speak. @defaultValue `run` */
  readonly whole?: RunResult;
  /** Worst first; only workloads with active findings. */
  readonly ranked: readonly ListedWorkload[];
  /** The catalogue, for titles. */
  readonly checks: readonly CheckTitle[];
  readonly exit: ExitFacts;
  /** Where the report set was written; `null` when it was not asked for. */
  readonly reportLocation: string | null;
  readonly view: View;
}

export interface ExitFacts {
  readonly code: number;
  readonly failOn: FailOn;
  readonly allowIncomplete: boolean;
}
