import { type Edit, listOf, SIZE_LIMIT } from './edits.ts';
import { type KindFacts, workloadKindOf } from './kinds.ts';

type Fields = { [key: string]: unknown };

/**
 * A strategic merge patch for `kubectl patch`, and for kustomize, which finds the object by its kind and name: lists are
 * merged by the names of containers and volumes and by the paths of mounts, so that nothing else is touched.
 * Source: https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/
 *
 * @returns null for kinds that it does not apply to
 */
export function strategicPatch(facts: KindFacts, edits: readonly Edit[]): object | null {
  const { workload } = facts;
  const kind = workloadKindOf(facts);
  if (kind?.template == null || kind.patch !== 'strategic' || edits.length === 0) return null;
  const head = {
    apiVersion: kind.apiVersion,
    kind: workload.kind,
    metadata: { name: workload.name, namespace: workload.namespace },
  };
  const template = { spec: podPatch(edits) };
  return { ...head, ...kind.template.reduceRight<object>((inner, step) => ({ [step]: inner }), template) };
}

/**
 * The API server refuses `recursiveReadOnly` beside another propagation; None is what a mount without one has. Source:
 * k8s.io/kubernetes, pkg/apis/core/validation/validation.go, validateMountRecursiveReadOnly.
 */
const RECURSIVE = { recursiveReadOnly: 'Enabled', mountPropagation: 'None' } as const;

/** What changes in a pod spec. */
function podPatch(edits: readonly Edit[]): object {
  const spec: Fields = {};
  const lists = new Map<string, Map<string, Fields>>();
  const elementOf = (list: string, name: string): Fields => {
    const elements = lists.get(list) ?? new Map<string, Fields>();
    lists.set(list, elements);
    const known = elements.get(name) ?? { name };
    elements.set(name, known);
    return known;
  };
  for (const edit of edits) {
    switch (edit.change) {
      case 'pod-network':
        spec['hostNetwork'] = false;
        break;
      case 'size-limit':
        elementOf('volumes', edit.volume)['emptyDir'] = { sizeLimit: SIZE_LIMIT };
        break;
      default:
        changeContainer(elementOf(listOf(edit.container.type), edit.container.name), edit);
    }
  }
  for (const [list, elements] of lists) spec[list] = [...elements.values()];
  return spec;
}

function changeContainer(container: Fields, edit: Extract<Edit, { readonly container: unknown }>): void {
  switch (edit.change) {
    case 'read-only-root':
      container['securityContext'] = { readOnlyRootFilesystem: true };
      break;
    case 'pin-image':
      container['image'] = edit.to;
      break;
    case 'read-only-mount': {
      const { volume, path, recursive } = edit;
      const known = container['volumeMounts'];
      const mount = {
        name: volume,
        mountPath: path,
        readOnly: true,
        ...(recursive ? RECURSIVE : {}),
      };
      container['volumeMounts'] = [...(Array.isArray(known) ? known : []), mount];
    }
  }
}
