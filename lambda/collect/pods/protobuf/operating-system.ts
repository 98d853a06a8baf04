import type { OperatingSystem } from '../../../inventory/pod.ts';
import { isOsLabel, type NodeRequirement, type OsWords, osOfTerms } from '../operating-system.ts';
import type { Caches } from './caches.ts';
import { readEntry } from './metadata.ts';
import { type Reader, readBoolean, readMessage, readText } from './wire.ts';

/** One entry of a PodSpec's nodeSelector. */
export function readOsSelector(reader: Reader, tag: number, caches: Caches, os: OsWords): void {
  const { key, value } = readEntry(reader, tag, caches);
  if (isOsLabel(key)) os.selected[key] = value;
}

/** PodOS: name (1). */
export function readPodOs(reader: Reader, tag: number, caches: Caches, os: OsWords): void {
  readMessage(reader, tag, (inner) => {
    if (inner >>> 3 !== 1) return false;
    os.named = caches.strings.text(reader, inner);
    return true;
  });
}

/** WindowsSecurityContextOptions: hostProcess (4), a pointer in Go: sent only where set. */
export function readHostProcess(reader: Reader, tag: number): boolean {
  let found = false;
  readMessage(reader, tag, (inner) => {
    if (inner >>> 3 !== 4) return false;
    found = readBoolean(reader, inner);
    return true;
  });
  return found;
}

/**
 * Affinity: nodeAffinity (1), in it requiredDuringSchedulingIgnoredDuringExecution (1), in it nodeSelectorTerms (1),
 * in each matchExpressions (1). Source: k8s.io/api core/v1/generated.proto.
 */
export function readAffinityOs(reader: Reader, tag: number): OperatingSystem | null {
  const terms: NodeRequirement[][] = [];
  const first = (at: number, read: (inner: number) => void): void =>
    readMessage(reader, at, (inner) => {
      if (inner >>> 3 !== 1) return false;
      read(inner);
      return true;
    });
  first(tag, (nodes) =>
    first(nodes, (required) =>
      first(required, (term) => {
        const requirements: NodeRequirement[] = [];
        first(term, (expression) => requirements.push(readRequirement(reader, expression)));
        terms.push(requirements);
      }),
    ),
  );
  return osOfTerms(terms);
}

/** NodeSelectorRequirement: key (1), operator (2), values (3). */
function readRequirement(reader: Reader, tag: number): NodeRequirement {
  const found: NodeRequirement = { key: '', operator: '', values: [] };
  readMessage(reader, tag, (inner) => {
    if (inner >>> 3 === 1) found.key = readText(reader, inner);
    else if (inner >>> 3 === 2) found.operator = readText(reader, inner);
    else if (inner >>> 3 === 3) found.values.push(readText(reader, inner));
    else return false;
    return true;
  });
  return found;
}
