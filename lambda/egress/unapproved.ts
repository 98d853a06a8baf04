import { type AddressSet, isNothing, onPorts, subtract } from './address-set.ts';
import { hostRules } from './answer.ts';
import type { Approved, ApprovedService } from './approved.ts';
import type { HostMatch } from './hosts.ts';
import type { UnapprovedReach } from './model.ts';
import { NO_PORTS, unionPorts } from './port-set.ts';
import { PUBLIC_SPACE, publicShare } from './public-space.ts';

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
  return {
    addresses,
    hosts: hostRules(names),
    internet: publicShare(addresses, () => true),
    perhaps: names.length === 0 ? perhapsServices(addresses, approved.services) : [],
  };
}

/** Endpoints of AWS services may have any public address, on the ports that are approved for them. */
function perhapsServices(addresses: AddressSet, services: readonly ApprovedService[]): readonly string[] {
  if (services.length === 0 || isNothing(addresses)) return [];
  const ports = services.reduce((all, service) => unionPorts(all, service.ports), NO_PORTS);
  const surelyOthers = subtract(addresses, onPorts(PUBLIC_SPACE, ports));
  return isNothing(surelyOthers) ? services.map(({ service }) => service) : [];
}
