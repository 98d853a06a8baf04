import type { StoredRecord } from './records.ts';

/** Records that continue each other, first to last. */
export interface Segment {
  readonly records: readonly StoredRecord[];
  /** Why its first record does not continue one that is there; `first`: it names none before it. */
  readonly begins: 'first' | 'unknown-predecessor' | 'fork';
}

/**
 * The records in the order of their manifests, as pieces without a hole: one piece where nothing is missing. A run that began
 * earlier may have ended later, so that order is not that of their times.
 */
export function segmentsOf(records: readonly StoredRecord[]): readonly Segment[] {
  const known = new Set(records.map(({ sha256 }) => sha256));
  const next = Map.groupBy(records, ({ manifest: { previous } }) => previous?.sha256 ?? null);
  const continuing = (from: StoredRecord): readonly StoredRecord[] => {
    const found = [from];
    for (let at: StoredRecord | undefined = from; at !== undefined; at = next.get(at.sha256)?.[0]) {
      if (at !== from) found.push(at);
    }
    return found;
  };
  const begins = (record: StoredRecord): Segment['begins'] | null => {
    const { previous } = record.manifest;
    if (previous === null) return 'first';
    if (!known.has(previous.sha256)) return 'unknown-predecessor';
    return next.get(previous.sha256)?.[0] === record ? null : 'fork';
  };
  return records
    .flatMap((record): readonly Segment[] => {
      const reason = begins(record);
      return reason === null ? [] : [{ records: continuing(record), begins: reason }];
    })
    .toSorted((a, b) => numberOf(a) - numberOf(b));
}

/** Unnumbered ones are those of earlier versions; equal ones keep the order of their times. */
const numberOf = ({ records }: Segment): number => records[0]?.manifest.sequence ?? 0;
