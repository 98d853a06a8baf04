import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  admitsName,
  admitsUnder,
  haveCommonName,
  readDomain,
  readPattern,
  type Wildcard,
} from '../../../lambda/egress/sets/hosts.ts';
import { runs } from '../../support/runs.ts';

/** Every name of up to four labels of up to two letters: enough for the patterns below. */
const LETTERS = ['a', 'b'];
const LABELS = [...LETTERS, ...LETTERS.flatMap((one) => LETTERS.map((other) => one + other))];
const NAMES = [1, 2, 3].reduce<readonly (readonly string[])[]>(
  (all) => [...all, (all.at(-1) ?? []).flatMap((name) => LABELS.map((label) => `${label}.${name}`))],
  [LABELS],
);
const ALL_NAMES = NAMES.flat();

const joined = (labels: readonly string[], max: number) =>
  fc.array(fc.constantFrom(...labels), { minLength: 1, maxLength: max }).map((list) => list.join('.'));

const pattern = joined(['a', 'b', 'ab', '*', '*', '*a', 'a*', '*b*', '**'], 2);
const domain = joined(['a', 'b', 'ab', '*', 'a*', '*b', 'a*b'], 2);
const wildcard = fc.constantFrom<Wildcard>('label', 'labels');

const expressionFor = (host: string, kind: Wildcard): RegExp => {
  const deep = kind === 'label' ? host.replace(/^\*{2,}\./, '#.') : host;
  const expression = deep
    .replaceAll('.', '\\.')
    .replaceAll('*', kind === 'label' ? '[^.]*' : '.*')
    .replaceAll('#', '.*');
  return new RegExp(`^${expression}$`);
};

describe('host patterns against every name there is', () => {
  it('host patterns meet a pattern of domains if and only if both admit some name', () => {
    fc.assert(
      fc.property(pattern, domain, wildcard, (host, under, kind) => {
        const expression = expressionFor(host, kind);
        const domains = expressionFor(under, 'label').source.slice(1);
        const below = ALL_NAMES.filter((name) => new RegExp(`(^|\\.)${domains}`).test(name));
        expect(admitsUnder(readPattern({ host, wildcard: kind }), readDomain(under))).toBe(
          below.some((name) => expression.test(name)),
        );
      }),
      { numRuns: runs(2000) },
    );
  });

  it('host patterns admit a name as the equivalent expression does', () => {
    fc.assert(
      fc.property(pattern, fc.constantFrom(...ALL_NAMES), wildcard, (host, name, kind) => {
        expect(admitsName({ host, wildcard: kind }, name)).toBe(expressionFor(host, kind).test(name));
      }),
      { numRuns: runs(1000) },
    );
  });

  it('host patterns meet another pattern if and only if both admit some name, dots for any character included', () => {
    fc.assert(
      fc.property(short, short, anyWildcard, anyWildcard, (one, other, kind, otherKind) => {
        const [a, b] = [expressionOf(one, kind), expressionOf(other, otherKind)];
        expect(haveCommonName({ host: one, wildcard: kind }, { host: other, wildcard: otherKind })).toBe(
          SHORT_NAMES.some((name) => a.test(name) && b.test(name)),
        );
      }),
      { numRuns: runs(1000) },
    );
  });
});

/** Every text of up to eight characters that has no empty label. */
const SHORT_NAMES = [1, 2, 3, 4, 5, 6, 7]
  .reduce<readonly (readonly string[])[]>(
    (all) => [...all, (all.at(-1) ?? []).flatMap((text) => [`${text}a`, `${text}b`, `${text}.`])],
    [['a', 'b']],
  )
  .flat()
  .filter((text) => !text.includes('..') && !text.endsWith('.'));

const short = joined(['a', 'b', 'ab', '*', 'a*', '*b', '**'], 2);
const anyWildcard = fc.constantFrom<Wildcard>('label', 'labels', 'dots');

const expressionOf = (host: string, kind: Wildcard): RegExp =>
  kind === 'dots' ? new RegExp(`^${host.replaceAll('*', '.*')}$`) : expressionFor(host, kind);
