import type { CauseKind, CauseObject } from '../findings/cause.ts';
import { MESH_ANNOTATIONS } from '../inventory/annotations.ts';
import type { ContainerFacts, ContainerType } from '../inventory/pod.ts';
import type { PodClass } from '../inventory/pod-class.ts';
import { isUnbounded, mayHoldMounts } from '../inventory/volumes.ts';
import { pinnedImage } from './pinned-image.ts';

/** A container of a template, where it lies. */
export interface Place {
  readonly name: string;
  readonly type: ContainerType;
  /** Its index among those of its list, as far as the pod tells. */
  readonly index: number;
  /** Whether it surely has a security context of its own. */
  readonly secured: boolean;
}

/** One change of a pod template. */
export type Edit =
  | { readonly change: 'read-only-root'; readonly container: Place }
  | {
      readonly change: 'read-only-mount';
      readonly container: Place;
      readonly volume: string;
      readonly path: string;
      /** With what is mounted below it. */
      readonly recursive: boolean;
    }
  | { readonly change: 'pod-network' }
  | { readonly change: 'size-limit'; readonly volume: string }
  | {
      readonly change: 'pin-image';
      readonly container: Place;
      readonly from: string;
      readonly to: string;
    };

/** A limit to begin with: what a volume needs is not known. */
export const SIZE_LIMIT = '1Gi';

/**
 * The changes of the template that remove a cause, as far as there are such.
 *
 * @param group the classes of one workload
 */
export function editsOf(
  { kind, object }: { readonly kind: CauseKind; readonly object: CauseObject },
  group: readonly PodClass[],
): readonly Edit[] {
  const part = partOf(object);
  switch (kind) {
    case 'writable-root':
      return distinct(
        containersOf(group, part).flatMap(({ place }): readonly Edit[] =>
          place.type === 'ephemeral' ? [] : [{ change: 'read-only-root', container: place }],
        ),
      );
    case 'node-path':
      return distinct(containersOf(group, part).flatMap((found) => mountEdits(found, part)));
    case 'host-network':
      return group.some(({ spec }) => spec.hostNetwork) ? [{ change: 'pod-network' }] : [];
    case 'unbounded-volume':
      return distinct(
        group.flatMap(({ spec }) =>
          spec.volumes
            .filter((volume) => isUnbounded(volume) && isMeant(part, 'volume', volume.name))
            .map(({ name }): Edit => ({ change: 'size-limit', volume: name })),
        ),
      );
    case 'image-behind': {
      // Only a name that can change is mended by another one: an old image needs a newer one.
      if (part === null) return [];
      const edits = distinct(containersOf(group, part).flatMap(pinEdits));
      // Where pods run different images of one tag, none of them is the right one.
      const names = edits.map((edit) => (edit.change === 'pin-image' ? edit.container.name : ''));
      return new Set(names).size === names.length ? edits : [];
    }
    default:
      return [];
  }
}

interface Found {
  readonly place: Place;
  readonly facts: ContainerFacts;
  readonly subject: PodClass;
}

/** Injected by webhooks: templates do not hold them. What is alone in its pod, as in a gateway, its template holds. */
const isInjected = (name: string, { spec: { annotations, containers } }: PodClass): boolean => {
  const status = annotations?.[MESH_ANNOTATIONS.status] ?? '';
  const isMarked = (one: string): boolean => INJECTED.has(one) || status.includes(`"${one}"`);
  return (
    isMarked(name) && containers.some(({ name: other, type }) => type === 'container' && !isMarked(other))
  );
};

/**
 * Containers that admission webhooks put into pods, by the name that their projects give them. Sources:
 * https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/,
 * https://linkerd.io/2/features/proxy-injection/, https://developer.hashicorp.com/vault/docs/platform/k8s/injector
 */
const INJECTED: ReadonlySet<string> = new Set([
  'istio-proxy',
  'istio-init',
  'istio-validation',
  'linkerd-proxy',
  'linkerd-init',
  'vault-agent',
  'vault-agent-init',
]);

/** Whether a webhook adds the container, so that no edit of the template can change it. */
export const isFromWebhook = (name: string, group: readonly PodClass[]): boolean =>
  group.some((subject) => subject.source === 'pod' && isInjected(name, subject));

/** Names of the containers of a workload that a cause is about. */
export const containersMeant = (object: CauseObject, group: readonly PodClass[]): readonly string[] => {
  const part = partOf(object);
  const all = group.flatMap(({ spec }) => spec.containers);
  const meant = all.filter(
    ({ name, image }) =>
      part !== null && isMeant(part, 'container', name) && isMeant(part, 'image', image ?? ''),
  );
  return part?.of === 'volume' ? [] : [...new Set(meant.map(({ name }) => name))];
};

function containersOf(group: readonly PodClass[], part: Part): readonly Found[] {
  return group.flatMap((subject) => {
    const ofTemplate = subject.spec.containers.filter(
      ({ name }) => subject.source === 'template' || !isInjected(name, subject),
    );
    return ofTemplate
      .filter(({ name, image }) => isMeant(part, 'container', name) && isMeant(part, 'image', image ?? ''))
      .map((facts) => ({ place: placeOf(facts, ofTemplate), facts, subject }));
  });
}

function placeOf(facts: ContainerFacts, all: readonly ContainerFacts[]): Place {
  const { name, type } = facts;
  const list = all.filter((other) => listOf(other.type) === listOf(type));
  const secured = [facts.readOnlyRootFilesystem, facts.runAsNonRoot, facts.runAsUser].some(
    (one) => one !== null,
  );
  return { name, type, index: list.indexOf(facts), secured };
}

/** The list of a pod spec that holds containers of a type. Native sidecars are init containers (KEP-753). */
export const listOf = (type: ContainerType): 'containers' | 'initContainers' | 'ephemeralContainers' =>
  type === 'container' ? 'containers' : type === 'ephemeral' ? 'ephemeralContainers' : 'initContainers';

function mountEdits({ place, facts, subject }: Found, part: Part): readonly Edit[] {
  const paths = new Map(
    subject.spec.volumes.flatMap((volume) =>
      volume.type === 'hostPath' ? [[volume.name, volume.path]] : [],
    ),
  );
  return facts.mounts.flatMap(({ volume, path, readOnly, recursiveReadOnly }): readonly Edit[] => {
    const onNode = paths.get(volume);
    if (onNode === undefined || recursiveReadOnly === 'Enabled' || !isMeant(part, 'volume', volume))
      return [];
    const recursive = mayHoldMounts(onNode);
    if (readOnly && !recursive) return [];
    return [{ change: 'read-only-mount', container: place, volume, path, recursive }];
  });
}

function pinEdits({ place, facts: { image, imageId } }: Found): readonly Edit[] {
  const to = image === null || imageId === null ? null : pinnedImage(image, imageId);
  return image === null || to === null ? [] : [{ change: 'pin-image', container: place, from: image, to }];
}

/** What of the workload is meant: containers, volumes or images by name; all where nothing says it. */
type Part = { readonly of: PartKind; readonly names: ReadonlySet<string> } | null;

type PartKind = 'container' | 'volume' | 'image';

function partOf({ part }: CauseObject): Part {
  const found = /^(?:(?<of>container|volume)s?|image) (?<names>.+)$/s.exec(part ?? '')?.groups;
  if (found === undefined) return null;
  const { of, names = '' } = found;
  if (of === undefined) return { of: 'image', names: new Set([names]) };
  return { of: of === 'volume' ? 'volume' : 'container', names: new Set([names, ...names.split(', ')]) };
}

const isMeant = (part: Part, of: PartKind, name: string): boolean =>
  part === null || part.of !== of || part.names.has(name);

/** Classes of one workload mostly want the same. */
function distinct(edits: readonly Edit[]): readonly Edit[] {
  if (edits.length < 2) return edits;
  const seen = new Map<string, Edit>();
  for (const edit of edits) {
    const key = JSON.stringify('container' in edit ? { ...edit, container: edit.container.name } : edit);
    if (!seen.has(key)) seen.set(key, edit);
  }
  return [...seen.values()];
}
