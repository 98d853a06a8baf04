import {
  compareScored,
  type DrawnPatch,
  MOST_PATCHED,
  type Scored,
  type WorkloadPatches,
  worstPatches,
} from '../../findings/drawn-patch.ts';
import type { Finding } from '../../findings/finding.ts';
import { foldCauses } from '../../findings/fold-causes.ts';
import { type RankOptions, scoreOf } from '../../findings/rank.ts';
import { patchOfCause } from '../../fixes/files.ts';
import type { PodClass } from '../../inventory/pod-class.ts';
import { workloadKey } from '../../inventory/workload.ts';

/** Draws patches for the worst workloads while their templates are at hand: rows do not hold them. */
export interface PatchDrawer {
  /** @param group the classes of one workload, of which `found` is what fails */
  look(group: readonly PodClass[], found: readonly Finding[]): void;
  drawn(): readonly WorkloadPatches[];
}

/** Of one workload; a reader takes one after the other. */
const MOST_OF_WORKLOAD = 8;
/** Characters of JSON: longer ones are for files. */
const LONGEST = 4096;

/** Its memory does not grow with the cluster: of all but the worst workloads nothing is kept. */
export function patchDrawer(options: RankOptions): PatchDrawer {
  let kept: readonly WorkloadPatches[] = [];
  /** The least of those that were kept when there were last enough. */
  let least: Scored | null = null;
  return {
    look(group, found) {
      const own = found.filter(({ managedBy }) => managedBy == null);
      const [first] = own;
      if (first === undefined) return;
      const one = { score: scoreOf(own, options), workload: workloadKey(first.workload) };
      if (least !== null && compareScored(one, least) > 0) return;
      const patches = patchesOf(group, own);
      if (patches.length === 0) return;
      kept = [...kept, { ...one, patches }];
      // Sorted now and then, not each time.
      if (kept.length < 2 * MOST_PATCHED) return;
      kept = worstPatches(kept);
      least = kept.at(-1) ?? null;
    },
    drawn: () => worstPatches(kept),
  };
}

const patchesOf = (group: readonly PodClass[], found: readonly Finding[]): readonly DrawnPatch[] =>
  foldCauses(found)
    .flatMap((folded): readonly DrawnPatch[] => {
      const file = patchOfCause(folded, group);
      const [document] = file?.documents ?? [];
      if (file === null || document === undefined || JSON.stringify(document).length > LONGEST) return [];
      const { name, notes, before, command } = file;
      return [{ cause: folded.cause.id, name, notes, before, document, command: command(`${name}.yaml`) }];
    })
    .slice(0, MOST_OF_WORKLOAD);
