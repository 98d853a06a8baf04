import type { Fix } from '../../findings/finding.ts';
import { type Edit, isFromWebhook, SIZE_LIMIT } from '../edits.ts';
import { type FixFacts, listed, objectName, originText, sentence, short } from '../facts.ts';
import { workloadKindOf } from '../kinds.ts';
import { sourceOf } from '../source.ts';

/**
 * A change of a pod template in words, where it is made: in the file, in what a tool installs it from, or in the object.
 * It has no command, since it changes what the program may do: a patch is written by the command `fixes`, and read first.
 */
export function templateFix(facts: FixFacts, edits: readonly Edit[]): Fix {
  return {
    text: `${placeOf(facts)}, ${listed(edits.map(actionOf))}.${hint(edits)}`,
    command: null,
    risk: [...new Set(edits.map(riskOf)), ...rolloutRisk(facts)].join(' '),
  };
}

/** A container that a webhook adds is in no template. */
export function webhookFix(container: string, facts: FixFacts): Fix | null {
  if (!isFromWebhook(container, facts.group)) return null;
  return {
    text: `A webhook adds container ${short(container)} to the pods of ${objectName(facts.workload)}: change the template or the values of the injector that it comes from.`,
    command: null,
    risk: 'It changes all pods into which the webhook injects, when they are next created.',
  };
}

/** `In the values of the Helm chart web-1.2`, `In Deployment shop/web`, `In shop.yaml:12`. */
function placeOf(facts: FixFacts): string {
  const { workload, group, origin } = facts;
  const name = objectName(workload);
  if (origin !== null) return `In ${originText(origin)}, ${name}`;
  if (group.some(({ spec }) => spec.mirror))
    return `In the file of the static pod ${short(workload.name)} on its node`;
  const source = sourceOf(group);
  if (source !== null) return `For ${name}, ${source.where}`;
  if (workload.kind === 'Pod') return `In the manifest of ${name}, which must be created again`;
  const kind = workloadKindOf(facts);
  if (kind === null) return `In the object that makes the pods of ${name}`;
  return kind.template === null ? `In the manifest of ${name}, which must be created again` : `In ${name}`;
}

function actionOf(edit: Edit): string {
  switch (edit.change) {
    case 'read-only-root':
      return `set securityContext.readOnlyRootFilesystem: true for container ${short(edit.container.name)}`;
    case 'read-only-mount': {
      const how = edit.recursive
        ? 'readOnly: true and recursiveReadOnly: Enabled, and without mountPropagation'
        : 'readOnly: true';
      return `mount volume ${short(edit.volume)} in container ${short(edit.container.name)} with ${how}`;
    }
    case 'pod-network':
      return 'remove hostNetwork';
    case 'size-limit':
      return `set emptyDir.sizeLimit of volume ${short(edit.volume)}`;
    case 'pin-image':
      return `pin container ${short(edit.container.name)} to the image that runs: ${short(edit.to, 160)}`;
  }
}

function hint(edits: readonly Edit[]): string {
  if (edits.some(({ change }) => change === 'read-only-root')) {
    return ' Mount an emptyDir where the program writes, mostly at /tmp.';
  }
  const changes = new Set(edits.map(({ change }) => change));
  if (changes.has('pod-network')) {
    return ' Until then no network policy applies to its pods. If the program needs the network of the node, accept it with an exemption.';
  }
  return changes.has('read-only-mount')
    ? ' If the program must write there, accept it with an exemption.'
    : '';
}

/**
 * Source: https://kubernetes.io/docs/concepts/storage/volumes/#recursive-read-only-mounts (which runtimes and kernels) and
 * https://github.com/kubernetes/enhancements/issues/3857 (1.30: off by default, 1.31: on). The API server drops fields
 * whose feature is off.
 */
const RECURSIVE_NEEDS =
  'It needs Kubernetes 1.31 (an older API server drops the field, and the finding stays), and on each node Linux 5.12 and a runtime that supports it, such as containerd 2.0 or CRI-O 1.30: elsewhere the pods do not start.';

function riskOf(edit: Edit): string {
  switch (edit.change) {
    case 'read-only-root':
      return 'Writes outside of volumes will fail. See first what it has written, in the container: find / -xdev -type f -newer /etc/hostname.';
    case 'read-only-mount':
      return edit.recursive
        ? `The program can no longer write there, and does not see what the node mounts below it later. ${RECURSIVE_NEEDS}`
        : 'The program can no longer write there.';
    case 'pod-network':
      return 'The pods get addresses of their own: what finds them by the address of the node no longer does, and programs that manage the network of the node break. Policies apply then; without one egress stays open.';
    case 'size-limit':
      return `A pod that writes more is evicted: measure first with du, and set more than it needs (${SIZE_LIMIT} in the file is a guess).`;
    case 'pin-image':
      return 'A new build is no longer pulled by itself: change the digest with each release.';
  }
}

/** Nothing of it is said of files, which are applied as ever. */
function rolloutRisk(facts: FixFacts): readonly string[] {
  const { workload, group, origin } = facts;
  if (origin !== null) return [];
  const renew = workloadKindOf(facts)?.renew;
  const restarts: Readonly<Record<string, string>> = {
    rollout: 'It restarts the pods.',
    argo: 'It starts a new rollout.',
    delete: 'Pods that run keep the old template until they are replaced.',
    'next-run': 'It holds from the next run on.',
    recreate: 'It ends the pods that run.',
  };
  const undone =
    sourceOf(group) === null && workload.kind !== 'Pod'
      ? ['If Helm, Argo CD or Flux manages it, change its source: they undo changes of the object.']
      : [];
  return [sentence(restarts[renew ?? ''] ?? 'It may replace the pods.'), ...undone];
}
