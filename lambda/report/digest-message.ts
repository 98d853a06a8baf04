import type { Severity } from '../severity.ts';

export interface Digest {
  /** ASCII, fewer than 100 characters, one line. */
  readonly subject: string;
  /** UTF-8 text in lines of 72 columns; with the attributes at most 256 KiB. */
  readonly body: string;
  readonly attributes: DigestAttributes;
}

/** Message attributes for subscription filters. */
export interface DigestAttributes {
  /** Of the findings that are new or open, whatever `digest.minSeverity` is. */
  readonly maxSeverity: Severity | 'none';
  /** Those at or above `digest.minSeverity`. */
  readonly newFindings: number;
  /** Names of all targets, audited or not, sorted, each once (`String.Array`). */
  readonly clusters: readonly string[];
  readonly complete: boolean;
  /**
   * Of the findings that are new or open, and of no managed workload, each once: those of new ones first, then by name
   * (`String.Array`). Missing in decisions of earlier versions.
   */
  readonly owners?: readonly string[];
  /** Whether it is about the whole run, or about what is one owner's or in some namespaces. @defaultValue `all` */
  readonly audience?: 'all' | 'owner' | 'route';
}
