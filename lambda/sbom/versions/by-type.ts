import { APK } from './apk.ts';
import { DEB } from './deb.ts';
import { GEM, GO, PEP440, SEMVER } from './kept.ts';
import { MAVEN } from './maven.ts';
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
  ['deb', DEB],
  ['rpm', RPM],
  ['apk', APK],
]);

/** Longer texts are no version; documents choose them. */
const LONGEST = 256;

/**
 * Whether a version is older than (negative), equal to (0) or newer than another one, by the rules of its ecosystem; `null`
 * where there are none, or one of them is no version.
 */
export function compareVersions(type: string | null, version: string, asked: string): number | null {
  if (version.length > LONGEST || asked.length > LONGEST) return null;
  return (type === null ? undefined : SCHEMES.get(type))?.compare(version.trim(), asked.trim()) ?? null;
}

/** The types whose versions can be compared. */
export const COMPARED_TYPES: readonly string[] = [...SCHEMES.keys()];
