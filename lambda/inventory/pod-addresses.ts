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

/** What a status says of addresses: of the node `status.hostIP` and `hostIPs`, of the pod `podIP` and `podIPs`. */
export interface StatusAddresses {
  readonly podIP: string;
  /** They have the address of `podIP` as their first. */
  readonly podIPs: readonly string[];
  readonly hostIP: string;
  readonly hostIPs: readonly string[];
}

/**
 * The addresses of a pod and of its node. On the host network a pod has those of the node; one that has ended has
 * given its own back.
 * https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodStatus
 */
export function addressesOf(
  pod: Pick<PodRecord, 'phase'> & { readonly hostNetwork: boolean },
  { podIP, podIPs, hostIP, hostIPs }: StatusAddresses,
): Pick<PodRecord, 'addresses' | 'nodeAddresses'> {
  if (isCompleted(pod)) return {};
  const its = allOf(podIPs, podIP);
  const host = allOf(hostIPs, hostIP);
  const node = pod.hostNetwork ? [...new Set([...host, ...its])] : host;
  return {
    ...(its.length > 0 && !pod.hostNetwork && { addresses: its }),
    ...(node.length > 0 && { nodeAddresses: node }),
  };
}

const allOf = (ips: readonly string[], ip: string): readonly string[] =>
  ips.length === 0 && ip !== '' ? [ip] : ips;

/** Gathers the addresses of pods and nodes as pods tell them, those of a node once. */
export function createMachineAddresses() {
  const all = createAddressCollector();
  const nodes = new Set<string>();
  return {
    add({
      source,
      addresses,
      nodeAddresses,
    }: Pick<PodRecord, 'source' | 'addresses' | 'nodeAddresses'>): void {
      // A manifest may have been exported with its status.
      if (source !== 'pod') return;
      addresses?.forEach(all.add);
      if (nodeAddresses === undefined || nodes.has(nodeAddresses.join())) return;
      nodes.add(nodeAddresses.join());
      nodeAddresses.forEach(all.add);
    },
    restart(): void {
      nodes.clear();
      all.restart();
    },
    list: all.list,
  };
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
