import { once } from '../../once.ts';
import { spend } from '../../work.ts';
import type { Approved } from '../approved/approved.ts';
import { isPrivateName } from '../approved/private-names.ts';
import {
  admitsUnder,
  type HostMatch,
  normalName,
  type ReadPattern,
  readDomain,
  readPattern,
} from '../sets/hosts.ts';
import { hasPort, intersectPorts, onePort, type PortSet, unionPorts } from '../sets/port-set.ts';
import { hostRules } from '../sets/printed.ts';
import type { HostRule } from '../sets/reach.ts';

/** What checks ask of the names that rules admit. */
export interface Named {
  /** Public names that are open on some of the TCP ports and not approved on them, sorted, with these ports. */
  publicOn(ports: readonly number[]): readonly NamedOn[];
  /** Names on the ports on which they are not approved. */
  unapproved(): readonly HostRule[];
  /** Host rules that admit a name under one of these domain suffixes on 80 or 443. */
  under(suffixes: readonly string[]): readonly HostRule[];
  /** How many of these are patterns, which are compared one by one. */
  patterns(): number;
}

export interface NamedOn {
  readonly host: string;
  readonly ports: readonly number[];
}

/** Of a step: most patterns differ in their ends, which is seen at once. */
const OF_A_COMPARISON = 1 / 16;

const WEB_PORTS = unionPorts(onePort('TCP', 80), onePort('TCP', 443));

const known = new WeakMap<Approved, WeakMap<readonly HostMatch[], Named>>();

/**
 * A policy may name tens of thousands of hosts, and each of the reaches that pods may have holds the same list of
 * them: what is asked of a list is answered once.
 */
export function namedBy(hosts: readonly HostMatch[], approved: Approved): Named {
  const lists = known.get(approved) ?? new WeakMap<readonly HostMatch[], Named>();
  known.set(approved, lists);
  const named = lists.get(hosts) ?? createNamed(hosts, approved);
  lists.set(hosts, named);
  return named;
}

function createNamed(hosts: readonly HostMatch[], approved: Approved): Named {
  // Sorted once, so that no answer has to be sorted again.
  const open = once(() =>
    sortedByName(hosts).flatMap((host) => {
      const unapprovedPorts = approved.unapprovedHostPorts(host);
      return unapprovedPorts.length === 0 ? [] : [{ host, unapprovedPorts }];
    }),
  );
  const publicOpen = once(() => open().filter(({ host }) => !isPrivateName(host)));
  const onPorts = new Map<string, readonly NamedOn[]>();
  const web = once(() =>
    createIndex(hosts.filter(({ ports }) => intersectPorts(ports, WEB_PORTS).length > 0)),
  );
  return {
    publicOn(ports) {
      const key = ports.join();
      const found = onPorts.get(key) ?? openOn(publicOpen(), ports);
      onPorts.set(key, found);
      return found;
    },
    unapproved: once(() =>
      hostRules(open().map(({ host, unapprovedPorts }) => onThese(host, unapprovedPorts))),
    ),
    under: (suffixes) => hostRules(web().under(suffixes.map(readDomain))),
    patterns: () => web().patterns,
  };
}

interface OpenHost {
  readonly host: HostMatch;
  /** Those of its ports on which it is not approved. */
  readonly unapprovedPorts: PortSet;
}

/** @param hosts sorted, so that rules for one name follow each other */
function openOn(hosts: readonly OpenHost[], ports: readonly number[]): readonly NamedOn[] {
  const found: NamedOn[] = [];
  const numbers = new Map<PortSet, readonly number[]>();
  for (const { host, unapprovedPorts } of hosts) {
    const on = numbers.get(unapprovedPorts) ?? ports.filter((port) => hasPort(unapprovedPorts, 'TCP', port));
    numbers.set(unapprovedPorts, on);
    if (on.length === 0) continue;
    const last = found.at(-1);
    if (last?.host !== host.host) found.push({ host: host.host, ports: on });
    else
      found[found.length - 1] = {
        host: host.host,
        ports: ports.filter((port) => on.includes(port) || last.ports.includes(port)),
      };
  }
  return found;
}

const onThese = (host: HostMatch, ports: PortSet): HostMatch =>
  ports === host.ports ? host : { ...host, ports };

function sortedByName(hosts: readonly HostMatch[]): readonly HostMatch[] {
  spend(hosts.length);
  return hosts.toSorted((a, b) => (a.host < b.host ? -1 : a.host > b.host ? 1 : 0));
}

/** Names found by the domains that they lie under; patterns have to be compared. */
function createIndex(hosts: readonly HostMatch[]) {
  const isPattern = ({ host, wildcard }: HostMatch): boolean => wildcard === 'dots' || host.includes('*');
  const patterns = hosts.filter(isPattern).map((host) => ({ host, pattern: readPattern(host) }));
  const bySuffix = once(() => {
    const index = new Map<string, HostMatch[]>();
    for (const host of hosts) {
      if (isPattern(host)) continue;
      for (const suffix of suffixesOf(normalName(host.host))) {
        const list = index.get(suffix);
        if (list === undefined) index.set(suffix, [host]);
        else list.push(host);
      }
    }
    return index;
  });
  const named = (domain: ReadPattern): readonly HostMatch[] =>
    domain.text.includes('*')
      ? hosts.filter((host) => !isPattern(host) && admitsUnder(readPattern(host), domain))
      : (bySuffix().get(domain.text) ?? []);
  return {
    patterns: patterns.length,
    under(domains: readonly ReadPattern[]): readonly HostMatch[] {
      spend(domains.length * (1 + patterns.length * OF_A_COMPARISON));
      const wild = patterns.filter(({ pattern }) => domains.some((domain) => admitsUnder(pattern, domain)));
      return [...new Set([...domains.flatMap(named), ...wild.map(({ host }) => host)])];
    },
  };
}

/** The name and each domain above it. */
function suffixesOf(name: string): readonly string[] {
  const found = [name];
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1))
    found.push(name.slice(dot + 1));
  spend(found.length);
  return found;
}
