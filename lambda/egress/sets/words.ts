import { parseIp } from 'ip-bigint';
import { type Ports, PROTOCOLS } from './port-set.ts';
import type { ExternalRange } from './reach.ts';

/** `TCP 443, 8000-8999; UDP 53`, or `every port`. */
export function portsText(ports: Ports): string {
  if (ports === 'all') return 'every port';
  return PROTOCOLS.flatMap((protocol) => {
    const of = ports.filter((range) => range.protocol === protocol);
    if (of.length === 0) return [];
    return [`${protocol} ${of.map(({ from, to }) => intervalText(from, to)).join(', ')}`];
  }).join('; ');
}

function intervalText(from: number, to: number): string {
  if (from === to) return String(from);
  return from <= 1 && to === 65_535 ? 'every port' : `${from}-${to}`;
}

/** `10.0.0.0/8`, a single address, or `10.0.0.1 - 10.0.0.9` where no prefix fits. */
export function rangeText({ from, to }: Pick<ExternalRange, 'from' | 'to'>): string {
  if (from === to) return from;
  return cidrText({ from, to }) ?? `${from} - ${to}`;
}

/** The one block that is exactly this range, a single address too; null if there is none. */
export function cidrText({ from, to }: Pick<ExternalRange, 'from' | 'to'>): string | null {
  const first = parseIp(from);
  const size = parseIp(to).number - first.number + 1n;
  const aligned = (size & (size - 1n)) === 0n && first.number % size === 0n;
  if (!aligned) return null;
  const bits = first.version === 4 ? 32 : 128;
  return `${from}/${bits - (size.toString(2).length - 1)}`;
}
