import type { Config, Limits } from '../../config/config.ts';
import type { EgressView } from '../../egress/answers/egress-view.ts';
import type { NoLongerAsked } from '../../findings/comparison-basis.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import type { PodClass } from '../../inventory/pod-class.ts';
import type { Check } from '../check.ts';
import type { Verdict } from './verdicts.ts';

/** The configuration of the last run, with what it makes of a class of pods. */
export interface FormerConfig {
  readonly config: Config;
  readonly limitsOf: (subject: PodClass) => Limits;
  readonly egressOf: (subject: PodClass) => EgressView;
}

/** Finds out which workloads pass, and which fail, only because the configuration was changed. */
export interface FormerVerdicts {
  /**
   * @param group the classes of one workload
   * @returns whether the time was enough
   */
  look(
    group: readonly PodClass[],
    failing: readonly { readonly check: string; readonly container: string | null }[],
  ): boolean;
  found(): readonly NoLongerAsked[];
  /** What fails only because the configuration was changed. */
  newlyFailing(): readonly NoLongerAsked[];
}

type Judge = (
  group: readonly PodClass[],
  checks: readonly Check[],
  record: (verdict: Verdict) => void,
) => boolean;

/**
 * Judges the pods of today by the configuration of the last run, so that what passes by another limit is not called
 * fixed.
 *
 * @param checks Those that run now.
 * @param judge By the former configuration.
 */
export function formerVerdicts(
  former: FormerConfig | undefined,
  {
    checks,
    inventory,
  }: { readonly checks: readonly Check[]; readonly inventory: Pick<Inventory, 'measured' | 'images'> },
  judge: Judge,
): FormerVerdicts {
  const gone: NoLongerAsked[] = [];
  const come: NoLongerAsked[] = [];
  const results = { found: () => gone, newlyFailing: () => come };
  if (former === undefined) return { look: () => true, ...results };
  const { config } = former;
  const asked = checks.filter(
    (check) => config.checks[check.id] !== 'off' && (check.notAsked?.(config, inventory) ?? null) === null,
  );
  return {
    look(group, failing) {
      const fails = new Set(failing.map(({ check, container }) => JSON.stringify([check, container])));
      return judge(group, asked, ({ kind, check: { id, category }, workload, container }) => {
        const failsNow = fails.has(JSON.stringify([id, container]));
        const reason = category === 'age' ? 'limit-changed' : 'configuration-changed';
        if (kind === 'fail' && !failsNow) gone.push({ check: id, workload, container, reason });
        if (kind === 'pass' && failsNow) come.push({ check: id, workload, container, reason });
      });
    },
    ...results,
  };
}
