import { createHash } from 'node:crypto';

/** A Kubernetes API object as JSON carries it. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly [field: string]: unknown;
}

export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly [field: string]: unknown;
}

export type Json = Readonly<Record<string, unknown>>;
export type Labels = Readonly<Record<string, string>>;

const SECOND = 1000;
export const seconds = (count: number): number => count * SECOND;
export const minutes = (count: number): number => count * 60 * SECOND;
export const hours = (count: number): number => count * 3600 * SECOND;
export const days = (count: number): number => count * 86_400 * SECOND;

/** RFC 3339 in UTC without fractions, as `metav1.Time` is written. */
export function instant(epochMilliseconds: number): string {
  return `${new Date(epochMilliseconds).toISOString().slice(0, 19)}Z`;
}

/**
 * The hexadecimal SHA-256 of a key. Everything in the sample that looks random (uids, hashes, digests)
 * derives from such a key, so that a change to one workload leaves all others as they were.
 */
export function hex(key: string, length = 64): string {
  return createHash('sha256').update(key).digest('hex').slice(0, length);
}

/** An integer from 0 to below `limit`. */
export function numberFrom(key: string, limit: number): number {
  return Number.parseInt(hex(key, 8), 16) % limit;
}

/** A version 4 UUID by form. */
export function uidOf(key: string): string {
  const h = hex(`uid:${key}`, 32);
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-8${h.slice(17, 20)}-${h.slice(20)}`;
}

/** Without vowels and look-alikes. Source: `SafeEncodeString` in k8s.io/apimachinery/pkg/util/rand. */
const SAFE_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** The random part of a generated name: `x7k2p`, `7d9c8f6b5d`. */
export function suffixOf(key: string, length: number): string {
  const h = hex(`suffix:${key}`);
  let suffix = '';
  for (let index = 0; index < length; index++) {
    suffix += SAFE_ALPHABET[Number.parseInt(h.slice(index * 4, index * 4 + 4), 16) % SAFE_ALPHABET.length];
  }
  return suffix;
}

/** Leaves out what is undefined, as a serializer with `omitempty` does. */
export function present<T extends object>(object: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
