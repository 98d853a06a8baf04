import { type EgressRule, isUnread, type SecurityGroup, type VpcFacts } from '../../inventory/vpc.ts';
import { type AddressSet, EVERYTHING, fromSpans, onPorts } from '../sets/address-set.ts';
import { type AddressSpan, parseCidr } from '../sets/addresses.ts';
import {
  ALL_PORTS,
  everyPortOf,
  MAX_PORT,
  NO_PORTS,
  type PortSet,
  type Protocol,
  portRange,
} from '../sets/port-set.ts';
import { anyOf, type Bounded, CLOSED, definite, perhaps } from './bounded.ts';

/**
 * What the outbound rules of some security groups allow: rules only allow, those of all groups of an
 * interface count together, and without any rule nothing may leave.
 * https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
 *
 * @param members where members of a security group may be that a rule names; their addresses are not read
 */
export function allowedBy(
  ids: readonly string[],
  facts: Pick<VpcFacts, 'securityGroups' | 'prefixLists'>,
  members: AddressSet,
): Bounded {
  return anyOf(
    ids.flatMap((id) => {
      const group = facts.securityGroups.find((one) => one.id === id);
      if (group === undefined) return perhaps(EVERYTHING, `EC2 did not describe the security group ${id}.`);
      return group.egress.map((rule) => allowedByRule(group, rule, { facts, members }));
    }),
  );
}

function allowedByRule(
  { id }: SecurityGroup,
  rule: EgressRule,
  { facts, members }: { readonly facts: Pick<VpcFacts, 'prefixLists'>; readonly members: AddressSet },
): Bounded {
  const ports = portsOf(rule);
  if (ports.length === 0) return CLOSED;
  return anyOf([
    ofCidrs(rule.cidrs, { ports, where: `security group ${id}` }),
    ...rule.prefixLists.map((list) => {
      const cidrs = cidrsOf(list, facts);
      return isUnread(cidrs)
        ? perhaps(onPorts(EVERYTHING, ports), cidrs.unread)
        : ofCidrs(cidrs, { ports, where: `prefix list ${list}` });
    }),
    ...rule.groups.map((group) =>
      perhaps(
        onPorts(members, ports),
        `The security group ${id} lets traffic out to the members of ${group}, whose addresses are not read.`,
      ),
    ),
  ]);
}

/** CIDR blocks of a prefix list. */
export function cidrsOf(list: string, { prefixLists }: Pick<VpcFacts, 'prefixLists'>) {
  return prefixLists.get(list) ?? { unread: `EC2 did not return the entries of the prefix list ${list}.` };
}

function ofCidrs(
  cidrs: readonly string[],
  { ports, where }: { readonly ports: PortSet; readonly where: string },
): Bounded {
  const spans: AddressSpan[] = [];
  for (const cidr of cidrs) {
    const span = parseCidr(cidr);
    if (span === null)
      return perhaps(onPorts(EVERYTHING, ports), `A CIDR block of ${where} is not understood.`);
    spans.push(span);
  }
  return definite(fromSpans(spans, ports));
}

/**
 * By name or number. "Specifying -1 or a protocol number other than tcp, udp, icmp, or icmpv6 allows
 * traffic on all ports, regardless of any port range you specify."
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
 * https://www.iana.org/assignments/protocol-numbers
 */
const PROTOCOLS: ReadonlyMap<string, Protocol> = new Map([
  ['tcp', 'TCP'],
  ['6', 'TCP'],
  ['udp', 'UDP'],
  ['17', 'UDP'],
  ['sctp', 'SCTP'],
  ['132', 'SCTP'],
]);

function portsOf({ protocol, fromPort, toPort }: EgressRule): PortSet {
  if (protocol === '-1') return ALL_PORTS;
  const known = PROTOCOLS.get(protocol.toLowerCase());
  // ICMP and the like have no ports.
  if (known === undefined) return NO_PORTS;
  const all = known === 'SCTP' || fromPort === null || toPort === null || fromPort < 0 || toPort < 0;
  if (all) return everyPortOf(known);
  const [from, to] = [Math.max(fromPort, 1), Math.min(toPort, MAX_PORT)];
  return from <= to ? portRange(known, from, to) : NO_PORTS;
}
