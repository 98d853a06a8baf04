import { type AddressSet, fromSpans, isNothing, NOTHING } from '../../egress/sets/address-set.ts';
import { type AddressSpan, parseCidr, parseUnmapped } from '../../egress/sets/addresses.ts';
import { NO_PORTS, onePort, type PortSet, unionOfPorts } from '../../egress/sets/port-set.ts';
import { type EntryPort, isKnownProtocol, type ServiceEntry } from '../../mesh/service-entry.ts';

/** Where connections to an entry go. */
export interface Destination {
  /** Single addresses. */
  readonly points: readonly Point[];
  /** Blocks of addresses with ports. */
  readonly blocks: AddressSet;
  /** Ports of addresses that only a resolver knows. */
  readonly unresolved: PortSet;
  /** Whether that is all. */
  readonly complete: boolean;
  /** Equal for equal destinations. */
  readonly key: string;
}

interface Point {
  readonly address: string;
  readonly port: number;
}

const known = new WeakMap<ServiceEntry, Destination>();

export function destinationOf(entry: ServiceEntry): Destination {
  const destination = known.get(entry) ?? { ...read(entry), key: keyOf(entry) };
  known.set(entry, destination);
  return destination;
}

/** Whether it has no port that a sidecar carries. */
export const isNowhere = ({ points, blocks, unresolved }: Destination): boolean =>
  points.length === 0 && isNothing(blocks) && unresolved.length === 0;

const keyOf = ({ resolution, addresses, endpoints, ports }: ServiceEntry): string =>
  JSON.stringify([resolution, addresses, endpoints, ports]);

type Read = Omit<Destination, 'key'>;

function read(entry: ServiceEntry): Read {
  const { resolution, addresses, endpoints, ports } = entry;
  const carried = ports.filter((port) => isKnownProtocol(port) && port.protocol !== 'UDP');
  if (resolution === 'NONE')
    return asSent(
      addresses,
      portsOf(carried, ({ number }) => number),
    );
  if (endpoints.length > 0) return toEndpoints(entry, carried);
  return { ...NOWHERE, unresolved: portsOf(carried, ({ target }) => target) };
}

const NOWHERE: Read = { points: [], blocks: NOTHING, unresolved: NO_PORTS, complete: true };

const portsOf = (ports: readonly EntryPort[], numberOf: (port: EntryPort) => number): PortSet =>
  unionOfPorts([...new Set(ports.map(numberOf))].map((number) => onePort('TCP', number)));

/** Without resolution a connection goes where the application sent it. */
function asSent(addresses: readonly string[], ports: PortSet): Read {
  const spans = addresses.map(spanOf);
  const blocks = fromSpans(
    spans.filter((span) => span !== null),
    ports,
  );
  // What is neither an address nor a block may be anything.
  const anything = spans.length === 0 || spans.includes(null);
  return { ...NOWHERE, blocks, unresolved: anything ? ports : NO_PORTS };
}

function spanOf(text: string): AddressSpan | null {
  const address = parseUnmapped(text);
  return parseCidr(address === null ? text : `${text}/${address.family === 4 ? 32 : 128}`);
}

/** Every endpoint has every port, so an object of a megabyte may have a hundred million of these. */
const MOST_POINTS = 1000;

function toEndpoints({ endpoints }: ServiceEntry, carried: readonly EntryPort[]): Read {
  const points: Point[] = [];
  const unresolved = new Set<number>();
  let looked = 0;
  for (const { address, ports } of endpoints) {
    const isAddress = parseUnmapped(address) !== null;
    for (const { name, target } of carried) {
      if (looked === MOST_POINTS) break;
      looked += 1;
      const port = (Object.hasOwn(ports, name) ? ports[name] : undefined) ?? target;
      if (isAddress) points.push({ address, port });
      else unresolved.add(port);
    }
  }
  return {
    ...NOWHERE,
    points,
    unresolved: unionOfPorts([...unresolved].map((port) => onePort('TCP', port))),
    complete: looked === endpoints.length * carried.length,
  };
}
