import type { Cause, CauseKind } from '../../findings/cause.ts';
import type { RankedWorkload } from '../../findings/rank.ts';
import { isObjectName } from '../../fixes/shell.ts';
import { PROGRAM, sourceOfCluster } from '../own-commands.ts';

/** Changes of a template or of the policies of a namespace, which `fixes --write` makes files of. */
const WITH_FILES: ReadonlySet<CauseKind> = new Set([
  'writable-root',
  'node-path',
  'host-network',
  'unbounded-volume',
  'no-egress-policy',
]);

/** Static pods and pods without a controller have no template that a patch could change. */
const KIND = /^(?!Pod$)[A-Z][A-Za-z0-9]*$/;

/**
 * The command that writes patches and draft policies for a workload: they need what the cluster holds, which no row does.
 *
 * @param isShown whether the patch for a cause is on the page already
 * @returns `null` where there is no file to make, or the names or the cluster are none that a command can name
 */
export function patchCommand(
  { cluster, workload, findings }: RankedWorkload,
  isShown: (cause: Cause) => boolean,
): string | null {
  const source = sourceOfCluster(cluster);
  const { namespace, kind, name } = workload;
  const isNamed = source !== '' && KIND.test(kind) && isObjectName(namespace) && isObjectName(name);
  const hasFiles = findings.some(
    ({ cause, managedBy }) =>
      managedBy == null && cause != null && WITH_FILES.has(cause.kind) && !isShown(cause),
  );
  return isNamed && hasFiles ? `${PROGRAM} fixes ${namespace}/${kind}/${name}${source} --write fixes` : null;
}
