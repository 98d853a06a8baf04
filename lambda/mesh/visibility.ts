import type { ServiceEntry } from './service-entry.ts';
import { isWildcard } from './service-entry.ts';
import type { EgressListener } from './sidecar.ts';

/**
 * Whether proxies of a namespace are told of the entry. Without `exportTo` all are, unless the mesh says otherwise
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
  return listeners.some(({ port, hosts }) => {
    if (port !== null && !entry.ports.some(({ number }) => number === port)) return false;
    const patterns = hosts.map((host) => patternOf(host, namespace));
    const from = patterns.filter((pattern) => pattern.from === '*' || pattern.from === entry.ref.namespace);
    return entry.hosts.some(
      (host) =>
        !from.some(({ excluded, name }) => excluded && isWithin(host, name)) &&
        from.some(({ excluded, name }) => !excluded && isWithin(host, name)),
    );
  });
}

interface Pattern {
  /** A namespace, or `*`. */
  readonly from: string;
  readonly name: string;
  readonly excluded: boolean;
}

/** `~` before a namespace leaves hosts out; alone it stands for all namespaces (sidecar.proto, hosts). */
function patternOf(host: string, namespace: string): Pattern {
  const slash = host.indexOf('/');
  const scope = host.slice(0, slash);
  const name = host.slice(slash + 1);
  const excluded = scope.startsWith('~');
  const from = excluded ? scope.slice(1) || '*' : scope;
  return { from: from === '.' ? namespace : from, name, excluded };
}

/** Whether every name of `host` is one of `pattern` (istio pkg/config/host/name.go, SubsetOf). */
export function isWithin(host: string, pattern: string): boolean {
  if (!isWildcard(pattern)) return host === pattern;
  const suffix = pattern.slice(1);
  return isWildcard(host)
    ? host.length >= pattern.length && host.slice(1).endsWith(suffix)
    : host.endsWith(suffix);
}
