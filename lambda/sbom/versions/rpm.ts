import { compareAscii, compareNumbers, type PackagedVersion, packagedBy, packagedScheme } from './scheme.ts';

/** `[epoch:]version[-release]`. https://rpm-software-management.github.io/rpm/man/rpm-version.7 */
const VERSION = /^(?:(?<epoch>\d+):)?(?<upstream>[^\s:-]+)(?:-(?<revision>[^\s:-]+))?$/;

export const parseRpm = packagedBy(VERSION);

/** The order of rpm for whole versions: nothing is newer than a missing release but a release. */
export const compareRpm = (a: PackagedVersion, b: PackagedVersion): number =>
  compareNumbers(a.epoch ?? '', b.epoch ?? '') ||
  compareSegments(a.upstream, b.upstream) ||
  compareSegments(a.revision ?? '', b.revision ?? '');

export const RPM = packagedScheme(parseRpm, compareRpm);

/** Runs of digits, runs of letters, and the two characters that mean something; all others only separate. */
const SEGMENTS = /\d+|[A-Za-z]+|[~^]/g;

function compareSegments(a: string, b: string): number {
  if (a === b) return 0;
  const [left, right] = [a.match(SEGMENTS) ?? [], b.match(SEGMENTS) ?? []];
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const difference = compareSegment(left[at], right[at]);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** A tilde is before everything, even the end; a caret after the end and before all else. */
function compareSegment(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === '~' || b === '~') return a === '~' ? -1 : 1;
  if (a === '^') return b === undefined ? 1 : -1;
  if (b === '^') return a === undefined ? -1 : 1;
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
  const [numberA, numberB] = [/^\d/.test(a), /^\d/.test(b)];
  // Numbers are newer than letters.
  if (numberA !== numberB) return numberA ? 1 : -1;
  return numberA ? compareNumbers(a, b) : compareAscii(a, b);
}
