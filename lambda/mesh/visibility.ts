import { isWildcard, type ServiceEntry } from './service-entry.ts';
import type { EgressListener } from './sidecar.ts';

/**
 * Whether proxies of a namespace get the entry. Without `exportTo` all are, unless the mesh says otherwise
 * (`defaultServiceExportTo`), which is not read.
 */
export function isExportedTo({ exportTo, ref }: ServiceEntry, namespace: string): boolean {
  if (exportTo.length === 0) return true;
  return exportTo.some(
    (name) => name === '*' || name === namespace || (name === '.' && namespace === ref.namespace),
  );
}

/**
 * Whether the listeners of a Sidecar in `namespace` import some host of the entry, and one of its ports.
 * Source: istio pilot/pkg/model/sidecar.go (convertIstioListenerToWrapper, selectServices, Matches, Excluded).
 */
export function isImported(
  entry: ServiceEntry,
  listeners: readonly EgressListener[],
  namespace: string,
): boolean {
  const ports = new Set(entry.ports.map(({ number }) => number));
  return listeners.some((listener) => {
    if (listener.port !== null && !ports.has(listener.port)) return false;
    const { included, excluded } = patternsOf(listener);
    const from = ['*', entry.ref.namespace, ...(entry.ref.namespace === namespace ? ['.'] : [])];
    const among = (all: PatternsByScope): readonly HostPatterns[] =>
      from.flatMap((scope) => all.get(scope) ?? []);
    const [into, out] = [among(included), among(excluded)];
    return entry.hosts.some(
      (host) =>
        into.some((patterns) => patterns.cover(host)) && !out.some((patterns) => patterns.cover(host)),
    );
  });
}

/** By namespace, `*` or `.`, which is that of the Sidecar's workloads. */
type PatternsByScope = ReadonlyMap<string, HostPatterns>;

interface Patterns {
  readonly included: PatternsByScope;
  readonly excluded: PatternsByScope;
}

/** A Sidecar may list thousands of hosts, and each entry is compared with it. */
const known = new WeakMap<EgressListener, Patterns>();

function patternsOf(listener: EgressListener): Patterns {
  const patterns = known.get(listener) ?? readPatterns(listener);
  known.set(listener, patterns);
  return patterns;
}

/** `~` before a namespace leaves hosts out; alone it means all namespaces (sidecar.proto, hosts). */
function readPatterns({ hosts }: EgressListener): Patterns {
  const read = hosts.map((host) => {
    const slash = host.indexOf('/');
    const scope = host.slice(0, slash);
    const excluded = scope.startsWith('~');
    return { name: host.slice(slash + 1), excluded, from: excluded ? scope.slice(1) || '*' : scope };
  });
  const byScope = (wanted: boolean): PatternsByScope => {
    const groups = Map.groupBy(
      read.filter(({ excluded }) => excluded === wanted),
      ({ from }) => from,
    );
    return new Map([...groups].map(([from, group]) => [from, hostPatterns(group.map(({ name }) => name))]));
  };
  return { included: byScope(false), excluded: byScope(true) };
}

/** Names and wildcards of which each covers a host or does not. */
interface HostPatterns {
  /** Whether every name of the host is one of some pattern (istio pkg/config/host/name.go, SubsetOf). */
  cover(host: string): boolean;
}

/** Wildcards are found by what follows their star, by its length: there are few lengths, however many patterns. */
function hostPatterns(names: readonly string[]): HostPatterns {
  const exact = new Set(names.filter((name) => !isWildcard(name)));
  const endings = new Set(names.filter(isWildcard).map((name) => name.slice(1)));
  const lengths = [...new Set([...endings].map(({ length }) => length))];
  return {
    cover(host) {
      if (exact.has(host)) return true;
      const text = isWildcard(host) ? host.slice(1) : host;
      return lengths.some((length) => length <= text.length && endings.has(text.slice(text.length - length)));
    },
  };
}
