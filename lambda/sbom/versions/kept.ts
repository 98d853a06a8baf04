import { compare as comparePep440, valid as validPep440 } from '@renovatebot/pep440';
import { Version as GemVersion } from '@renovatebot/ruby-semver/dist/ruby/version.js';
import semver from 'semver';
import type { VersionScheme } from './scheme.ts';

/** npm and Cargo: https://semver.org/#spec-item-11 */
export const SEMVER: VersionScheme = {
  compare(version, asked) {
    const [has, wants] = [semver.parse(version), semver.parse(asked)];
    return has === null || wants === null ? null : semver.compare(has, wants);
  },
};

/**
 * Go modules: `v1.2` is short for `v1.2.0` (https://pkg.go.dev/golang.org/x/mod/semver). The standard library has the
 * versions of the toolchain, whose previews are written `1.22rc1` (https://go.dev/doc/toolchain#version).
 */
export const GO: VersionScheme = {
  compare: (version, asked) => SEMVER.compare(goVersion(version), goVersion(asked)),
};

function goVersion(text: string): string {
  const parts = /^(?:go|v)?(?<major>\d+)(?:\.(?<minor>\d+))?(?:(?<preview>rc|beta)(?<number>\d+))?$/.exec(
    text,
  )?.groups;
  if (parts === undefined) return text.replace(/^go/, '');
  const { major, minor = '0', preview, number } = parts;
  return `${major}.${minor}.0${preview === undefined ? '' : `-${preview}.${number}`}`;
}

/**
 * What the builder of a package adds behind `+` counts only where it is asked for, as in specifiers:
 * https://packaging.python.org/en/latest/specifications/version-specifiers/#version-matching
 */
export const PEP440: VersionScheme = {
  compare: (version, asked) =>
    comparePep440Whole(asked.includes('+') ? version : version.replace(/\+.*$/, ''), asked),
};

/** The order of whole versions. */
export const comparePep440Whole = (version: string, asked: string): number | null =>
  validPep440(version) === null || validPep440(asked) === null ? null : comparePep440(version, asked);

/** https://docs.ruby-lang.org/en/master/Gem/Version.html */
export const GEM: VersionScheme = {
  compare(version, asked) {
    if (!GemVersion.isCorrect(version) || !GemVersion.isCorrect(asked)) return null;
    const [has, wants] = [GemVersion.create(version), GemVersion.create(asked)];
    return has === null || wants === null ? null : has.compare(wants);
  },
};
