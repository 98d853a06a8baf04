import type { FixFacts } from './facts.ts';
import { type KindFacts, workloadKindOf } from './kinds.ts';
import { isObjectName, shellWord } from './shell.ts';

/** Whether the names are some that a cluster may hold, so that a command with them can work. */
const isReal = ({ workload: { namespace, name } }: Pick<FixFacts, 'workload'>): boolean =>
  isObjectName(namespace) && isObjectName(name);

/** `deployments.apps/web`; `null` where kubectl has no name for it. */
function target(facts: KindFacts): string | null {
  const kind = workloadKindOf(facts);
  return kind === null ? null : `${kind.resource}/${facts.workload.name}`;
}

const kubectl = (namespace: string, ...words: readonly string[]): string =>
  ['kubectl', '-n', namespace, ...words].map(shellWord).join(' ');

/** Starts the pods of a workload anew where kubectl has a command for its kind. */
export function restartCommand(facts: FixFacts): string | null {
  const { workload } = facts;
  const renew = workloadKindOf(facts)?.renew;
  const object = target(facts);
  if (!isReal(facts) || object === null) return null;
  if (renew === 'rollout') return kubectl(workload.namespace, 'rollout', 'restart', object);
  return renew === 'argo'
    ? ['kubectl', 'argo', 'rollouts', 'restart', workload.name, '-n', workload.namespace]
        .map(shellWord)
        .join(' ')
    : null;
}

/** Deletes pods, which their controller makes again; `null` where they are not known by name. */
export function deleteCommand(facts: FixFacts, names: readonly string[]): string | null {
  const sure = names.length > 0 && isReal(facts) && names.every(isObjectName);
  return sure ? kubectl(facts.workload.namespace, 'delete', 'pod', ...names) : null;
}

/** Runs a program in a container; kubectl finds a pod of the kinds of Kubernetes by itself. */
export function execCommand(
  facts: Pick<FixFacts, 'workload' | 'group' | 'pods'>,
  container: string,
  program: readonly string[],
): string | null {
  if (!isReal(facts) || facts.group.some(({ source }) => source === 'template')) return null;
  const renew = workloadKindOf(facts)?.renew;
  const object = renew === 'rollout' ? target(facts) : facts.pods.names[0];
  if (object == null) return null;
  return kubectl(facts.workload.namespace, 'exec', object, '-c', container, '--', ...program);
}

/** Applies a patch that was written to a file; `null` where the API server would refuse it in any case. */
export function patchCommand(facts: KindFacts, file: string): string | null {
  const { workload } = facts;
  const kind = workloadKindOf(facts);
  if (kind?.template == null || !isReal(facts)) return null;
  const type = kind.patch === 'json' ? ['--type', 'json'] : [];
  return kubectl(workload.namespace, 'patch', kind.resource, workload.name, ...type, '--patch-file', file);
}
