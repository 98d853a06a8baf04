import { max4, max6, parseIp } from 'ip-bigint';
import type { ExternalRange, HostRule, Reach } from '../../egress/sets/reach.ts';
import { portsText, rangeText } from '../../egress/sets/words.ts';

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
