import { stringify } from 'yaml';
import { patchCommand } from '../../fixes/commands.ts';
import { editsOf } from '../../fixes/edits.ts';
import { jsonPatch } from '../../fixes/json-patch.ts';
import { sourceOf } from '../../fixes/source.ts';
import { strategicPatch } from '../../fixes/strategic-patch.ts';
import type { PodClass } from '../../inventory/pod-class.ts';
import type { WorkloadAccount } from '../../report/workload-account.ts';
import type { Patch } from '../render/workload-fix.ts';

/**
 * One patch of the template of a workload that removes all causes which such a patch can remove.
 *
 * @param group the classes of the workload
 */
export function mergedPatch(
  { workload, causes, managedBy }: Pick<WorkloadAccount, 'workload' | 'causes' | 'managedBy'>,
  group: readonly PodClass[],
): Patch | null {
  // Whoever manages it would undo the change, and what a chart installs is changed by its values.
  if (managedBy !== null || sourceOf(group)?.patchable === false) return null;
  const facts = { workload, group };
  const edits = causes.map(({ cause }) => editsOf(cause, group));
  const all = edits.flat();
  const patch = strategicPatch(facts, all) ?? jsonPatch(facts, all);
  if (patch === null) return null;
  const command = patchCommand(facts, 'patch.yaml');
  return {
    yaml: stringify(patch, { lineWidth: 0 }),
    causes: edits.filter((one) => one.length > 0).length,
    command:
      command === null || group.some(({ source }) => source === 'template')
        ? null
        : `${command} --dry-run=server`,
  };
}
