import type { KubeRequest } from '../../connect/kube/kube-api.ts';
import type { DeclaredNetwork } from '../../inventory/engine-settings.ts';
import type { GapReason } from '../../inventory/gap.ts';
import type { Unverified } from '../../inventory/inventory.ts';
import type { ClusterIdentity } from '../../inventory/names.ts';

/**
 * A written snapshot: gzip of one JSON value a line, a section for each cluster. A section begins with its
 * {@link SectionHeader} and ends with its {@link SectionEnd}; between them is what was asked of the cluster and what
 * was answered, in that order, an {@link AnswerHeader} followed by the reduced body where it has one. Of equal
 * questions the last answer counts. docs/snapshots.md describes it.
 */
export const FORMAT = 'eks-drift-auditor-snapshot';

/** To be raised when lines get another meaning. What pods are read into is compared by `facts`. */
export const FORMAT_VERSION = 1;

export interface SectionHeader {
  readonly format: typeof FORMAT;
  readonly version: number;
  /** The version of the program that wrote it. */
  readonly tool: string;
  /** RFC 3339; ages count until then. */
  readonly takenAt: string;
  readonly cluster: ClusterIdentity;
  /** As refusals name it. */
  readonly server: string;
  readonly unverified?: Unverified;
  readonly declared: DeclaredNetwork | null;
  /** What pods were read into: a fact that a later version reads must not read as absent. */
  readonly facts: readonly string[];
  /** Annotations that whoever wrote it named, in addition to those that all versions keep. */
  readonly annotations?: readonly string[];
}

export interface AnswerHeader {
  readonly key: string;
  readonly answer:
    | { readonly status: number; readonly contentType: string }
    /** No answer, or none that asking again would not change; `attempts` in a row. */
    | {
        readonly failed: { readonly reason: GapReason; readonly message: string; readonly remedy: string };
        readonly attempts: number;
      };
}

export interface SectionEnd {
  readonly end: true;
  /** The lines before it in its section. */
  readonly lines: number;
}

/** How pods are answered from a snapshot: as they were read, so that nothing else of them is kept. */
export const POD_RECORDS = 'application/vnd.eks-drift-auditor.pods+json';

/** Equal for equal questions. */
export function keyOf({ path, query = {}, accept = '' }: KubeRequest): string {
  const pairs = Object.entries(query).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${path}?${new URLSearchParams(pairs)} ${accept}`;
}

/** Maps and sets as JSON has none. */
export const withMaps = (_key: string, value: unknown): unknown => {
  if (value instanceof Map) return { $map: [...value] };
  return value instanceof Set ? { $set: [...value] } : value;
};

export const fromMaps = (_key: string, value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if ('$map' in value && Array.isArray(value.$map)) return new Map(value.$map as [unknown, unknown][]);
  return '$set' in value && Array.isArray(value.$set) ? new Set(value.$set) : value;
};
