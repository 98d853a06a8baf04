import { type Fields, field, isFields, isUnset, quote, unknownFields } from '../../policies/shape.ts';
import {
  ALL_PORTS,
  everyPortOf,
  isPort,
  isProtocol,
  NO_PORTS,
  type PortSet,
  portRange,
  unionOfPorts,
} from '../../sets/port-set.ts';
import type { PortBounds, Remarks } from '../core/network-policy-rule.ts';

/** Reads one entry of a list of ports. */
export type ParsePortEntry = (entry: Fields, path: string, remarks: Remarks) => PortBounds;

const known = (ports: PortSet): PortBounds => ({ definite: ports, potential: ports });
const atMost = (potential: PortSet): PortBounds => ({ definite: NO_PORTS, potential });

/**
 * "If Ports is not set then the rule does not filter traffic via port." An empty list is refused
 * (`MinItems=1`), so it means nothing that could be known.
 */
export function parseAdminPorts(
  value: unknown,
  { path, remarks, parseEntry }: { path: string; remarks: Remarks; parseEntry: ParsePortEntry },
): PortBounds {
  if (isUnset(value)) return known(ALL_PORTS);
  if (!Array.isArray(value) || value.length === 0) {
    remarks.uncertainties.push(`${path} is ${quote(value)} and not a list of ports`);
    return atMost(ALL_PORTS);
  }
  const entries = value.map((entry: unknown, index) => {
    if (isFields(entry)) return parseEntry(entry, `${path}[${index}]`, remarks);
    remarks.uncertainties.push(`${path}[${index}] is ${quote(entry)} and not a port`);
    return atMost(ALL_PORTS);
  });
  const definite = unionOfPorts(entries.map((entry) => entry.definite));
  return entries.every((entry) => entry.definite === entry.potential)
    ? known(definite)
    : { definite, potential: unionOfPorts(entries.map((entry) => entry.potential)) };
}

/**
 * `AdminNetworkPolicyPort` (network-policy-api, apis/v1alpha1/shared_types.go) and
 * `ClusterNetworkPolicyPort` of networking.k8s.aws/v1alpha1: "Exactly one field must be set."
 */
export const parsePortV1alpha1: ParsePortEntry = (entry, path, remarks) => {
  const chosen = onlyField(entry, ['portNumber', 'portRange', 'namedPort'], path, remarks);
  if (chosen === null) return atMost(ALL_PORTS);
  const { name, value } = chosen;
  if (name === 'namedPort') return namedPort(value, `${path}.namedPort`, remarks);
  if (!isFields(value)) return notUnderstood(value, `${path}.${name}`, remarks);
  const [first, last] = name === 'portNumber' ? (['port', 'port'] as const) : (['start', 'end'] as const);
  const [strange] = unknownFields(value, ['protocol', first, last]);
  // "If not specified, this field defaults to TCP."
  const protocol = field(value, 'protocol') ?? 'TCP';
  if (strange !== undefined || !isProtocol(protocol)) {
    return notUnderstood(value, `${path}.${name}`, remarks);
  }
  const from = field(value, first);
  const to = field(value, last);
  if (isPort(from) && isPort(to) && from <= to) return known(portRange(protocol, from, to));
  remarks.uncertainties.push(`${path}.${name} is ${quote(value)} and not a range of ports`);
  return atMost(everyPortOf(protocol));
};

const PROTOCOL_FIELDS = { tcp: 'TCP', udp: 'UDP', sctp: 'SCTP' } as const;

/**
 * `ClusterNetworkPolicyProtocol` (network-policy-api, apis/v1alpha2): "Exactly one field must be
 * set." "If `destinationPort` is omitted, all ports for the specified protocol match."
 * (https://network-policy-api.sigs.k8s.io/api-overview/#rules)
 */
export const parsePortV1alpha2: ParsePortEntry = (entry, path, remarks) => {
  const chosen = onlyField(entry, ['tcp', 'udp', 'sctp', 'destinationNamedPort'], path, remarks);
  if (chosen === null) return atMost(ALL_PORTS);
  const { name, value } = chosen;
  if (name === 'destinationNamedPort') return namedPort(value, `${path}.${name}`, remarks);
  const protocol = PROTOCOL_FIELDS[name];
  const everyPort = everyPortOf(protocol);
  const port = isFields(value) ? field(value, 'destinationPort') : undefined;
  if (!isFields(value) || unknownFields(value, ['destinationPort']).length > 0) {
    remarks.uncertainties.push(`${path}.${name} is ${quote(value)} and not understood`);
    return atMost(everyPort);
  }
  if (isUnset(port)) return known(everyPort);
  const numbers = isFields(port) ? portNumbers(port) : null;
  if (numbers !== null) return known(portRange(protocol, ...numbers));
  remarks.uncertainties.push(
    `${path}.${name}.destinationPort is ${quote(port)} and not a port or range of ports`,
  );
  return atMost(everyPort);
};

/** "You must specify either Port or Range." The range is inclusive. */
function portNumbers(port: Fields): [number, number] | null {
  if (unknownFields(port, ['number', 'range']).length > 0) return null;
  const number = field(port, 'number');
  const range = field(port, 'range');
  if (isUnset(range)) return isPort(number) ? [number, number] : null;
  if (!isUnset(number) || !isFields(range) || unknownFields(range, ['start', 'end']).length > 0) return null;
  const start = field(range, 'start');
  const end = field(range, 'end');
  return isPort(start) && isPort(end) && start <= end ? [start, end] : null;
}

/** @returns null, with an uncertainty, unless exactly one field is set and that one is known */
function onlyField<Name extends string>(
  entry: Fields,
  names: readonly Name[],
  path: string,
  { uncertainties }: Remarks,
): { readonly name: Name; readonly value: unknown } | null {
  const [only, ...others] = unknownFields(entry, []);
  const name = names.find((known) => known === only);
  if (name !== undefined && others.length === 0) return { name, value: field(entry, name) };
  uncertainties.push(`${path} is ${quote(entry)} and not exactly one of ${names.join(', ')}`);
  return null;
}

/**
 * A name is looked up in the container ports of the destination pod: "there are no namedPorts for
 * networks/nodes/domainNames" (the CRD's validation message).
 */
function namedPort(value: unknown, path: string, remarks: Remarks): PortBounds {
  if (typeof value !== 'string' || value === '') return notUnderstood(value, path, remarks);
  remarks.notes.push(
    `${remarks.name}: ${path} names the port ${quote(value)}, which refers to ports of pods, not to ports outside the cluster.`,
  );
  return known(NO_PORTS);
}

function notUnderstood(value: unknown, path: string, { uncertainties }: Remarks): PortBounds {
  uncertainties.push(`${path} is ${quote(value)} and not understood`);
  return atMost(ALL_PORTS);
}
