import type { EgressConfig } from '../config/model.ts';
import { type AddressSet, fromSpans, onPorts, subtract, unionAll } from './address-set.ts';
import { parseCidr } from './addresses.ts';
import { ALL_PORTS, NO_PORTS, onePort, type PortSet, portOfEveryProtocol, unionPorts } from './port-set.ts';
import { PUBLIC_SPACE } from './public-space.ts';

/** Destinations that the configuration accepts, as far as they are known as addresses. */
export interface Approved {
  readonly addresses: AddressSet;
  /** Public addresses at which TCP `port` is not approved. */
  publicBesides(port: number): AddressSet;
  /** What of the configuration does not count yet; whole sentences. */
  readonly notes: readonly string[];
}

export function approvedDestinations(config: EgressConfig): Approved {
  const parsed = config.approved.map(({ name, cidrs, awsService, ports }) => {
    const spans = cidrs.map(parseCidr);
    const wrong = cidrs.filter((_, index) => spans[index] === null);
    return {
      addresses: fromSpans(
        spans.filter((span) => span !== null),
        ports === null ? ALL_PORTS : portsOf(ports),
      ),
      notes: [
        ...wrong.map(
          (cidr) => `Approved destination ${name}: ${cidr} is not a CIDR block and does not count.`,
        ),
        ...(awsService === null
          ? []
          : [
              `Approved destination ${name}: the addresses of AWS service ${awsService} are not known, so it does not count.`,
            ]),
      ],
    };
  });
  return approvedAt(
    unionAll(parsed.map(({ addresses }) => addresses)),
    parsed.flatMap(({ notes }) => notes),
  );
}

/** Approves these destinations. */
export function approvedAt(addresses: AddressSet, notes: readonly string[] = []): Approved {
  const byPort = new Map<number, AddressSet>();
  return {
    addresses,
    notes,
    publicBesides(port) {
      const known = byPort.get(port);
      if (known !== undefined) return known;
      const onPort = onePort('TCP', port);
      const rest = subtract(onPorts(PUBLIC_SPACE, onPort), onPorts(addresses, onPort));
      byPort.set(port, rest);
      return rest;
    },
  };
}

const portsOf = (ports: readonly number[]): PortSet =>
  ports.reduce<PortSet>((set, port) => unionPorts(set, portOfEveryProtocol(port)), NO_PORTS);
