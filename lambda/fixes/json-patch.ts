import { type Edit, listOf, type Place } from './edits.ts';
import { type KindFacts, workloadKindOf } from './kinds.ts';

export type Operation = {
  readonly op: 'test' | 'add' | 'replace';
  readonly path: string;
  readonly value: unknown;
};

/**
 * A JSON patch (RFC 6902) for kinds whose lists the API server cannot merge by name. What it changes is tested before, so
 * that it is refused where the template is not as the pods are: they may have more containers than it, or another order.
 *
 * @returns null where the place of an edit is not known
 */
export function jsonPatch(facts: KindFacts, edits: readonly Edit[]): readonly Operation[] | null {
  const kind = workloadKindOf(facts);
  if (kind?.template == null || kind.patch !== 'json' || edits.length === 0) return null;
  const spec = `/${[...kind.template, 'spec'].map(token).join('/')}`;
  const operations = edits.map((edit) => operationsOf(edit, spec));
  return operations.some((one) => one === null) ? null : operations.flatMap((one) => one ?? []);
}

function operationsOf(edit: Edit, spec: string): readonly Operation[] | null {
  switch (edit.change) {
    case 'pod-network':
      return [
        { op: 'test', path: `${spec}/hostNetwork`, value: true },
        { op: 'replace', path: `${spec}/hostNetwork`, value: false },
      ];
    case 'read-only-root':
      return [...named(edit.container, spec), ...readOnlyRoot(edit.container, spec)];
    case 'pin-image': {
      const path = `${placePath(edit.container, spec)}/image`;
      return [
        ...named(edit.container, spec),
        { op: 'test', path, value: edit.from },
        { op: 'replace', path, value: edit.to },
      ];
    }
    // Of volumes and mounts only some are read, so that their places are not known.
    case 'read-only-mount':
    case 'size-limit':
      return null;
  }
}

const named = (place: Place, spec: string): readonly Operation[] => [
  { op: 'test', path: `${placePath(place, spec)}/name`, value: place.name },
];

/**
 * `add` would replace a security context with all that it holds. Where it is not known whether there is one, `test` with
 * null says that there is none: the API server takes a member that is missing for null
 * (github.com/evanphx/json-patch, Patch.test).
 */
function readOnlyRoot(place: Place, spec: string): readonly Operation[] {
  const path = `${placePath(place, spec)}/securityContext`;
  if (place.secured) return [{ op: 'add', path: `${path}/readOnlyRootFilesystem`, value: true }];
  return [
    { op: 'test', path, value: null },
    { op: 'add', path, value: { readOnlyRootFilesystem: true } },
  ];
}

const placePath = ({ type, index }: Place, spec: string): string => `${spec}/${listOf(type)}/${index}`;

/** RFC 6901. */
const token = (step: string): string => step.replaceAll('~', '~0').replaceAll('/', '~1');
