import { compareAscii, compareNumbers, type PackagedVersion, packagedBy, packagedScheme } from './scheme.ts';

/**
 * `number{.number}[letter]{_suffix[number]}[~hash][-r#]`.
 * https://gitlab.alpinelinux.org/alpine/apk-tools/-/blob/master/src/version.c (the comment above its tokens)
 */
const VERSION =
  /^(?<upstream>\d+(?:\.\d+)*[a-z]?(?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)\d*)*(?:~[0-9a-f]+)?)(?:-r(?<revision>\d+))?$/;
const UPSTREAM = /^(?<numbers>[\d.]+)(?<letter>[a-z]?)(?<suffixes>[^~]*)~?(?<hash>.*)$/;

/** In their order; those before the end make a version older than without. */
const BEFORE = ['alpha', 'beta', 'pre', 'rc'];
const AFTER = ['cvs', 'svn', 'git', 'hg', 'p'];

export const parseApk = packagedBy(VERSION);

/** The order of apk. */
export const compareApk = (a: PackagedVersion, b: PackagedVersion): number =>
  compareUpstream(partsOf(a.upstream), partsOf(b.upstream)) ||
  compareNumbers(a.revision ?? '', b.revision ?? '');

export const APK = packagedScheme(parseApk, compareApk);

interface Component {
  readonly digits: string;
  readonly first: boolean;
}

interface Suffix {
  readonly rank: number;
  readonly digits: string;
}

interface Upstream {
  readonly numbers: readonly Component[];
  readonly letter: string;
  readonly suffixes: readonly Suffix[];
  readonly hash: string;
}

function partsOf(upstream: string): Upstream {
  const { numbers = '', letter = '', suffixes = '', hash = '' } = UPSTREAM.exec(upstream)?.groups ?? {};
  return {
    numbers: numbers.split('.').map((digits, index): Component => ({ digits, first: index === 0 })),
    letter,
    suffixes: [...suffixes.matchAll(/_([a-z]+)(\d*)/g)].map(
      ([, name = '', digits = '']): Suffix => ({ rank: rankOf(name), digits }),
    ),
    hash,
  };
}

const compareUpstream = (a: Upstream, b: Upstream): number =>
  compareEach(a.numbers, b.numbers, compareComponents) ||
  compareAscii(a.letter, b.letter) ||
  compareEach(a.suffixes, b.suffixes, compareSuffixes) ||
  compareAscii(a.hash, b.hash);

const rankOf = (name: string): number =>
  BEFORE.includes(name) ? BEFORE.indexOf(name) - BEFORE.length : AFTER.indexOf(name) + 1;

function compareEach<T>(
  a: readonly T[],
  b: readonly T[],
  compare: (a: T | undefined, b: T | undefined) => number,
): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = compare(a[at], b[at]);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** After the first, one with a leading zero is a fraction: 1.06 is before 1.1, as in decimals. */
function compareComponents(a: Component | undefined, b: Component | undefined): number {
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
  const fraction = !a.first && (a.digits.startsWith('0') || b.digits.startsWith('0'));
  return fraction ? compareAscii(a.digits, b.digits) : compareNumbers(a.digits, b.digits);
}

/** No suffix is between those before and those after. */
const compareSuffixes = (a: Suffix | undefined, b: Suffix | undefined): number =>
  (a?.rank ?? 0) - (b?.rank ?? 0) || compareNumbers(a?.digits ?? '', b?.digits ?? '');
