import { once } from '../../once.ts';
import type { Approved } from '../approved/approved.ts';
import { type UnapprovedReach, unapprovedReach } from '../approved/unapproved.ts';
import { type AddressSet, EVERYTHING, NOTHING, reachesTcp, sameSet, subtract } from '../sets/address-set.ts';
import type { HostMatch } from '../sets/hosts.ts';
import { withNat64 } from '../sets/nat64.ts';
import { ALL_PORTS, everyPortOf, hasPort, includesPorts } from '../sets/port-set.ts';
import { publicShare } from '../sets/public-space.ts';
import type { HostRule, InternetReach } from '../sets/reach.ts';
import { type NamedOn, namedBy } from './named.ts';
import { type Asked, becauseOf, createOpenedBy, type OpenedBy, type Reasons } from './reasons.ts';

/** One reach that pods have, or may have: what checks ask of it. */
export interface ReachView {
  /** Whether nothing narrows it: every address of its families on every port. */
  readonly everything: boolean;
  /** Of public addresses, those reachable on all ports of TCP; by NAT64, too. */
  readonly internetOnEveryPort: InternetReach;
  /** Whether these addresses are reachable on all ports of UDP and SCTP, too. */
  readonly internetByEveryProtocol: boolean;
  /** Of public addresses, those reachable on the TCP port and not approved on it; by NAT64, too. */
  internetOn(port: number): InternetReach;
  /** Public names that are open on some of the TCP ports and not approved on them, sorted, with these ports. */
  publicNamesOn(ports: readonly number[]): readonly NamedOn[];
  /** Every address, on its ports; by NAT64, too. */
  readonly reach: AddressSet;
  /** The same without approved addresses. */
  readonly notApproved: AddressSet;
  /** The names that rules admit in addition, on their ports. */
  readonly hosts: readonly HostMatch[];
  /**
   * Whether TCP `port` of the address is reachable.
   *
   * @throws TypeError if the text is no address
   */
  reaches(address: string, port: number): boolean;
  /** Host rules that admit a name under one of these domain suffixes on 80 or 443. */
  hostsUnder(suffixes: readonly string[]): readonly HostRule[];
  /** How many of its rules by name are patterns, which have to be compared one by one. */
  patterns(): number;
  /** What is left without the approved destinations. */
  unapproved(): UnapprovedReach;
  /** The rules that open it, or that no rule does: the end of a sentence. */
  because(asked: Asked): string;
  /** The same as rules. */
  openedBy(asked: Asked): OpenedBy;
}

const EVERY_TCP_PORT = everyPortOf('TCP');

/** What is reached: addresses with ports, and names. */
export interface ReachedSet extends Reasons {
  readonly addresses: AddressSet;
  readonly hosts: readonly HostMatch[];
}

/** What checks ask of one reach; each answer is computed once. */
export function createReachView({ addresses, hosts, ...reasons }: ReachedSet, approved: Approved): ReachView {
  // NAT64 addresses count as the IPv4 internet.
  const translated = once(() => withNat64(addresses));
  const onEveryPort = once(() => publicShare(translated(), (ports) => includesPorts(ports, EVERY_TCP_PORT)));
  const notApproved = once(() => subtract(translated(), approved.withNat64));
  const shares = new Map<number, InternetReach>();
  const openedBy = createOpenedBy(reasons);
  const named = namedBy(hosts, approved);
  return {
    get everything() {
      return isEverything(addresses);
    },
    get internetOnEveryPort() {
      return onEveryPort();
    },
    get internetByEveryProtocol() {
      const all = publicShare(translated(), (ports) => includesPorts(ports, ALL_PORTS));
      return all.ipv4 === onEveryPort().ipv4 && all.ipv6 === onEveryPort().ipv6;
    },
    internetOn(port) {
      const share =
        shares.get(port) ??
        publicShare(translated(), (ports) => hasPort(ports, 'TCP', port), approved.unapprovedPublic(port));
      shares.set(port, share);
      return share;
    },
    publicNamesOn: (ports) => named.publicOn(ports),
    get reach() {
      return translated();
    },
    get notApproved() {
      return notApproved();
    },
    hosts,
    reaches: (address, port) => reachesTcp(addresses, address, port),
    hostsUnder: (domains) => named.under(domains),
    patterns: () => named.patterns(),
    unapproved: once(() => unapprovedReach(addresses, named.unapproved(), approved)),
    because: (asked) => becauseOf(openedBy(asked)),
    openedBy,
  };
}

/** Every address of one family or both. */
const isEverything = (set: AddressSet): boolean =>
  (['v4', 'v6'] as const).every((family) => isAll(set, family) || isNone(set, family)) &&
  (isAll(set, 'v4') || isAll(set, 'v6'));

type Family = 'v4' | 'v6';

const isAll = (set: AddressSet, family: Family): boolean =>
  sameSet({ ...EVERYTHING, [family]: set[family] }, EVERYTHING);

const isNone = (set: AddressSet, family: Family): boolean =>
  sameSet({ ...NOTHING, [family]: set[family] }, NOTHING);
