import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareDeb, parseDeb } from '../../../lambda/sbom/versions/deb.ts';
import { runs } from '../../support/runs.ts';

/** `null`: dpkg says that one of them is no version. */
function dpkg(a: string, b: string): number | null {
  const is = (relation: string): boolean | null => {
    const { status, stderr } = spawnSync('dpkg', ['--compare-versions', a, relation, b], {
      encoding: 'utf8',
    });
    return stderr === '' ? status === 0 : null;
  };
  const [less, greater] = [is('lt'), is('gt')];
  if (less === null || greater === null) return null;
  return less ? -1 : greater ? 1 : 0;
}

test('versions of Debian are ordered as dpkg orders them', () => {
  const upstream = fc
    .array(fc.constantFrom('0', '1', '9', '10', '.', '~', '+', '-', 'a', 'rc', 'dfsg', 'deb12u1', 'git'), {
      maxLength: 6,
    })
    .map((parts) => `1${parts.join('')}`);
  const written = fc
    .tuple(
      fc.constantFrom('', '', '0:', '1:', '2:'),
      upstream,
      fc.constantFrom('', '-1', '-1ubuntu0.1', '-2~bpo11+1', '-0'),
    )
    .map((parts) => parts.join(''));
  let compared = 0;
  fc.assert(
    fc.property(written, written, (a, b) => {
      const [left, right, expected] = [parseDeb(a), parseDeb(b), dpkg(a, b)];
      if (expected === null) return;
      compared++;
      expect(left).not.toBeNull();
      if (left !== null && right !== null) expect(Math.sign(compareDeb(left, right))).toBe(expected);
    }),
    { numRuns: runs(500) },
  );
  expect(compared).toBeGreaterThan(runs(500) / 2);
});
