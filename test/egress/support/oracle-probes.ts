import { parseAddress } from '../../../lambda/egress/sets/addresses.ts';
import type { Ports, Protocol } from '../../../lambda/egress/sets/port-set.ts';
import type { ExternalRange, Reach } from '../../../lambda/egress/sets/reach.ts';

/** One question of an oracle case, with its answer. */
export interface Probe {
  readonly dst: string;
  readonly protocol: Protocol;
  readonly port: number;
  readonly allowed: boolean;
}

/** A destination by name counts as allowed if a host rule names it, or all addresses are open. */
export function isAllowed({ external, hosts }: Reach, { dst, protocol, port }: Probe): boolean {
  if (parseAddress(dst) !== null)
    return external.some((range) => contains(range, dst) && opens(range.ports, protocol, port));
  const whole = external.some(
    ({ from, to, ports }) => from === '0.0.0.0' && to === '255.255.255.255' && opens(ports, protocol, port),
  );
  return whole || hosts.some(({ host, ports }) => host === dst && opens(ports, protocol, port));
}

function contains({ from, to }: ExternalRange, address: string): boolean {
  const [low, high, at] = [from, to, address].map(parseAddress);
  return (
    low?.family === at?.family && !!low && !!high && !!at && low.value <= at.value && at.value <= high.value
  );
}

const opens = (ports: Ports, protocol: Protocol, port: number): boolean =>
  ports === 'all' ||
  ports.some((range) => range.protocol === protocol && range.from <= port && port <= range.to);
