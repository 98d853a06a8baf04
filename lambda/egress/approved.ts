import type { EgressConfig } from '../config/model.ts';
import { type AddressSet, fromSpans, unionAll } from './address-set.ts';
import { parseCidr } from './addresses.ts';
import { ALL_PORTS, NO_PORTS, type PortSet, portOfEveryProtocol, unionPorts } from './port-set.ts';

/** Destinations that the configuration accepts, as far as they are known as addresses. */
export interface Approved {
  readonly addresses: AddressSet;
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
  return {
    addresses: unionAll(parsed.map(({ addresses }) => addresses)),
    notes: parsed.flatMap(({ notes }) => notes),
  };
}

const portsOf = (ports: readonly number[]): PortSet =>
  ports.reduce<PortSet>((set, port) => unionPorts(set, portOfEveryProtocol(port)), NO_PORTS);
