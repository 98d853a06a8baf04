import type { Labels } from '../../lambda/inventory/names.ts';
import type { PolicyObject } from '../../lambda/inventory/policy-object.ts';

/**
 * The API text of NetworkPolicy, evaluated for one pod, one address and one port at a time, as plainly
 * as possible and with nothing from the program but its types. Only for valid objects.
 */

export interface Traffic {
  readonly address: string;
  readonly protocol: string;
  readonly port: number;
}

export interface BrutePod {
  readonly namespace: string;
  readonly labels: Labels;
}

// biome-ignore lint/suspicious/noExplicitAny: generated objects, valid by construction
type Any = any;

export function isAllowed(policies: readonly PolicyObject[], pod: BrutePod, traffic: Traffic): boolean {
  const isolating = policies.filter((policy) => isolates(policy, pod));
  if (isolating.length === 0) return true;
  return isolating.some((policy) => {
    const spec: Any = policy.spec;
    return (spec.egress ?? []).some((rule: Any) => ruleAllows(rule, traffic));
  });
}

export function isolates(policy: PolicyObject, pod: BrutePod): boolean {
  const spec: Any = policy.spec;
  return (
    policy.namespace === pod.namespace && selects(spec.podSelector ?? {}, pod.labels) && isForEgress(spec)
  );
}

function isForEgress(spec: Any): boolean {
  if (spec.policyTypes !== undefined && spec.policyTypes.length > 0)
    return spec.policyTypes.includes('Egress');
  return spec.egress !== undefined && spec.egress.length > 0;
}

export function selects(selector: Any, labels: Labels): boolean {
  const own = new Map(Object.entries(labels));
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    if (own.get(key) !== value) return false;
  }
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    const present = own.has(key);
    if (operator === 'In' && !(present && values.includes(own.get(key)))) return false;
    if (operator === 'NotIn' && present && values.includes(own.get(key))) return false;
    if (operator === 'Exists' && !present) return false;
    if (operator === 'DoesNotExist' && present) return false;
  }
  return true;
}

function ruleAllows(rule: Any, traffic: Traffic): boolean {
  const anyPort = rule.ports === undefined || rule.ports.length === 0;
  const anyPeer = rule.to === undefined || rule.to.length === 0;
  return (
    (anyPort || rule.ports.some((port: Any) => portMatches(port, traffic))) &&
    (anyPeer || rule.to.some((peer: Any) => peerMatches(peer, traffic.address)))
  );
}

function portMatches(entry: Any, { protocol, port }: Traffic): boolean {
  if ((entry.protocol ?? 'TCP') !== protocol) return false;
  if (entry.port === undefined) return true;
  if (typeof entry.port === 'string') return false;
  return port >= entry.port && port <= (entry.endPort ?? entry.port);
}

/** Peers that select pods match no address outside the cluster. */
function peerMatches(peer: Any, address: string): boolean {
  if (peer.ipBlock === undefined) return false;
  return (
    isInside(peer.ipBlock.cidr, address) &&
    !(peer.ipBlock.except ?? []).some((except: string) => isInside(except, address))
  );
}

export function isInside(cidr: string, address: string): boolean {
  const [network = '', length = ''] = cidr.split('/');
  const a = bitsOf(network);
  const b = bitsOf(address);
  return a.length === b.length && b.startsWith(a.slice(0, Number(length)));
}

const known = new Map<string, string>();

/** 32 or 128 characters, 0 or 1. */
export function bitsOf(address: string): string {
  const bits = known.get(address) ?? readBits(address);
  known.set(address, bits);
  return bits;
}

function readBits(address: string): string {
  if (!address.includes(':')) {
    return address
      .split('.')
      .map((octet) => Number(octet).toString(2).padStart(8, '0'))
      .join('');
  }
  const [left = '', right] = address.split('::');
  const head = left === '' ? [] : left.split(':');
  const tail = right === undefined || right === '' ? [] : right.split(':');
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  return [...head, ...(right === undefined ? [] : zeros), ...tail]
    .map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0'))
    .join('');
}

/** The inverse of {@link bitsOf}, without abbreviation. */
export function addressOf(bits: string): string {
  const width = bits.length === 32 ? 8 : 16;
  const parts = bits.match(new RegExp(`.{${width}}`, 'g')) ?? [];
  return width === 8
    ? parts.map((part) => Number.parseInt(part, 2)).join('.')
    : parts.map((part) => Number.parseInt(part, 2).toString(16)).join(':');
}

/** First and last address of the block and their outer neighbours, where there are any. */
export function edgesOf(cidr: string): readonly string[] {
  const [network = '', length = ''] = cidr.split('/');
  const bits = bitsOf(network);
  const prefix = bits.slice(0, Number(length));
  const first = BigInt(`0b0${prefix.padEnd(bits.length, '0')}`);
  const last = BigInt(`0b0${prefix.padEnd(bits.length, '1')}`);
  return [first - 1n, first, last, last + 1n]
    .filter((value) => value >= 0n && value < 1n << BigInt(bits.length))
    .map((value) => addressOf(value.toString(2).padStart(bits.length, '0')));
}
