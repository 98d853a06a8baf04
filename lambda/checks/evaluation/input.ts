import type { Config, Limits } from '../../config/config.ts';
import type { EgressView } from '../../egress/answers/egress-view.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import type { PodClass } from '../../inventory/pod-class.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import type { AnyCheck } from '../check.ts';
import type { FormerConfig } from './former.ts';

export interface EvaluateInput {
  readonly inventory: Inventory;
  /** Those of the inventory, each asked for once and in order, after everything that looks at all of them. */
  readonly classes: Iterable<PodClass>;
  readonly checks: readonly AnyCheck[];
  readonly config: Config;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly limitsOf: (subject: PodClass) => Limits;
  readonly egressOf: (subject: PodClass) => EgressView;
  readonly mesh: Mesh;
  /** Of the last run, where it was another one: to tell what was fixed from what is no longer asked. */
  readonly former?: FormerConfig | undefined;
  /**
   * Asked before each workload and each of its classes, before each check of objects, and within long computations;
   * what is left then is not evaluated. @defaultValue never
   */
  readonly stops?: (() => boolean) | undefined;
}
