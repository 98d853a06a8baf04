import { quote } from '../wording.ts';

/**
 * The candidate that was most likely meant: equal but for case, hyphens and underscores, or off by few
 * typing errors (a third of its length at most); `null` when nothing is near.
 */
export function nearest(text: string, candidates: readonly string[]): string | null {
  const plain = plainForm(text);
  const scored = candidates.map((candidate) => ({
    candidate,
    distance: editDistance(plain, plainForm(candidate)),
  }));
  const best = scored.reduce<(typeof scored)[number] | null>(
    (least, next) => (least === null || next.distance < least.distance ? next : least),
    null,
  );
  return best !== null && best.distance <= Math.floor(best.candidate.length / 3) ? best.candidate : null;
}

/** `; did you mean "x"?`, else the whole list when it is short, else `hint`; a sentence's end in any case. */
export function didYouMean(text: string, candidates: readonly string[], hint?: string): string {
  const candidate = nearest(text, candidates);
  if (candidate !== null) return `; did you mean ${quote(candidate)}?`;
  if (candidates.length > 0 && candidates.length <= (hint === undefined ? LONG_LIST : SHORT_LIST))
    return `; known are ${candidates.join(', ')}.`;
  return hint === undefined ? '.' : `; ${hint}.`;
}

const SHORT_LIST = 12;
/** Where there is nothing else to say. */
const LONG_LIST = 17;
const LONGEST_COMPARED = 64;

const plainForm = (text: string): string =>
  text
    .slice(0, LONGEST_COMPARED)
    .toLowerCase()
    .replace(/[-_. ]/g, '');

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const plain = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(swapped ? Math.min(plain, at(before, j - 2) + 1) : plain);
    }
    before = last;
    last = row;
  }
  return at(last, b.length);
}

const at = (row: readonly number[], index: number): number => row[index] ?? Number.POSITIVE_INFINITY;
