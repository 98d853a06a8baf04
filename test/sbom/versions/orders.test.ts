import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareApk, parseApk } from '../../../lambda/sbom/versions/apk.ts';
import { COMPARED_TYPES, compareVersions } from '../../../lambda/sbom/versions/by-type.ts';
import { compareDeb, parseDeb } from '../../../lambda/sbom/versions/deb.ts';
import { comparePep440Whole } from '../../../lambda/sbom/versions/kept.ts';
import { compareRpm, parseRpm } from '../../../lambda/sbom/versions/rpm.ts';
import type { PackagedVersion } from '../../../lambda/sbom/versions/scheme.ts';
import { runs } from '../../support/runs.ts';

/** Lines of `a < b`, as a tool said. */
const table = (file: string): readonly (readonly [string, string, string])[] =>
  readFileSync(resolve(import.meta.dirname, file), 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, a = '', sign = '', b = ''] = /^(\S+) ([<=>]) (\S+)$/.exec(line) ?? [];
      return sign === '' ? [] : [[a, sign, b] as const];
    });

const signOf = (difference: number | null): string =>
  difference === null ? 'none' : difference < 0 ? '<' : difference > 0 ? '>' : '=';

const whole =
  (
    parse: (text: string) => PackagedVersion | null,
    compare: (a: PackagedVersion, b: PackagedVersion) => number,
  ) =>
  (a: string, b: string): number | null => {
    const [left, right] = [parse(a), parse(b)];
    return left === null || right === null ? null : compare(left, right);
  };

const WHOLE = {
  deb: whole(parseDeb, compareDeb),
  rpm: whole(parseRpm, compareRpm),
  apk: whole(parseApk, compareApk),
  pypi: comparePep440Whole,
};

describe('the order of versions', () => {
  test.each([
    ['rpm', 'rpm-4.18.txt', WHOLE.rpm],
    ['Maven', 'maven-3.9.11.txt', (a: string, b: string) => compareVersions('maven', a, b)],
  ])('versions of %s are ordered as the tool itself orders them', (_, file, compare) => {
    const said = table(file);
    expect(said.length).toBeGreaterThan(350);
    const wrong = said.filter(([a, sign, b]) => signOf(compare(a, b)) !== sign);
    expect(wrong).toEqual([]);
  });

  // https://gitlab.alpinelinux.org/alpine/apk-tools/-/blob/master/src/version.c
  test.each([
    ['1.2.3', '<', '1.2.10'],
    ['1.2', '<', '1.2.0'],
    ['1.06-r6', '<', '1.1'],
    ['006', '>', '1.0.0'],
    ['1.0_alpha', '<', '1.0_beta'],
    ['1.0_rc1', '<', '1.0'],
    ['1.0', '<', '1.0_p1'],
    ['1.0_p9', '<', '1.0_p10'],
    ['1.0_alpha_pre2', '<', '1.0_alpha'],
    ['2.3.0b-r1', '<', '2.3.0b-r2'],
    ['2.3.0', '<', '2.3.0b'],
    ['1.0~1234', '<', '1.0~2345'],
    ['3.0.7-r0', '<', '3.0.7-r1'],
    ['1.0_git20230101', '<', '1.0_p1'],
    ['1.0bc', 'none', '1.0'],
  ])('apk has %s %s %s', (a, sign, b) => {
    expect(signOf(WHOLE.apk(a, b))).toBe(sign);
  });

  // https://semver.org/#spec-item-11, https://peps.python.org/pep-0440/#summary-of-permitted-suffixes-and-relative-ordering
  test.each([
    ['npm', '1.0.0-rc.1', '<', '1.0.0'],
    ['npm', '1.0.0-rc.2', '<', '1.0.0-rc.10'],
    ['npm', '1.0.0+build', '=', '1.0.0'],
    ['npm', '1.0', 'none', '1.0.0'],
    ['cargo', '0.9.10', '<', '0.10.0'],
    ['golang', 'v0.0.0-20220101000000-abcdefabcdef', '<', 'v0.1.0'],
    ['golang', 'v2.0.0+incompatible', '=', '2.0.0'],
    ['golang', '1.22', '<', '1.22.1'],
    ['golang', 'go1.22rc1', '<', '1.22'],
    ['golang', '(devel)', 'none', '1.22'],
    ['pypi', '1.0.dev1', '<', '1.0a1'],
    ['pypi', '1.0rc1', '<', '1.0'],
    ['pypi', '1.0', '=', '1.0.0'],
    ['pypi', '1.0', '<', '1.0.post1'],
    ['pypi', '1!0.5', '>', '2.0'],
    ['pypi', 'unknown', 'none', '1.0'],
    ['gem', '1.0.0.rc1', '<', '1.0.0'],
    ['gem', '1.10', '>', '1.9'],
    ['gem', '1.0 beta', 'none', '1.0'],
    ['maven', '@revision@', 'none', '1.0'],
    ['maven', '2.17.1-rc1', '<', '2.17.1'],
    // https://learn.microsoft.com/en-us/nuget/concepts/package-versioning
    ['nuget', '1.0.0', '<', '1.0.1'],
    ['nuget', '13.0', '=', '13.0.0.0'],
    ['nuget', '1.0.0.9', '<', '1.0.0.10'],
    ['nuget', '1.01.1', '=', '1.1.1'],
    ['nuget', '1.0.0-Beta', '=', '1.0.0-beta'],
    ['nuget', '1.0.0-beta', '<', '1.0.0'],
    ['nuget', '1.0.0-beta.2', '<', '1.0.0-beta.10'],
    ['nuget', '1.0.0-beta.2', '<', '1.0.0-beta.x'],
    ['nuget', '1.0.0-beta', '<', '1.0.0-beta.1'],
    ['nuget', '1.0.0+sha', '=', '1.0.0'],
    ['nuget', '1.0.0-', 'none', '1.0.0'],
    ['nuget', '$version$', 'none', '1.0.0'],
    ['conan', '1.0.0', 'none', '1.0.1'],
    // A habit from tags; nowhere is it a part of the version where the other one has none.
    ['maven', '2.16.0', '<', 'v2.17.1'],
    ['deb', '3.0.1-1', '<', 'v3.0.7'],
    ['rpm', '3.0.1-5.el9', '<', 'v3.0.7'],
    ['apk', '3.0.1-r0', '<', 'v3.0.7'],
    ['maven', 'v1-rev20-1.25.0', '<', 'v1-rev30-1.25.0'],
    ['pypi', '1.0+ubuntu.2', '>', '1.0+ubuntu.1'],
    ['pypi', '1!1.0+local', '=', '1!1.0'],
  ])('%s has %s %s %s', (type, a, sign, b) => {
    expect(signOf(compareVersions(type, a, b))).toBe(sign);
  });

  test('an epoch or a revision that nobody asks for does not count', () => {
    expect(compareVersions('rpm', '1:3.0.1-5.el9', '3.0.7')).toBeLessThan(0);
    expect(compareVersions('rpm', '1:3.0.1-5.el9', '0:3.0.7')).toBeGreaterThan(0);
    expect(compareVersions('deb', '1:1.1.1k-1', '1.1.1k')).toBe(0);
    expect(compareVersions('deb', '1.1.1k-1', '1.1.1k-2')).toBeLessThan(0);
    expect(compareVersions('apk', '3.0.7-r2', '3.0.7')).toBe(0);
    expect(compareVersions('apk', '3.0.7-r2', '3.0.7-r3')).toBeLessThan(0);
  });

  // https://www.debian.org/doc/debian-policy/ch-controlfields.html#epochs-should-be-used-sparingly and
  // https://www.debian.org/doc/manuals/developers-reference/best-pkging-practices.en.html (repackaged upstream source)
  test('what a packager of Debian writes into the version of upstream does not count either where nobody asks for it', () => {
    for (const repacked of [
      '1.2+dfsg-1',
      '1.2+dfsg1-1',
      '1.2~dfsg-3',
      '1.2+ds-1',
      '1.2+ds.1-1',
      '1.2+repack-2',
    ]) {
      expect(compareVersions('deb', repacked, '1.2')).toBe(0);
      expect(compareVersions('deb', repacked, '1.2.1')).toBeLessThan(0);
    }
    expect(compareVersions('deb', '1.2+dfsg-1', '1.2+dfsg-2')).toBeLessThan(0);
    expect(compareVersions('deb', '1.2+dfsg2-1', '1.2+dfsg')).toBeGreaterThan(0);
    // What is in it is 1.9, whatever it is called.
    expect(compareVersions('deb', '1:2.0+really1.9-1', '2.0')).toBeLessThan(0);
    expect(compareVersions('deb', '1:2.0+really1.9-1', '1.9')).toBe(0);
    expect(compareVersions('deb', '2.0+really1.9+dfsg-1', '1.9')).toBe(0);
    expect(compareVersions('deb', '2.0+really1.9-1', '2.0+really1.10')).toBeLessThan(0);
    // An addition that says more than that it was packed anew stays one.
    expect(compareVersions('deb', '1.2+git20240101-1', '1.2')).toBeGreaterThan(0);
    expect(compareVersions('deb', '1.2~rc1-1', '1.2')).toBeLessThan(0);
  });

  const version = fc
    .array(
      fc.constantFrom('0', '1', '2', '10', '.', '-', '~', '^', '+', '_', 'a', 'rc', 'alpha', 'v', ':', 'r1'),
      {
        minLength: 1,
        maxLength: 8,
      },
    )
    .map((parts) => parts.join(''));

  test.each(COMPARED_TYPES)(
    'the order of %s is one: whatever is compared, it is the other way round as well',
    (type) => {
      fc.assert(
        fc.property(version, version, (a, b) => {
          // A difference in what is asked for is none of order.
          const compare =
            type in WHOLE
              ? WHOLE[type as keyof typeof WHOLE]
              : (x: string, y: string) => compareVersions(type, x, y);
          const [there, back] = [compare(a, b), compare(b, a)];
          expect(there === null).toBe(back === null);
          if (there !== null && back !== null) expect(Math.sign(there)).toBe(-Math.sign(back) + 0);
          const same = compare(a, a);
          expect(same === null || same === 0).toBe(true);
        }),
        { numRuns: runs(1000) },
      );
    },
  );

  test('a text of thousands of parts is no version, and takes no time', () => {
    for (const type of COMPARED_TYPES) expect(compareVersions(type, '1a'.repeat(50_000), '1')).toBeNull();
  });
});
