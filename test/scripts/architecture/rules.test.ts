import { describe, expect, test } from '@jest/globals';
import { circlesIn, graphOf, reduced } from '../../../scripts/architecture/graph.ts';
import { importsIn, sourceOf } from '../../../scripts/architecture/imports.ts';
import type { Layer } from '../../../scripts/architecture/rooms.ts';
import { fileGraph, forbidden, outside, unused, upward } from '../../../scripts/architecture/rules.ts';

/** Two rooms, of which only the second may import from the first. */
const LAYERS: readonly Layer[] = [
  { name: 'below', folder: 'lambda/below', imports: [] },
  { name: 'above', folder: 'lambda/above', imports: ['below'] },
];

const FORMS = [
  ["import { a } from 'FILE';", false],
  ["import type { A } from 'FILE';", true],
  ["import { type A, type B } from 'FILE';", true],
  ["import { type A, b } from 'FILE';", false],
  ["import * as all from 'FILE';", false],
  ["import 'FILE';", false],
  ["export { a } from 'FILE';", false],
  ["export type { A } from 'FILE';", true],
  ["export * from 'FILE';", false],
  ["const load = async () => (await import('FILE')).a;", false],
  ["let a: import('FILE').A;", true],
  ["if (true) { void import('FILE').then(({ a }) => a()); }", false],
] as const;

describe('the imports of a source', () => {
  test.each(FORMS)('imports are seen in %s', (form, typeOnly) => {
    expect(importsIn(form.replace('FILE', './other.ts'))).toEqual([{ specifier: './other.ts', typeOnly }]);
  });

  test('imports in comments and texts are ignored', () => {
    expect(importsIn(`// import './a.ts'\n/* import('./b.ts') */ const text = "import('./c.ts')";`)).toEqual(
      [],
    );
  });

  test('dynamic imports must be of a known module', () => {
    expect(() => importsIn('const load = (name: string) => import(name);')).toThrow(
      'A dynamic import must name its file in quotes.',
    );
  });
});

describe('the rules of the architecture', () => {
  test.each(FORMS)('the rules see a circle of files and an arrow back up in %s', (form, _) => {
    const sources = [
      sourceOf('lambda/above/a.ts', "import { b } from '../below/b.ts';"),
      sourceOf('lambda/below/b.ts', form.replace('FILE', '../above/a.ts')),
    ];
    expect(circlesIn(fileGraph(sources))).toEqual([
      'lambda/above/a.ts → lambda/below/b.ts → lambda/above/a.ts',
    ]);
    expect(forbidden(sources, LAYERS)).toEqual(['lambda/below/b.ts imports lambda/above/a.ts']);
  });

  test('the rules accept allowed imports', () => {
    const sources = [
      sourceOf('lambda/above/a.ts', "import { b } from '../below/b.ts';"),
      sourceOf('lambda/below/b.ts', "import { c } from './c.ts';"),
      sourceOf('lambda/below/c.ts', ''),
    ];
    expect(circlesIn(fileGraph(sources))).toEqual([]);
    expect([forbidden(sources, LAYERS), unused(sources, LAYERS), outside(sources)]).toEqual([[], [], []]);
  });

  test('the rules see a rule that allows an arrow back up, or an arrow to an unknown room', () => {
    const [below, above] = LAYERS as [Layer, Layer];
    expect(upward(LAYERS)).toEqual([]);
    expect(upward([{ ...below, imports: ['above', 'nowhere'] }, above])).toEqual([
      'below → above',
      'below → nowhere',
    ]);
  });

  test('the rules see an unused rule, and an import from outside of the product', () => {
    const sources = [sourceOf('lambda/above/a.ts', "import { t } from '../../test/t.ts';")];
    expect(unused(sources, LAYERS)).toEqual(['above → below']);
    expect(outside(sources)).toEqual(['lambda/above/a.ts imports test/t.ts']);
  });
});

describe('a graph', () => {
  test('the graph names a circle of rooms instead of drawing it', () => {
    const circle = graphOf([
      ['a', 'b'],
      ['b', 'a'],
    ]);
    expect(() => reduced(circle)).toThrow('Rooms import each other in circles: a → b → a.');
  });

  test('the graph leaves out arrows that follow from others', () => {
    const graph = graphOf([
      ['a', 'b'],
      ['b', 'c'],
      ['a', 'c'],
      ['a', 'a'],
    ]);
    expect(reduced(graph)).toEqual(
      graphOf([
        ['a', 'b'],
        ['b', 'c'],
      ]),
    );
  });
});
