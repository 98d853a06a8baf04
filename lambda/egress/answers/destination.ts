import { type AddressSet, fromSpans } from '../sets/address-set.ts';
import { type AddressSpan, parseAddress, parseCidr } from '../sets/addresses.ts';
import {
  ALL_PORTS,
  everyPortOf,
  isPort,
  isProtocol,
  type PortSet,
  portRange,
  printPorts,
} from '../sets/port-set.ts';
import { portsText } from '../sets/words.ts';

/** Where to: addresses or a name, and on which ports. */
export interface Destination {
  /** For people. */
  readonly text: string;
  readonly ports: PortSet;
  /** With these ports; null for a name, whose addresses are not known. */
  readonly addresses: AddressSet | null;
  readonly name: string | null;
}

/**
 * Reads `8.8.8.8:443`, `203.0.113.0/24:8000-8999`, `[2001:db8::1]:53/UDP`, `api.example.com:443`. Without
 * a protocol TCP is meant, as in policies; without a port every port of TCP, UDP and SCTP, or of the
 * protocol in `8.8.8.8:/UDP`.
 *
 * @returns a part of a sentence that says what is wrong, where it cannot be read
 */
export function parseDestination(text: string): Destination | string {
  const { where, ports: portPart } = split(text.trim());
  const ports = readPort(portPart);
  if (ports === null) {
    return 'its port is not valid: write a number from 1 to 65535 or a range, followed by /UDP or /SCTP if it is not TCP';
  }
  const described = (what: string, bracketed: string): string =>
    portPart === null ? what : `${bracketed} on ${portsText(printPorts(ports))}`;
  const span = readSpan(where);
  if (span !== null) {
    return { text: described(where, where), ports, addresses: fromSpans([span], ports), name: null };
  }
  if (!HOST_NAME.test(where) || NUMERIC.test(where)) {
    return 'it is not an IP address, CIDR block or host name; write IPv6 with a port in brackets, as in [2001:db8::1]:443';
  }
  return { text: described(where, where), ports, addresses: null, name: where };
}

/** LDH labels and `_` (RFC 1123 §2.1, RFC 2181 §11), at most 253 characters. */
const HOST_NAME =
  /^(?=.{1,253}\.?$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$/i;
/** "A valid host name can never have the dotted-decimal form" (RFC 1123 §2.1): such is a wrong address. */
const NUMERIC = /^[0-9.]+$/;

function split(text: string): { readonly where: string; readonly ports: string | null } {
  const [, bracketed, behind] = /^\[([^\]]*)\](?::(.*))?$/.exec(text) ?? [];
  if (bracketed !== undefined) return { where: bracketed, ports: behind ?? null };
  if (readSpan(text) !== null) return { where: text, ports: null };
  const colon = text.lastIndexOf(':');
  return colon < 0
    ? { where: text, ports: null }
    : { where: text.slice(0, colon), ports: text.slice(colon + 1) };
}

function readSpan(text: string): AddressSpan | null {
  if (text.includes('/')) return parseCidr(text);
  const address = parseAddress(text);
  if (address === null) return null;
  return address.family === 4
    ? { family: 4, from: address.value, end: address.value + 1 }
    : { family: 6, from: address.value, end: address.value + 1n };
}

/** @returns null if it is none */
function readPort(text: string | null): PortSet | null {
  if (text === null) return ALL_PORTS;
  const match = /^(?:(\d{1,5})(?:-(\d{1,5}))?)?(?:\/([a-z]+))?$/i.exec(text);
  const [, first, last = first, name = 'TCP'] = match ?? [];
  const protocol = name.toUpperCase();
  if (match === null || text === '' || !isProtocol(protocol)) return null;
  if (first === undefined) return everyPortOf(protocol);
  const [from, to] = [Number(first), Number(last)];
  return isPort(from) && isPort(to) && from <= to ? portRange(protocol, from, to) : null;
}
