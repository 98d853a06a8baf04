import { byVersion, type Collection } from './api-resources.ts';

/** `verbs` of what can be read here; the server allows no others. */
const VERBS = ['get', 'list'];

/**
 * What a kube-apiserver tells of itself below `/api` and `/apis`, in the form before aggregated discovery:
 * groups, versions of a group, resources of a version.
 * @returns `null` for paths that are none of these, or name a group or version that is not served
 */
export function discover(collections: readonly Collection[], path: string): object | null {
  const [, root, ...parts] = path.replace(/\/$/, '').split('/');
  if (root === 'api' && parts.length === 0)
    return { kind: 'APIVersions', versions: versionsOf(collections, '') };
  if (root === 'api' && parts.length === 1) return resourceList(collections, '', parts[0] ?? '');
  if (root !== 'apis' || parts.length > 2) return null;
  const [group, version] = parts;
  if (group === undefined) {
    const groups = [...new Set(collections.map((collection) => collection.group))].filter(Boolean).sort();
    return {
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: groups.map((name) => groupOf(collections, name)),
    };
  }
  if (version !== undefined) return resourceList(collections, group, version);
  return versionsOf(collections, group).length === 0
    ? null
    : { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(collections, group) };
}

/** Best version first, as the server prefers them. */
const versionsOf = (collections: readonly Collection[], group: string): readonly string[] =>
  [...new Set(collections.filter((one) => one.group === group).map(({ version }) => version))].sort(
    byVersion,
  );

function groupOf(collections: readonly Collection[], name: string): object {
  const versions = versionsOf(collections, name).map((version) => ({
    groupVersion: `${name}/${version}`,
    version,
  }));
  return { name, versions, preferredVersion: versions[0] };
}

function resourceList(collections: readonly Collection[], group: string, version: string): object | null {
  const resources = collections.filter((one) => one.group === group && one.version === version);
  if (resources.length === 0) return null;
  return {
    kind: 'APIResourceList',
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: group === '' ? version : `${group}/${version}`,
    resources: resources.map(({ resource, kind, namespaced }) => ({
      name: resource,
      singularName: kind.toLowerCase(),
      namespaced,
      kind,
      verbs: VERBS,
    })),
  };
}
