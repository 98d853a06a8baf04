import type { Labels } from '../../inventory/names.ts';
import { isUnknownValue } from '../../inventory/unknown-labels.ts';
import { spend } from '../../work.ts';
import type { Anchor, Selector } from './selector.ts';

export interface Match<T> {
  readonly item: T;
  /** False if it could not be known whether the selector matches. */
  readonly definite: boolean;
}

export interface SelectorIndex<T> {
  /** Items whose selector matches everything, in the order given. */
  readonly always: readonly T[];
  /** The other items whose selector matches the labels, or may, in the order given. */
  find(labels: Labels): readonly Match<T>[];
}

interface Entry<T> {
  readonly position: number;
  readonly selector: Selector;
  readonly item: T;
}

/**
 * Finds selectors by the labels that they require, so that a lookup tries only those that share a
 * label with the pod, and the few that require none.
 */
export function createSelectorIndex<T>(
  items: readonly T[],
  selectorOf: (item: T) => Selector,
): SelectorIndex<T> {
  spend(items.length);
  const entries = items.map((item, position) => ({ position, item, selector: selectorOf(item) }));
  const selective = entries.filter(({ selector }) => !selector.everything);
  const frequency = countLabels(selective);
  const byLabel = new Map<string, Entry<T>[]>();
  const unanchored: Entry<T>[] = [];
  for (const entry of selective) {
    const anchor = rarest(entry.selector.anchors, frequency);
    if (anchor === null) unanchored.push(entry);
    else for (const label of labelsOf(anchor)) append(byLabel, label, entry);
  }
  return {
    always: entries.filter(({ selector }) => selector.everything).map(({ item }) => item),
    find(labels) {
      const labelled = Object.entries(labels).flatMap(([key, value]) => [key, pair(key, value)]);
      // Whatever asks for a value of such a label may match.
      const unknown = Object.keys(labels).filter((key) => isUnknownValue(labels[key]));
      const perhaps =
        unknown.length === 0
          ? []
          : selective.filter(({ selector }) => selector.keys.some((key) => unknown.includes(key)));
      const tried = new Set(
        [unanchored, ...labelled.map((label) => byLabel.get(label) ?? []), perhaps].flat(),
      );
      spend(unknown.length === 0 ? tried.size : selective.length);
      return [...tried]
        .sort((a, b) => a.position - b.position)
        .flatMap(({ item, selector }) => {
          spend(selector.keys.length);
          const matched = selector.matches(labels);
          return matched === false ? [] : [{ item, definite: matched === true }];
        });
    },
  };
}

/** Label keys hold no NUL, so a pair is never mistaken for a key. */
const pair = (key: string, value: string): string => `${key}\0${value}`;

const labelsOf = ({ key, values }: Anchor): readonly string[] =>
  values === null ? [key] : values.map((value) => pair(key, value));

function countLabels<T>(entries: readonly Entry<T>[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { selector } of entries) {
    for (const label of selector.anchors.flatMap(labelsOf)) counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return counts;
}

/** The anchor under which the fewest others stand: `app=checkout` rather than `part-of=shop`. */
function rarest(anchors: readonly Anchor[], frequency: ReadonlyMap<string, number>): Anchor | null {
  const weight = (anchor: Anchor) =>
    labelsOf(anchor).reduce((sum, label) => sum + (frequency.get(label) ?? 0), 0);
  return anchors.reduce<Anchor | null>(
    (best, anchor) => (best === null || weight(anchor) < weight(best) ? anchor : best),
    null,
  );
}

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
