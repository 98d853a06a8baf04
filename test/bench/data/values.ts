import type { PodSlot, WorkloadSlot } from './placeholders.ts';

/** Everything about pod number `i` follows from `i`, in every run and every process. */

export const REPLICAS = 20;
const WORKLOADS_A_NAMESPACE = 20;
const PODS_A_NODE = 30;
/** The instant at which the cluster is looked at. */
export const NOW = Date.parse('2026-11-21T12:00:00Z');

export const workloadCount = (pods: number): number => Math.ceil(pods / REPLICAS);
export const namespaceCount = (pods: number): number =>
  Math.ceil(workloadCount(pods) / WORKLOADS_A_NAMESPACE);
export const nodeCount = (pods: number): number => Math.ceil(pods / PODS_A_NODE);

export const workloadName = (index: number): string => `s-${String(index).padStart(8, '0')}`;
export const namespaceName = (index: number): string => `t-${String(index).padStart(6, '0')}`;
export const namespaceOfWorkload = (workload: number): string =>
  namespaceName(Math.floor(workload / WORKLOADS_A_NAMESPACE));
export const nodeName = (index: number): string =>
  `ip-10-${octets(index).join('-')}.eu-west-1.compute.internal`;

/** Always three digits each, so that addresses keep their length. */
function octets(index: number): readonly number[] {
  return [Math.floor(index / 22_500) % 150, Math.floor(index / 150) % 150, index % 150].map(
    (digit) => 100 + digit,
  );
}

/** A number from another, well mixed (the finaliser of MurmurHash3). */
export function mix(value: number, salt: number): number {
  let hash = (value + Math.imul(salt, 0x9e3779b1)) | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The alphabet of generated names (apimachinery, pkg/util/rand). */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** As generated names end. The first two characters count, so that no two replicas are called the same. */
function suffix(value: number, length: number): string {
  let hash = mix(value, length);
  let text = '';
  for (let index = 0; index < length; index++) {
    const letter = index < 2 ? Math.floor(value / 27 ** (1 - index)) : hash;
    text += ALPHABET[letter % ALPHABET.length];
    hash = mix(hash, index);
  }
  return text;
}

function hex(value: number, length: number): string {
  let text = '';
  for (let index = 0; text.length < length; index++)
    text += mix(value, 100 + index)
      .toString(16)
      .padStart(8, '0');
  return text.slice(0, length);
}

/** Made once: a page must cost little, or the generator would be what is measured. */
const DIGESTS = Array.from({ length: 4096 }, (_, index) => hex(index, 64));
const TAILS = DIGESTS.map(
  (digest) => `-${digest.slice(0, 4)}-4${digest.slice(4, 7)}-8${digest.slice(7, 10)}-${digest.slice(10, 22)}`,
);

const digest = (value: number, salt: number): string => DIGESTS[mix(value, salt) % DIGESTS.length] as string;

/** A UUID that no other value of the same salt has. */
const uuid = (value: number, salt: number): string =>
  value.toString(16).padStart(8, '0') + (TAILS[mix(value, salt) % TAILS.length] as string);

export function workloadValues(workload: number): Record<WorkloadSlot, string> {
  const digit = (salt: number): number => 10 + (mix(workload, salt) % 90);
  return {
    namespace: namespaceOfWorkload(workload),
    workload: workloadName(workload),
    hash: suffix(workload, 10),
    ownerUid: uuid(workload, 1),
    version: `${digit(2)}.${digit(3)}.${digit(4)}`,
    digest0: digest(workload, 5),
    // Sidecars are of few versions in a cluster.
    digest1: digest(workload % 3, 6),
    digest2: digest(workload % 2, 7),
  };
}

export interface PodTimes {
  readonly created: number;
  readonly started: number;
}

/** Up to 90 days old; a tenth of the pods restarted their containers since. */
export function podTimes(pod: number): PodTimes {
  const age = 60 + (mix(pod, 20) % (90 * 86_400));
  const created = NOW - age * 1000;
  const restarted = mix(pod, 21) % 10 === 0;
  return { created, started: restarted ? created + (mix(pod, 22) % age) * 1000 : created + 3000 };
}

export function podValues(pod: number, pods: number): Record<PodSlot, string> {
  const node = mix(pod, 30) % nodeCount(pods);
  const [a, b, c] = octets(mix(pod, 31));
  return {
    suffix: suffix(pod, 5),
    token: suffix(mix(pod, 32), 5),
    uid: uuid(pod, 33),
    resourceVersion: String(1_000_000_000 + (mix(pod, 34) % 1_000_000_000)),
    node: octets(node).join('-'),
    hostIp: `10.${octets(node).join('.')}`,
    podIp: `10.${a}.${b}.${c}`,
    container0: digest(pod, 35),
    container1: digest(pod, 36),
    container2: digest(pod, 37),
  };
}
