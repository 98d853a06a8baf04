import type { ApprovedDestination, EgressConfig } from '../../config/config.ts';
import {
  type AddressSet,
  fromSpans,
  onPorts,
  portsEverywhere,
  subtract,
  union,
  unionAll,
} from '../sets/address-set.ts';
import { parseCidr } from '../sets/addresses.ts';
import type { HostMatch } from '../sets/hosts.ts';
import { toNat64 } from '../sets/nat64.ts';
import {
  everyPortOf,
  intersectPorts,
  onePort,
  type PortSet,
  PROTOCOLS,
  portOfEveryProtocol,
  subtractPorts,
  unionOfPorts,
} from '../sets/port-set.ts';
import { PUBLIC_SPACE } from '../sets/public-space.ts';
import { isAwsEndpoint, isHostApproved } from './approved-hosts.ts';
import type { AwsServices } from './aws-services.ts';
import { type ClusterLocal, NOTHING_LOCAL } from './cluster-local.ts';

/** Destinations that the configuration accepts, as far as they are known. */
export interface Approved {
  readonly addresses: AddressSet;
  /** The same with the addresses by which a translator reaches them. */
  readonly withNat64: AddressSet;
  /** What is no question of approval, since it is inside the cluster. */
  readonly local: ClusterLocal;
  /** Public addresses at which TCP `port` is not approved. */
  unapprovedPublic(port: number): AddressSet;
  /** Of the ports of a host rule those on which no approval covers every name that it admits. */
  unapprovedHostPorts(host: HostMatch): PortSet;
  /** AWS services whose addresses are not known, so that some of what is left may be theirs. */
  readonly services: readonly ApprovedService[];
  /** What of the configuration does not count, or only in part; whole sentences. */
  readonly notes: readonly string[];
}

export interface ApprovedService {
  readonly service: string;
  readonly ports: PortSet;
}

/** @param known addresses of AWS services, where they are known */
export function approvedDestinations(
  config: EgressConfig,
  known: AwsServices = new Map(),
  local: ClusterLocal = NOTHING_LOCAL,
): Approved {
  const services = config.approved.flatMap((entry) =>
    entry.awsService === null || known.has(entry.awsService)
      ? []
      : [{ service: entry.awsService, ports: approvedPorts(entry) }],
  );
  const hosts = config.approved.map(({ hosts: patterns, awsService, ...entry }) => ({
    ports: approvedPorts(entry),
    covers: (host: HostMatch) =>
      patterns.some((pattern) => isHostApproved(pattern, host)) ||
      (awsService !== null && isAwsEndpoint(awsService, host)),
  }));
  const addresses = unionAll(config.approved.map((entry) => addressesOf(entry, known)));
  // A name that may have any address is approved where every address is.
  const everywhere = portsEverywhere(addresses);
  return {
    ...approvedAt(addresses),
    local,
    unapprovedHostPorts: (host) =>
      hosts.reduce(
        (rest, { ports, covers }) => (covers(host) ? subtractPorts(rest, ports) : rest),
        subtractPorts(host.ports, everywhere),
      ),
    services,
    notes: config.approved.flatMap((entry) => notesOf(entry, known)),
  };
}

/** Approves these destinations. */
export function approvedAt(addresses: AddressSet): Approved {
  const byPort = new Map<number, AddressSet>();
  return {
    addresses,
    withNat64: union(addresses, toNat64(addresses)),
    local: NOTHING_LOCAL,
    unapprovedPublic(port) {
      const known = byPort.get(port);
      if (known !== undefined) return known;
      const onPort = onePort('TCP', port);
      const rest = subtract(onPorts(PUBLIC_SPACE, onPort), onPorts(addresses, onPort));
      byPort.set(port, rest);
      return rest;
    },
    unapprovedHostPorts: (host) => host.ports,
    services: [],
    notes: [],
  };
}

/** Port numbers count on every protocol that is not left out. */
export function approvedPorts({
  ports,
  protocols,
}: Pick<ApprovedDestination, 'ports' | 'protocols'>): PortSet {
  const onProtocols = unionOfPorts((protocols ?? PROTOCOLS).map(everyPortOf));
  if (ports === null) return onProtocols;
  const numbers = unionOfPorts(ports.map(portOfEveryProtocol));
  return intersectPorts(numbers, onProtocols);
}

function addressesOf(entry: ApprovedDestination, known: AwsServices): AddressSet {
  const ofService = entry.awsService === null ? [] : (known.get(entry.awsService) ?? []);
  const spans = [...entry.cidrs, ...ofService].map(parseCidr).filter((span) => span !== null);
  return fromSpans(spans, approvedPorts(entry));
}

function notesOf({ name, cidrs, awsService }: ApprovedDestination, known: AwsServices): readonly string[] {
  return [
    ...cidrs
      .filter((cidr) => parseCidr(cidr) === null)
      .map((cidr) => `Approved destination ${name}: ${cidr} is not a CIDR block and does not count.`),
    ...(awsService === null || known.has(awsService)
      ? []
      : [
          `Approved destination ${name}: the addresses of AWS service ${awsService} are not known, so only host rules for its endpoints count.`,
        ]),
  ];
}
