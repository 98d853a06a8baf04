import {
  compareAscii,
  compareNumbers,
  type PackagedVersion,
  packagedBy,
  packagedScheme,
  type VersionScheme,
} from './scheme.ts';

/** `[epoch:]upstream[-revision]`. https://www.debian.org/doc/debian-policy/ch-controlfields.html#version */
const VERSION = /^(?:(?<epoch>\d+):)?(?<upstream>[A-Za-z0-9.+~:-]+?)(?:-(?<revision>[A-Za-z0-9.+~]+))?$/;

export const parseDeb = packagedBy(VERSION);

/** The order of dpkg. */
export const compareDeb = (a: PackagedVersion, b: PackagedVersion): number =>
  compareNumbers(a.epoch ?? '', b.epoch ?? '') ||
  compareParts(a.upstream, b.upstream) ||
  compareParts(a.revision ?? '', b.revision ?? '');

const WHOLE = packagedScheme(parseDeb, compareDeb);

/** Also what packagers write into the version of upstream counts only where it is asked for. */
export const DEB: VersionScheme = {
  compare: (version, asked) => WHOLE.compare(asWritten(version, asked), asked),
};

/**
 * `2.0+really1.9` is 1.9, named so because a version must not go back:
 * https://www.debian.org/doc/debian-policy/ch-controlfields.html#epochs-should-be-used-sparingly
 */
const REALLY = /^(?<epoch>\d+:)?.*\+really(?=\d)/;
/**
 * Upstream's source was packed anew, without what is not free:
 * https://www.debian.org/doc/manuals/developers-reference/best-pkging-practices.en.html#repackaged-upstream-source
 */
const REPACKED = /[+~.](?:dfsg|ds|repack)[\d.]*(?=-|$)/;

function asWritten(version: string, asked: string): string {
  const real = asked.includes('+really') ? version : version.replace(REALLY, '$<epoch>');
  return REPACKED.test(asked) ? real : real.replace(REPACKED, '');
}

/** In turn what is no digit and what is one, as deb-version(7) says. */
function compareParts(a: string, b: string): number {
  let [left, right] = [a, b];
  while (left !== '' || right !== '') {
    const [textLeft, textRight] = [leading(left, /^\D*/), leading(right, /^\D*/)];
    const byText = compareText(textLeft, textRight);
    if (byText !== 0) return byText;
    left = left.slice(textLeft.length);
    right = right.slice(textRight.length);
    const [digitsLeft, digitsRight] = [leading(left, /^\d*/), leading(right, /^\d*/)];
    const byNumber = compareNumbers(digitsLeft, digitsRight);
    if (byNumber !== 0) return byNumber;
    left = left.slice(digitsLeft.length);
    right = right.slice(digitsRight.length);
  }
  return 0;
}

const leading = (text: string, pattern: RegExp): string => pattern.exec(text)?.[0] ?? '';

/** Letters before all else, and a tilde before everything, even the end. */
function compareText(a: string, b: string): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = weight(a[at]) - weight(b[at]);
    if (difference !== 0) return difference;
  }
  return compareAscii(a, b);
}

function weight(char: string | undefined): number {
  if (char === undefined) return 0;
  if (char === '~') return -1;
  const code = char.charCodeAt(0);
  return /[A-Za-z]/.test(char) ? code : code + 256;
}
