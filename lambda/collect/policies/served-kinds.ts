import type { KubeApi } from '../../connect/kube/kube-api.ts';
import { ReadError } from '../../errors.ts';
import { discoverGroups, discoverResources, type ServedGroups } from './discovery.ts';
import type { ApiSource } from './policy-kinds.ts';

/** A kind of object as its lists are addressed. */
export interface KindPlace {
  readonly plural: string;
  /** In order of preference: the first one that is served is read. */
  readonly sources: readonly ApiSource[];
}

export interface Place {
  readonly group: string;
  readonly version: string;
  readonly aggregated: boolean;
}

/**
 * Lists to try in turn, each group for itself, since two groups may hold different objects; where the server said
 * what it has, there is one of each group.
 */
export interface Places {
  readonly candidates: readonly Place[];
  /**
   * Why the server did not say what it has; `null` where it did. Then a list that is answered by 404 is no word
   * on whether there is such a kind.
   */
  readonly unknown: ReadError | null;
}

/** What a server says of the kinds that it has. */
export interface ServedKinds {
  /** Why it did not say which groups it has; `null` where it did. */
  readonly unknown: ReadError | null;
  /** @throws ReadError where a group does not say what it has */
  locate(kind: KindPlace): Promise<Places>;
}

/** Asks a server for its groups at once, and for the resources of a group when some kind of it is looked for. */
export async function discoverKinds(api: KubeApi): Promise<ServedKinds> {
  const groups = await readGroups(api);
  const resources = new Map<string, Promise<ReadonlySet<string>>>();
  const resourcesOf = (group: string, version: string): Promise<ReadonlySet<string>> => {
    const known = resources.get(`${group}/${version}`) ?? discoverResources(api, { group, version });
    resources.set(`${group}/${version}`, known);
    return known;
  };
  return {
    unknown: groups instanceof ReadError ? groups : null,
    /**
     * Versions that this program understands go before others; a kind in another version is read all the
     * same, since to pass it over would be to take it for harmless.
     */
    async locate({ plural, sources }) {
      if (groups instanceof ReadError) return { candidates: everyVersion(sources), unknown: groups };
      const candidates: Place[] = [];
      for (const { group, versions, aggregated = false } of sources) {
        const served = groups.get(group) ?? [];
        const understood = versions.filter((version) => served.includes(version));
        for (const version of new Set([...understood, ...served])) {
          if (!(await resourcesOf(group, version)).has(plural)) continue;
          candidates.push({ group, version, aggregated });
          break;
        }
      }
      return { candidates, unknown: null };
    },
  };
}

export const everyVersion = (sources: readonly ApiSource[]): readonly Place[] =>
  sources.flatMap(({ group, versions, aggregated = false }) =>
    versions.map((version) => ({ group, version, aggregated })),
  );

async function readGroups(api: KubeApi): Promise<ServedGroups | ReadError> {
  try {
    return await discoverGroups(api);
  } catch (error) {
    if (error instanceof ReadError) return error;
    throw error;
  }
}
