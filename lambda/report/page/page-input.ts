import type { ControlMapping } from '../../findings/control.ts';
import type { RankedWorkload } from '../../findings/rank.ts';
import type { DigestInput } from '../digest-input.ts';
import type { WHY_LEFT_OUT } from '../left-out.ts';
import type { TrendRow } from '../trend.ts';

/** All that `report.html` is made from. */
export interface PageInput {
  /** What the mail of the run is made from. */
  readonly digest: DigestInput;
  /** Workloads with open findings, the worst first. */
  readonly ranked: readonly RankedWorkload[];
  /** The catalogue, as far as the page shows it. */
  readonly checks: readonly PageCheck[];
  /** The effective configuration, as it is recorded; `null`: not known. */
  readonly config: object | null;
  /** What `run.json` says beside the clusters; `null`: not known, as of decisions of earlier versions. */
  readonly about: PageAbout | null;
  /** Earlier runs, oldest first; this one need not be among them. */
  readonly trend: readonly TrendRow[];
  /**
   * `clusters`: each cluster has files of its own, as in the run of a fleet, and the run none of all; `one`: the page is
   * among those of its cluster. @defaultValue the run has all
   */
  readonly of?: 'run' | 'clusters' | 'one';
  /** What the run has stored already, for whoever compares hashes. */
  readonly objects: readonly PageObject[];
}

export interface PageAbout {
  /** Of the program that decided the run; `null`: it did not run from a bundle. */
  readonly bundleSha256: string | null;
  readonly leftOut: readonly PageLeftOut[];
}

/** A cluster that was found and is no target, or an account that was found and is not asked. */
export interface PageLeftOut {
  readonly name: string;
  readonly arn: string | null;
  readonly reason: keyof typeof WHY_LEFT_OUT;
}

export interface PageCheck {
  readonly id: string;
  readonly title: string;
  readonly category: string;
  readonly controls: readonly ControlMapping[];
  /** A command that shows whether it still fails, with words such as `NAMESPACE` in place of names. */
  readonly verify: string;
}

export interface PageObject {
  readonly key: string;
  readonly bytes: number;
  readonly sha256: string;
}
