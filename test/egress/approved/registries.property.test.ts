import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { registriesAdmitted } from '../../../lambda/egress/approved/package-registries.ts';
import type { Wildcard } from '../../../lambda/egress/sets/hosts.ts';
import { runs } from '../../support/runs.ts';

/** Every name of up to four labels of one or two letters: enough for patterns of up to three short labels. */
const LABELS = ['a', 'b', 'aa', 'ab', 'ba', 'bb'];
const NAMES = [1, 2, 3]
  .reduce<readonly (readonly string[])[]>(
    (all) => [...all, (all.at(-1) ?? []).flatMap((name) => LABELS.map((label) => `${label}.${name}`))],
    [LABELS],
  )
  .flat();

const joined = (labels: readonly string[], max: number) =>
  fc.array(fc.constantFrom(...labels), { minLength: 1, maxLength: max }).map((list) => list.join('.'));

const expressionOf = (host: string, kind: Wildcard): string => {
  const deep = kind === 'label' ? host.replace(/^\*{2,}\./, '#.') : host;
  return deep
    .replaceAll('.', '\\.')
    .replaceAll('*', kind === 'label' ? '[^.]*' : '.*')
    .replaceAll('#', '.*');
};

describe('a table of registries against every name there is', () => {
  it('a table of registries has those of which a host rule admits some name, and no other', () => {
    // What stands for dots, too, needs more labels; dots that stand for any character have hosts.property.test.ts.
    const asked = fc.constantFrom<Wildcard>('label', 'labels').chain((kind) => {
      const most = kind === 'label' ? 3 : 2;
      return fc.tuple(
        fc.constant(kind),
        joined(['a', 'b', 'ab', '*', 'a*', '*b', '**'], most),
        fc.array(joined(['a', 'b', 'ab', '*', 'a*'], most), { minLength: 1, maxLength: 4 }),
      );
    });
    fc.assert(
      fc.property(asked, ([kind, pattern, domains]) => {
        const registries = domains.map((domain, place) => ({ name: `${place}`, domains: [domain] }));
        const admitted = new RegExp(`^${expressionOf(pattern, kind)}$`);
        const names = NAMES.filter((name) => admitted.test(name));
        const expected = registries.filter(({ domains: [domain = ''] }) => {
          const below = new RegExp(`(^|\\.)${expressionOf(domain, 'label')}$`);
          return names.some((name) => below.test(name));
        });
        expect(registriesAdmitted({ host: pattern, wildcard: kind }, registries)).toEqual(
          expected.map(({ name }) => name),
        );
      }),
      { numRuns: runs(1500) },
    );
  });
});
