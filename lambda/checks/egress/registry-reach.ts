import type { Config, EgressConfig } from '../../config/config.ts';
import type { ReachView } from '../../egress/answers/reach-view.ts';
import type { Asked } from '../../egress/answers/reasons.ts';
import { registriesAdmitted } from '../../egress/approved/package-registries.ts';
import { type PublishedRanges, publishedRangesReached } from '../../egress/approved/published-ranges.ts';
import { ownRegistries } from '../../egress/approved/registries/own.ts';
import { sharedHostsAdmitted } from '../../egress/approved/registries/shared-hosts.ts';
import { intersect, isNothing } from '../../egress/sets/address-set.ts';
import type { HostMatch } from '../../egress/sets/hosts.ts';
import { everyPortOf, intersectPorts } from '../../egress/sets/port-set.ts';
import { externalRanges } from '../../egress/sets/printed.ts';
import type { ExternalRange } from '../../egress/sets/reach.ts';
import { rangeText } from '../../egress/sets/words.ts';
import type { Evidence } from '../../findings/finding.ts';
import { compareText } from '../../inventory/workload.ts';
import { withinWork } from '../../work.ts';
import type { Undecided } from '../check.ts';
import { firstOf } from '../new-facts.ts';
import { describeReach, isWide } from './reach.ts';

export interface RegistryReach {
  /** Without the full stop, to stand alone or inside another sentence. */
  readonly sentence: string;
  readonly evidence: Evidence;
  /** To ask what opens it. */
  readonly asked: Asked;
}

const MOST_IN_SENTENCE = 3;
const MOST_HOSTS = 10;
const MOST_RANGES = 10;

/**
 * How a class can fetch packages: by a host rule that admits a registry on some TCP port, by the addresses of
 * the organisation's own registries and proxies, or by a share of the internet on 443 or 80.
 *
 * @returns null if it cannot; not evaluated if addresses are reachable from which registries are served among
 * much else
 */
export function registryReach(
  pods: ReachView,
  policies: readonly string[],
  config: Config,
): RegistryReach | Undecided | null {
  const found = registryReaches(pods, config.egress);
  if (found === null || 'verdict' in found) return found;
  return { ...found, evidence: { ...found.evidence, policies } };
}

const known = new WeakMap<ReachView, Map<EgressConfig, RegistryReach | Undecided | null>>();

/** A policy may name thousands of hosts, and many classes share one reach: each is looked at once. */
function registryReaches(pods: ReachView, config: EgressConfig): RegistryReach | Undecided | null {
  const byConfig = known.get(pods) ?? new Map<EgressConfig, RegistryReach | Undecided | null>();
  known.set(pods, byConfig);
  const before = byConfig.get(config);
  if (before !== undefined) return before;
  const found = findReach(pods, config);
  byConfig.set(config, found);
  return found;
}

/** To compare the names of one reach with those of registries. */
const MOST_STEPS = 1_000_000;

/** What the names alone come to, by their list, which the reaches that pods may have hold in common. */
const byNames = new WeakMap<readonly HostMatch[], Map<EgressConfig, Way | Undecided | null>>();

function findByName(pods: ReachView, config: EgressConfig): Way | Undecided | null {
  const found = byNames.get(pods.hosts) ?? new Map<EgressConfig, Way | Undecided | null>();
  byNames.set(pods.hosts, found);
  const before = found.get(config);
  if (before !== undefined) return before;
  const named = withinWork<Way | Undecided | null>(
    MOST_STEPS,
    () => byName(pods, config),
    () => tooManyNames(pods.hosts),
  );
  found.set(config, named);
  return named;
}

function findReach(pods: ReachView, config: EgressConfig): RegistryReach | Undecided | null {
  const named = findByName(pods, config);
  const tooMany = named !== null && 'verdict' in named ? named : null;
  const ways = [
    named !== null && 'verdict' in named ? null : named,
    byInternet(pods),
    byOwnAddress(pods, config),
  ].filter((way) => way !== null);
  const [first] = ways;
  if (first !== undefined) {
    return {
      sentence: `Can reach package registries ${first.how} (${pods.because(first.asked)})`,
      evidence: {
        hosts: [],
        registries: [],
        addresses: [],
        ports: [],
        ...Object.assign({}, ...ways.map(({ evidence }) => evidence)),
      },
      asked: first.asked,
    };
  }
  if (tooMany !== null) return tooMany;
  const operators = publishedRangesReached(pods.notApproved);
  if (operators.length > 0) return perhapsByAddress(operators);
  return findShared(pods.hosts);
}

const sharedIn = new WeakMap<readonly HostMatch[], { readonly found: Undecided | null }>();

function findShared(hosts: readonly HostMatch[]): Undecided | null {
  const before = sharedIn.get(hosts);
  if (before !== undefined) return before.found;
  const found = withinWork<Undecided | null>(
    MOST_STEPS,
    () => {
      const shared = hosts.filter((host) => isOnTcp(host) && sharedHostsAdmitted(host).length > 0);
      return shared.length === 0 ? null : perhapsByName(shared);
    },
    () => tooManyNames(hosts),
  );
  sharedIn.set(hosts, { found });
  return found;
}

function tooManyNames(hosts: readonly HostMatch[]): Undecided {
  const patterns = [
    ...new Set(
      hosts.flatMap(({ host, wildcard }) => (wildcard === 'dots' || host.includes('*') ? [host] : [])),
    ),
  ];
  return {
    verdict: 'not-evaluated',
    container: null,
    reason: 'policy-not-understood',
    message: `Which package registries can be reached by name is not known: ${patterns.length} patterns of names, such as ${patterns[0]}, are too many to compare with those of the registries.`,
    remediation: 'Allow the names that are needed, or fewer patterns with the wildcard in front.',
  };
}

interface Way {
  readonly how: string;
  readonly asked: Asked;
  readonly evidence: Evidence;
}

function byName({ hosts }: ReachView, config: EgressConfig): Way | null {
  const found = admitted(hosts, config);
  if (found.size === 0) return null;
  const names = [...found.keys()].sort(compareText);
  const shown = names.slice(0, MOST_IN_SENTENCE).map((host) => withRegistry(host, found.get(host) ?? []));
  return {
    how: `by name: ${shown.join(', ')}`,
    asked: { hosts: names },
    evidence: {
      ...firstOf('hosts', names, MOST_HOSTS),
      registries: [...new Set([...found.values()].flat())].sort(compareText).slice(0, MOST_HOSTS),
    },
  };
}

/** A pattern does not tell by itself what it admits. */
function withRegistry(host: string, [first, ...others]: readonly string[]): string {
  if (!host.includes('*') || first === undefined) return host;
  return `${host} admits ${first}${others.length > 0 ? ` and ${others.length} more` : ''}`;
}

function admitted(hosts: readonly HostMatch[], config: EgressConfig): ReadonlyMap<string, readonly string[]> {
  const own = ownRegistries(config);
  const found = new Map<string, readonly string[]>();
  for (const host of hosts) {
    if (found.has(host.host) || !isOnTcp(host)) continue;
    const names = [...registriesAdmitted(host, own.names), ...registriesAdmitted(host)];
    if (names.length > 0) found.set(host.host, names);
  }
  return found;
}

const EVERY_TCP_PORT = everyPortOf('TCP');
const isOnTcp = ({ ports }: HostMatch): boolean => intersectPorts(ports, EVERY_TCP_PORT).length > 0;

function byOwnAddress({ reach }: ReachView, config: EgressConfig): Way | null {
  const reached = intersect(reach, ownRegistries(config).addresses);
  if (isNothing(reached)) return null;
  const ranges: readonly ExternalRange[] = externalRanges(reached);
  const texts = [...new Set(ranges.map(rangeText))];
  return {
    how: `by address: ${listed(texts, MOST_IN_SENTENCE)}`,
    asked: { ranges },
    evidence: firstOf('addresses', texts, MOST_RANGES),
  };
}

function byInternet(pods: ReachView): Way | null {
  const open = [443, 80].map((port) => ({ port, ...pods.internetOn(port) })).filter(isWide);
  const [first] = open;
  if (first === undefined) return null;
  return {
    how: `by address: ${describeReach(first)} on TCP ${open.map(({ port }) => port).join(' and ')}`,
    asked: { internet: open.map(({ port }) => port) },
    evidence: { ports: open.map(({ port, ipv4, ipv6 }) => ({ port, ipv4Share: ipv4, ipv6Share: ipv6 })) },
  };
}

function perhapsByAddress(operators: readonly PublishedRanges[]): Undecided {
  const named = operators.map(({ operator, serves }) => `${operator} (${serves.slice(0, 3).join(', ')})`);
  return {
    verdict: 'not-evaluated',
    container: null,
    reason: 'address-shared',
    message: `Can reach addresses of ${named.join(', ')}, which serve package registries and many other sites; the host names behind these addresses are not known.`,
    remediation:
      'Allow only the host names that are needed, with a Cilium, Calico or AWS policy that has rules for names, or approve the CIDR blocks under egress.approved in the configuration.',
  };
}

function perhapsByName(hosts: readonly HostMatch[]): Undecided {
  const names = [...new Set(hosts.map(({ host }) => host))].sort(compareText);
  const services = [...new Set(hosts.flatMap(sharedHostsAdmitted))].sort(compareText);
  return {
    verdict: 'not-evaluated',
    container: null,
    reason: 'address-shared',
    message: `Can reach ${listed(names, MOST_IN_SENTENCE)}, by which ${services.join(' and ')} ${services.length > 1 ? 'serve' : 'serves'} every bucket by its path, including package registries; which buckets are used is not known.`,
    remediation:
      'Allow the names of the buckets that are needed, such as BUCKET.s3.REGION.amazonaws.com, instead of the name of the service.',
  };
}

const listed = (items: readonly string[], most: number): string =>
  `${items.slice(0, most).join(', ')}${items.length > most ? ` and ${items.length - most} more` : ''}`;
