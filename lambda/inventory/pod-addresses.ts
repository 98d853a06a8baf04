import { isIPv4, isIPv6 } from 'node:net';
import { parseIp } from 'ip-bigint';
import type { PodRecord } from './pod.ts';
import { isCompleted } from './population.ts';

/** Addresses in ascending order, each once: 4 bytes for one of IPv4, 16 for one of IPv6. */
export interface AddressList {
  readonly v4: Uint32Array;
  /** Two numbers an address: its upper and its lower half. */
  readonly v6: BigUint64Array;
}

/** Gathers addresses in any order. */
export interface AddressCollector {
  /** What is no address does not count. */
  add(text: string): void;
  restart(): void;
  list(): AddressList;
}

/**
 * What a status says of the addresses of a pod, as far as they are its own: on the host network they are those of
 * the node, and one that has ended has given them back.
 *
 * @param ips `status.podIPs`, which has the address of `status.podIP` as its first
 */
export function ownAddresses(
  pod: Pick<PodRecord, 'phase'> & { readonly hostNetwork: boolean },
  ips: readonly string[],
  ip: string | null,
): Pick<PodRecord, 'addresses'> {
  if (pod.hostNetwork || isCompleted(pod)) return {};
  const addresses = ips.length === 0 && ip ? [ip] : ips;
  return addresses.length === 0 ? {} : { addresses };
}

/** @param first addresses that are in it from the start, but not after a restart */
export function createAddressCollector(first?: AddressList): AddressCollector {
  let v4 = first?.v4.slice() ?? new Uint32Array(0);
  let v6 = first?.v6.slice() ?? new BigUint64Array(0);
  let used4 = v4.length;
  let used6 = v6.length;
  return {
    add(text) {
      if (isIPv4(text)) {
        if (used4 === v4.length) v4 = grown(v4, new Uint32Array(roomAfter(used4)));
        v4[used4++] = Number(parseIp(text).number);
      } else if (isIPv6(text)) {
        const { number } = parseIp(text);
        if (used6 === v6.length) v6 = grown(v6, new BigUint64Array(roomAfter(used6)));
        v6[used6++] = number >> HALF;
        // Such an array keeps the lower 64 bits.
        v6[used6++] = number;
      }
    },
    restart() {
      used4 = 0;
      used6 = 0;
    },
    list: () => ({ v4: sorted4(v4.slice(0, used4)), v6: sorted6(v6.subarray(0, used6)) }),
  };
}

const HALF = 64n;

/** By half; even, as an address of IPv6 takes two. */
const roomAfter = (used: number): number => Math.max(256, (used >> 2) * 6);

function grown<T extends Uint32Array | BigUint64Array>(from: T, into: T): T {
  into.set(from as never);
  return into;
}

function sorted4(addresses: Uint32Array): Uint32Array {
  addresses.sort();
  let kept = 0;
  for (const address of addresses) {
    if (kept === 0 || addresses[kept - 1] !== address) addresses[kept++] = address;
  }
  return addresses.slice(0, kept);
}

function sorted6(halves: BigUint64Array): BigUint64Array {
  const all = Array.from({ length: halves.length / 2 }, (_, index) => at6(halves, index));
  const ascending = [...new Set(all)].sort((a, b) => (a < b ? -1 : 1));
  return BigUint64Array.from(ascending.flatMap((address) => [address >> HALF, BigInt.asUintN(64, address)]));
}

const at6 = (halves: BigUint64Array, index: number): bigint =>
  ((halves[2 * index] ?? 0n) << HALF) | (halves[2 * index + 1] ?? 0n);

export const isEmpty = ({ v4, v6 }: AddressList): boolean => v4.length + v6.length === 0;

/** Whether it has every address of a range, `end` not included: then they come one after the other. */
export function hasEvery4({ v4 }: AddressList, from: number, end: number): boolean {
  const index = firstFrom(v4.length, (at) => (v4[at] ?? 0) >= from);
  return v4[index] === from && v4[index + end - from - 1] === end - 1;
}

/** The same of IPv6. */
export function hasEvery6({ v6 }: AddressList, from: bigint, end: bigint): boolean {
  const count = v6.length / 2;
  const index = firstFrom(count, (at) => at6(v6, at) >= from);
  if (end - from > BigInt(count - index)) return false;
  return at6(v6, index) === from && at6(v6, index + Number(end - from) - 1) === end - 1n;
}

/** The first index at which it holds, as it does at all after it; `count`: at none. */
function firstFrom(count: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
