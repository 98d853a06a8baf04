import { APK } from './apk.ts';
import { DEB } from './deb.ts';
import { GEM, GO, PEP440, SEMVER } from './kept.ts';
import { MAVEN } from './maven.ts';
import { NUGET } from './nuget.ts';
import { RPM } from './rpm.ts';
import type { VersionScheme } from './scheme.ts';

/** By the type of a purl: https://github.com/package-url/purl-spec/blob/main/purl-types-index.json */
const SCHEMES: ReadonlyMap<string, VersionScheme> = new Map([
  ['npm', SEMVER],
  ['cargo', SEMVER],
  ['golang', GO],
  ['pypi', PEP440],
  ['gem', GEM],
  ['maven', MAVEN],
  ['nuget', NUGET],
  ['deb', DEB],
  ['rpm', RPM],
  ['apk', APK],
]);

/** Longer texts are no version; documents choose them. */
const LONGEST = 256;

/**
 * Whether a version is older than (negative), equal to (0) or newer than another one, by the rules of its ecosystem; `null`
 * where there are none, or one of them is no version: without a digit it is a word, such as `latest`, in all of them.
 */
export function compareVersions(type: string | null, version: string, asked: string): number | null {
  if (version.length > LONGEST || asked.length > LONGEST) return null;
  if (!/\d/.test(version) || !/\d/.test(asked)) return null;
  const [has, wants] = withoutHabit(version.trim(), asked.trim());
  return (type === null ? undefined : SCHEMES.get(type))?.compare(has, wants) ?? null;
}

/** Tags of releases begin with a `v`, and people write versions so: it means something only where both have it. */
function withoutHabit(version: string, asked: string): readonly [string, string] {
  const bare = (text: string): string => text.replace(/^v(?=\d)/i, '');
  return bare(version) !== version && bare(asked) !== asked ? [version, asked] : [bare(version), bare(asked)];
}

/** The types that need three numbers. */
const WHOLE: ReadonlySet<string> = new Set(['npm', 'cargo']);

/**
 * Where a bound begins that has fewer numbers than a version needs: `<5` and `>=5` speak of 5.0.0. Of others (`=5`, `<=5`, `>5`)
 * npm thinks of more than one version, so that they are left as they are.
 */
export const boundOf = (type: string | null, asked: string): string =>
  type !== null && WHOLE.has(type) && /^v?\d+(?:\.\d+)?$/.test(asked)
    ? `${asked}${asked.includes('.') ? '.0' : '.0.0'}`
    : asked;

/** The types whose versions can be compared. */
export const COMPARED_TYPES: readonly string[] = [...SCHEMES.keys()];
