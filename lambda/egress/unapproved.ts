import { type AddressSet, isNothing, onPorts, spansOf, subtract } from './address-set.ts';
import { hostRules, printRange } from './answer.ts';
import type { Approved, ApprovedService } from './approved.ts';
import type { HostMatch } from './hosts.ts';
import type { Ports, UnapprovedReach } from './model.ts';
import { NO_PORTS, type PortSet, printPorts, samePorts, unionPorts } from './port-set.ts';
import { PUBLIC_SPACE, publicShare } from './public-space.ts';

const MOST_RANGES = 20;

/** What of the reach no approval covers, on each port and protocol for itself. */
export function unapprovedReach(
  reach: AddressSet,
  hosts: readonly HostMatch[],
  approved: Approved,
): UnapprovedReach {
  const addresses = subtract(reach, approved.addresses);
  const names = hosts
    .map((host) => ({ ...host, ports: approved.hostPortsBesides(host) }))
    .filter(({ ports }) => ports.length > 0);
  const spans = spansOf(addresses);
  return {
    ranges: spans.slice(0, MOST_RANGES).map(({ span, ports }) => printRange(span, ports)),
    rangeCount: spans.length,
    ports: commonPorts(spans.map(({ ports }) => ports)),
    hosts: hostRules(names),
    internet: publicShare(addresses, () => true),
    perhaps: names.length === 0 ? perhapsServices(addresses, approved.services) : [],
  };
}

function commonPorts([first, ...others]: readonly PortSet[]): Ports | null {
  if (first === undefined || !others.every((ports) => samePorts(ports, first))) return null;
  return printPorts(first);
}

/** Endpoints of AWS services may have any public address, on the ports that are approved for them. */
function perhapsServices(addresses: AddressSet, services: readonly ApprovedService[]): readonly string[] {
  if (services.length === 0 || isNothing(addresses)) return [];
  const ports = services.reduce((all, service) => unionPorts(all, service.ports), NO_PORTS);
  const surelyOthers = subtract(addresses, onPorts(PUBLIC_SPACE, ports));
  return isNothing(surelyOthers) ? services.map(({ service }) => service) : [];
}
