import { describe, expect, test } from '@jest/globals';
import { circlesIn } from '../scripts/architecture/graph.ts';
import { readSources } from '../scripts/architecture/imports.ts';
import { EGRESS, layerOf, ROOMS } from '../scripts/architecture/rooms.ts';
import { fileGraph, forbidden, outside, unused, upward } from '../scripts/architecture/rules.ts';

/**
 * The rules of docs/architecture.md: imports go one way, the middle of the product is pure, and there are no circles.
 * Imports of types and dynamic ones count like all others. The lists are in scripts/architecture/rooms.ts.
 */

/** Modules of Node.js that compute and nothing else. */
// `isIP` is all that is taken of node:net.
const PURE_MODULES = ['node:crypto', 'node:buffer', 'node:zlib', 'node:net'];
const PURE_PACKAGES = [
  ...['ip-bigint', 'csv42', 'fast-wrap-ansi', 'zod', 'yaml'],
  ...['packageurl-js', 'semver', '@renovatebot/pep440', '@renovatebot/ruby-semver'],
];
const IMPURE = /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bprocess\.|\bglobalThis\b|\bfetch\(/;

const all = readSources();

describe('the architecture', () => {
  test('the architecture test finds sources', () => {
    expect(all.length).toBeGreaterThan(400);
    expect(all.find(({ path }) => path === 'lambda/checks/evaluate.ts')?.imports.length).toBeGreaterThan(5);
  });

  test('every source belongs to a room', () => {
    // What is in a new folder of lambda/ must not count as one of the few files that every room may use.
    const homeless = all.filter(({ path }) => {
      const room = layerOf(ROOMS, path);
      return room === undefined || (room.name === 'ground' && path.split('/').length > 2);
    });
    expect(homeless.map(({ path }) => path)).toEqual([]);
  });

  test.each([
    ['rooms', ROOMS],
    ['folders of egress', EGRESS],
  ])('%s import only from those above them, and no rule is unused', (_, layers) => {
    expect(upward(layers)).toEqual([]);
    expect(forbidden(all, layers)).toEqual([]);
    expect(unused(all, layers)).toEqual([]);
  });

  test('no file imports itself through others, nor anything outside of the product', () => {
    expect(circlesIn(fileGraph(all))).toEqual([]);
    expect(outside(all)).toEqual([]);
  });

  test('pure rooms use no clock, environment, input or output', () => {
    const wrong = all
      .filter(({ path }) => layerOf(ROOMS, path)?.pure === true)
      .flatMap(({ path, text, imports }) => [
        ...imports
          .filter(({ specifier, typeOnly }) => !typeOnly && !specifier.startsWith('.'))
          .filter(
            ({ specifier }) =>
              ![...PURE_MODULES, ...PURE_PACKAGES].some(
                (known) => specifier === known || specifier.startsWith(`${known}/`),
              ),
          )
          .map(({ specifier }) => `${path} imports ${specifier}`),
        ...(IMPURE.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''))
          ? [`${path} is not pure: ${IMPURE.exec(text)?.[0]}`]
          : []),
      ]);
    expect(wrong).toEqual([]);
  });
});
