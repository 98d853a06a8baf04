import { max4, max6, parseIp } from 'ip-bigint';
import type { ExternalRange, HostRule, Ports, Protocol, Reach } from '../../egress/model.ts';

const PROTOCOLS: readonly Protocol[] = ['TCP', 'UDP', 'SCTP'];

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
  const first = parseIp(from);
  const size = parseIp(to).number - first.number + 1n;
  const aligned = (size & (size - 1n)) === 0n && first.number % size === 0n;
  if (!aligned) return `${from} - ${to}`;
  const bits = first.version === 4 ? 32 : 128;
  return `${from}/${bits - (size.toString(2).length - 1)}`;
}

/** Every address of both families on every port. */
export const isEverything = ({ external }: Pick<Reach, 'external'>): boolean =>
  [max4, max6].every((last, index) =>
    external.some((range) => {
      const { number, version } = parseIp(range.to);
      const whole = version === (index === 0 ? 4 : 6) && number === last && parseIp(range.from).number === 0n;
      return whole && range.ports === 'all';
    }),
  );

export const isNothing = ({
  external,
  hosts = [],
}: {
  readonly external: readonly unknown[];
  readonly hosts?: readonly unknown[];
}): boolean => external.length === 0 && hosts.length === 0;

/** One line for each range and host. */
export interface ReachLine {
  readonly destination: string;
  readonly ports: string;
}

export const reachLines = ({
  external,
  hosts = [],
}: {
  readonly external: readonly ExternalRange[];
  readonly hosts?: readonly HostRule[];
}): readonly ReachLine[] => [
  ...hosts.map(({ host, ports }) => ({ destination: host, ports: portsText(ports) })),
  ...external.map((range) => ({ destination: rangeText(range), ports: portsText(range.ports) })),
];

/** `everything`, `nothing`, or destinations that share their ports together: `TCP 443: a, b; UDP 53: c`. */
export function reachSummary(reach: {
  readonly external: readonly ExternalRange[];
  readonly hosts?: readonly HostRule[];
}): string {
  if (isEverything(reach)) return 'everything';
  if (isNothing(reach)) return 'nothing';
  const byPorts = Map.groupBy(reachLines(reach), ({ ports }) => ports);
  return [...byPorts]
    .map(([ports, lines]) => `${ports}: ${lines.map(({ destination }) => destination).join(', ')}`)
    .join('; ');
}
