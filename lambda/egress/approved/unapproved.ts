import { createHash } from 'node:crypto';
import { type AddressSet, isNothing, onPorts, sameSet, subtract } from '../sets/address-set.ts';
import { type AddressSpan, IPV4, IPV6 } from '../sets/addresses.ts';
import { withNat64 } from '../sets/nat64.ts';
import { NO_PORTS, type PortSet, type Ports, printPorts, samePorts, unionPorts } from '../sets/port-set.ts';
import { printRange } from '../sets/printed.ts';
import { PUBLIC_SPACE, publicShare } from '../sets/public-space.ts';
import type { ExternalRange, HostRule, InternetReach } from '../sets/reach.ts';
import { forEachSpan } from '../sets/steps.ts';
import type { Approved } from './approved.ts';
import { withoutLocal } from './cluster-local.ts';

/** What is reachable beyond the approved destinations. */
export interface UnapprovedReach {
  /** The first of them, as many as evidence holds. */
  readonly ranges: readonly ExternalRange[];
  readonly rangeCount: number;
  /** Tells all of them apart from others, where not all are in {@link ranges}; else `null`. */
  readonly rangesDigest: string | null;
  /** On all ranges, if they are the same. */
  readonly ports: Ports | null;
  readonly hosts: readonly HostRule[];
  /** Of public addresses, those among them, on any port. */
  readonly internet: InternetReach;
  /**
   * For people: what all of these may be instead, since its addresses are not known (approved AWS services, Services of
   * the cluster); none if something definitely is not.
   */
  readonly perhaps: readonly string[];
}

const MOST_RANGES = 10;

/**
 * What of the reach no approval covers, on each port and protocol for itself.
 *
 * @param names those that no approval covers
 */
export function unapprovedReach(
  reach: AddressSet,
  names: readonly HostRule[],
  approved: Approved,
): UnapprovedReach {
  const addresses = withoutLocal(subtract(reach, approved.withNat64), approved.local);
  return {
    ...summaryOf(addresses),
    hosts: names,
    internet: publicShare(withNat64(addresses), () => true),
    perhaps: names.length === 0 ? perhapsOf(addresses, approved) : [],
  };
}

type Summary = Pick<UnapprovedReach, 'ranges' | 'rangeCount' | 'rangesDigest' | 'ports'>;

/** Goes through all ranges and makes objects of the first ones only: a policy may have thousands. */
function summaryOf({ v4, v6 }: AddressSet): Summary {
  const ranges: ExternalRange[] = [];
  let rangeCount = 0;
  const digest = createHash('sha256');
  let common: PortSet | null = null;
  const add = (span: AddressSpan, ports: PortSet): void => {
    if (rangeCount < MOST_RANGES) ranges.push(printRange(span, ports));
    else digest.update(`${span.from}-${span.end} ${ports.join()};`);
    if (rangeCount === 0) common = ports;
    else if (common !== null && !samePorts(common, ports)) common = null;
    rangeCount += 1;
  };
  forEachSpan<number>(v4, IPV4.size, (span, ports) => add({ family: 4, ...span }, ports));
  forEachSpan<bigint>(v6, IPV6.size, (span, ports) => add({ family: 6, ...span }, ports));
  const isCut = rangeCount > ranges.length;
  const rangesDigest = isCut ? digest.update(JSON.stringify(ranges)).digest('hex').slice(0, 16) : null;
  return { ranges, rangeCount, rangesDigest, ports: common === null ? null : printPorts(common) };
}

/**
 * What all that is left may be: Services of the cluster, where nothing tells their addresses, and endpoints of
 * AWS services, which may have any public address, on the ports that are approved for them.
 */
function perhapsOf(addresses: AddressSet, { services, local }: Approved): UnapprovedReach['perhaps'] {
  if (isNothing(addresses)) return [];
  const others = subtract(addresses, local.perhaps);
  const inCluster = sameSet(others, addresses) ? [] : ['Services of the cluster'];
  if (isNothing(others)) return inCluster;
  if (services.length === 0) return [];
  const ports = services.reduce((all, service) => unionPorts(all, service.ports), NO_PORTS);
  const definiteOthers = subtract(others, onPorts(PUBLIC_SPACE, ports));
  if (!isNothing(definiteOthers)) return [];
  return [...inCluster, ...services.map(({ service }) => `the approved AWS service ${service}`)];
}
