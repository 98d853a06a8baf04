import { createHash } from 'node:crypto';
import type { ClusterIdentity } from '../inventory/names.ts';
import { type Shard, shardName } from '../inventory/shard.ts';

/** Stands for an account or region that is not known, as for a cluster that is read from files. */
export const UNKNOWN = 'none';

/** File systems take names of 255 bytes; the partition's key and temporary suffixes need some of them. */
const LONGEST_VALUE = 180;

/** `account=…/region=…/cluster=…` */
export const clusterPath = ({ accountId, region, name }: ClusterIdentity): string =>
  `account=${keySafe(accountId ?? UNKNOWN)}/region=${keySafe(region ?? UNKNOWN)}/cluster=${keySafe(name)}`;

/**
 * Any text as one segment of a key: everything but ASCII letters, digits, `.`, `_` and `-` percent-encoded
 * as UTF-8, which Hive and Glue undo in partition values (Hive's FileUtils.escapePathName) and which can
 * neither leave the folder nor start a new partition. Kubeconfig contexts may hold `/`, `:` and `=`. What
 * would be too long for a file name ends in its SHA-256 instead, so that two names never share a key.
 */
export function keySafe(text: string): string {
  if (text === '') return UNKNOWN;
  let safe = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const char = String.fromCharCode(byte);
    safe += /[A-Za-z0-9._-]/.test(char) ? char : percent(byte);
  }
  if (/^\.+$/.test(safe)) safe = safe.replaceAll('.', '%2E');
  if (safe.length <= LONGEST_VALUE) return safe;
  const head = safe.slice(0, LONGEST_VALUE - 66).replace(/%.?$/, '');
  return `${head}~${createHash('sha256').update(text).digest('hex')}`;
}

const percent = (byte: number): string => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;

/** The text of which a partition of a key was made; `null`: it is not there, or was not known. */
export function partitionOf(key: string, partition: string): string | null {
  const found = key.split('/').find((part) => part.startsWith(`${partition}=`));
  const text = found?.slice(partition.length + 1) ?? UNKNOWN;
  return text === UNKNOWN ? null : percentDecoded(text);
}

/** What {@link keySafe} was given, where it was not too long. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Of a cluster that is read in parts, each writes its own object: `-shard-03-of-08`. */
export const shardSuffix = (shard: Shard | null): string => (shard === null ? '' : `-${shardName(shard)}`);
