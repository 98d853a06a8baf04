import { withinWork } from '../../work.ts';
import { admitsName, type HostMatch, normalName } from '../sets/hosts.ts';
import type { Destination } from './destination.ts';

/** Whether a rule admits the name of a destination; `null`: its pattern takes too long to read. */
export type Admits = boolean | null;

/** For one pattern; a name has 255 characters at most, so that this is enough for patterns of thousands. */
const MOST_STEPS = 500_000;

const known = new WeakMap<Destination, Map<string, Admits>>();

/** Many pods are under the same rules, and each pattern is compared with a name once. */
export function admits(host: HostMatch, destination: Destination, name: string): Admits {
  // Names without wildcards need no more than a look.
  if (host.wildcard !== 'dots' && !host.host.includes('*')) return normalName(host.host) === normalName(name);
  const found = known.get(destination) ?? new Map<string, Admits>();
  known.set(destination, found);
  const key = `${host.wildcard} ${host.host}`;
  const before = found.get(key);
  if (before !== undefined) return before;
  const admitted = mayEndAlike(host, name)
    ? withinWork<Admits>(
        MOST_STEPS,
        () => admitsName(host, name),
        () => null,
      )
    : false;
  found.set(key, admitted);
  return admitted;
}

/** What follows the last wildcard must be the end of the name: most patterns differ there. */
function mayEndAlike({ host, wildcard }: HostMatch, name: string): boolean {
  if (wildcard === 'dots') return true;
  const pattern = normalName(host);
  return normalName(name).endsWith(pattern.slice(pattern.lastIndexOf('*') + 1));
}
