/**
 * Patterns of names in which no wildcard goes beyond a dot, except one that matches all names below: nearly all
 * there are. They are compared label by label from the end, where most pairs differ at once.
 */
export interface LabelPattern {
  /** From the last one on; `*` matches any characters of the label. */
  readonly labels: readonly string[];
  /** Whether one or more labels of any kind stand before them. */
  readonly deep: boolean;
}

const ALL_BELOW = { label: /^\*{2,}\./, labels: /^\*+\./ } as const;

/**
 * @param pattern in small letters, without a final dot
 * @param wildcard what `*` matches in it: characters of one label, or any characters
 * @returns null for one that cannot be taken apart
 */
export function inLabels(pattern: string, wildcard: 'label' | 'labels'): LabelPattern | null {
  const below = ALL_BELOW[wildcard].exec(pattern)?.[0] ?? '';
  const rest = pattern.slice(below.length);
  if (wildcard === 'labels' && rest.includes('*')) return null;
  return { labels: rest.split('.').reverse(), deep: below !== '' };
}

/** Compares what two labels may be, of which one at least has a wildcard within. */
export type Compare = (a: string, b: string) => boolean;

/** Whether some name that the pattern admits is one of the domain's or lies below one. */
export function isUnder(pattern: LabelPattern, domain: LabelPattern, compare: Compare): boolean {
  const long = pattern.deep || pattern.labels.length >= domain.labels.length;
  return long && agree(pattern, domain, compare);
}

/** Whether both admit some name. */
export function haveCommon(a: LabelPattern, b: LabelPattern, compare: Compare): boolean {
  const [more, fewer] = a.labels.length >= b.labels.length ? [a, b] : [b, a];
  const same = more.labels.length === fewer.labels.length;
  const long = same ? more.deep === fewer.deep : fewer.deep;
  return long && agree(a, b, compare);
}

/** Whether the labels that both have may be the same, and none is empty. */
function agree(a: LabelPattern, b: LabelPattern, compare: Compare): boolean {
  const common = Math.min(a.labels.length, b.labels.length);
  for (let at = 0; at < common; at += 1) {
    if (!mayBeSame(a.labels[at] ?? '', b.labels[at] ?? '', compare)) return false;
  }
  return !a.labels.includes('', common) && !b.labels.includes('', common);
}

function mayBeSame(a: string, b: string, compare: Compare): boolean {
  if (a === '' || b === '') return false;
  if (a === b) return true;
  const [inA, inB] = [a.includes('*'), b.includes('*')];
  if (!inA && !inB) return false;
  return (inA && isAny(a)) || (inB && isAny(b)) || (endsFit(a, b) && compare(a, b));
}

const isAny = (label: string): boolean => /^\*+$/.test(label);

/** What precedes the first wildcards and follows the last ones must agree; most pairs do not get further. */
function endsFit(a: string, b: string): boolean {
  const [startA, startB] = [before(a), before(b)];
  const [endA, endB] = [after(a), after(b)];
  return (
    (startA.startsWith(startB) || startB.startsWith(startA)) && (endA.endsWith(endB) || endB.endsWith(endA))
  );
}

const before = (label: string): string => (label.includes('*') ? label.slice(0, label.indexOf('*')) : label);
const after = (label: string): string => label.slice(label.lastIndexOf('*') + 1);
