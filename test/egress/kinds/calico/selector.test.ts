import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { evaluate, toSelector } from '../../../../lambda/egress/kinds/calico/expression.ts';
import { OWN_LABELS, parseSelector } from '../../../../lambda/egress/kinds/calico/selector.ts';
import type { Labels } from '../../../../lambda/inventory/names.ts';
import { runs } from '../../../support/runs.ts';
import { labels, ownSelector } from '../arbitraries-calico.ts';
import { holds } from '../brute-force-calico.ts';

/** Whether the selector matches the labels; "refused" if Calico would refuse it. */
function match(text: string, own: Labels): boolean | null | 'refused' {
  const expression = parseSelector(text, OWN_LABELS);
  return expression === null ? 'refused' : evaluate(expression, (key) => own[key]);
}

const POD = { app: 'web-prod', tier: 'front', empty: '', 'my.org/team_a-b': 'x' };

describe('a Calico selector', () => {
  // https://docs.tigera.io/calico/latest/reference/resources/networkpolicy#selectors
  it.each([
    ['', true],
    ['all()', true],
    ['!all()', false],
    ["app == 'web-prod'", true],
    ["app == 'web'", false],
    ["missing == ''", false],
    ["empty == ''", true],
    ["app != 'web'", true],
    ["app != 'web-prod'", false],
    ["missing != 'x'", true],
    ['has(app)', true],
    ['has(empty)', true],
    ['has(missing)', false],
    ['!has(missing)', true],
    ["app in {'a', 'web-prod'}", true],
    ["app in {'a'}", false],
    ["missing in {'a'}", false],
    ['app in {}', false],
    ["app not in {'a'}", true],
    ["app not in {'web-prod'}", false],
    ["missing not in {'a'}", true],
    ['missing not in {}', true],
    ["app contains 'b-p'", true],
    ["app contains 'x'", false],
    ["missing contains ''", false],
    ["app starts with 'web'", true],
    ["app starts with 'prod'", false],
    ["app ends with 'prod'", true],
    ["app ends with 'web'", false],
    ["my.org/team_a-b == 'x'", true],
  ])('the Calico selector %s is %s', (text, expected) => {
    expect(match(text, POD)).toBe(expected);
    if (text !== '') expect(match(`!(${text})`, POD)).toBe(!expected);
  });

  it('a Calico selector binds "!" before "&&" before "||"', () => {
    // The example of the reference: ((!has(my-label)) || ((my-label starts with 'prod') && (role in {…})))
    const text = "! has(my-label) || my-label starts with 'prod' && role in {'frontend','business'}";
    expect(match(text, {})).toBe(true);
    expect(match(text, { 'my-label': 'prod-1' })).toBe(false);
    expect(match(text, { 'my-label': 'prod-1', role: 'business' })).toBe(true);
    expect(match(text, { 'my-label': 'dev', role: 'business' })).toBe(false);
    expect(match('(has(a) || has(b)) && has(c)', { a: '' })).toBe(false);
    expect(match('has(a) || has(b) && has(c)', { a: '' })).toBe(true);
    expect(match('!!has(a)', { a: '' })).toBe(true);
    expect(match('!has(a) && has(b)', { b: '' })).toBe(true);
  });

  // libcalico-go/lib/selector/tokenizer/tokenizer.go: two kinds of quotes, no escapes, white space.
  it.each([
    [`a == "b"`, { a: 'b' }],
    [`a == "it's"`, { a: "it's" }],
    [`a == 'x\\y'`, { a: 'x\\y' }],
    [`a=='b'`, { a: 'b' }],
    ['\t has( a )\t', { a: '' }],
    ["a notin{'b'}", { a: 'c' }],
    ["a  not   in  { 'b' , }", { a: 'c' }],
    ["a startswith'b'", { a: 'bc' }],
    ["a ends  with 'c'", { a: 'bc' }],
    ["in in {'in'}", { in: 'in' }],
    ["has == 'x'", { has: 'x' }],
    ["contains contains 'contains'", { contains: 'contains' }],
    ["a == 'a && b'", { a: 'a && b' }],
  ] as const)('a Calico selector may be written %s', (text, own) => {
    expect(match(text, own)).toBe(true);
    expect(match(text, {})).toBe(text.includes('not'));
  });

  it.each([
    ' has(a',
    'has()',
    'has (a)',
    "a = 'b'",
    'a == b',
    "a == 'b",
    'a',
    "'a' == 'b'",
    "a == 'b' &&",
    "&& a == 'b'",
    '()',
    "(a == 'b'",
    "a == 'b')",
    "a == 'b' c == 'd'",
    "a & 'b'",
    'a | b',
    'all(',
    "a in 'b'",
    "a in {'b'",
    'a in {b}',
    'a in {,}',
    "a not {'b'}",
    "a containsx 'b'",
    'has(a)\n',
    "a == 'b'\nhas(c)",
    '!',
    "$a == 'b'",
    'global()',
    `has(${'x'.repeat(513)})`,
    `${'x'.repeat(513)} == 'b'`,
    "a starts 'b'",
    '"',
  ])('the Calico selector %j is refused', (text) => {
    expect(match(text, { a: 'b' })).toBe('refused');
  });

  it('a Calico selector finds no label that every object inherits', () => {
    for (const key of ['constructor', '__proto__', 'toString']) {
      const selector = parseSelector(`has(${key})`, OWN_LABELS);
      expect(selector && toSelector(selector).matches({})).toBe(false);
    }
  });

  it('a Calico selector has prefixed keys where it is about other labels', () => {
    const place = { ...OWN_LABELS, prefix: 'pcns.' };
    const selector = parseSelector("env == 'prod' || !has(team)", place);
    expect(selector && [...toSelector(selector).keys].sort()).toEqual(['pcns.env', 'pcns.team']);
  });

  it('a Calico selector neither hangs nor exhausts the stack, however deep or long', () => {
    for (const text of ['('.repeat(1e6), '!'.repeat(1e6), `${'('.repeat(1e5)}has(a)${')'.repeat(1e5)}`]) {
      expect(match(text, {})).toBe('refused');
    }
    expect(match(`${'!'.repeat(100_001)}has(a)`, {})).toBe(true);
    expect(match(`${'('.repeat(99)}has(a)${')'.repeat(99)}`, { a: '' })).toBe(true);
    expect(match(`${"a == 'b' || ".repeat(50_000)}has(a)`, { a: 'c' })).toBe(true);
  });

  it('a Calico selector has the result of reducing its text by hand', () => {
    fc.assert(
      fc.property(ownSelector, labels, (text, own) => {
        const expression = parseSelector(text, OWN_LABELS);
        if (expression === null) throw new Error(`"${text}" was refused.`);
        const selector = toSelector(expression);
        expect(selector.matches(own)).toBe(holds(text, own));
        if (selector.everything) expect(holds(text, own)).toBe(true);
        // What is found by index must be all that matches.
        const anchored = selector.anchors.every(
          ({ key, values }) =>
            Object.hasOwn(own, key) && (values === null || values.includes(own[key] ?? '')),
        );
        if (!anchored) expect(holds(text, own)).toBe(false);
      }),
      { numRuns: runs(2000) },
    );
  });

  it('a Calico selector reads no more labels than it reports', () => {
    fc.assert(
      fc.property(ownSelector, labels, (text, own) => {
        const expression = parseSelector(text, OWN_LABELS);
        if (expression === null) throw new Error(`"${text}" was refused.`);
        const { keys, matches } = toSelector(expression);
        const read = Object.fromEntries(Object.entries(own).filter(([key]) => keys.includes(key)));
        expect(matches(read)).toBe(matches(own));
      }),
      { numRuns: runs(500) },
    );
  });
});
