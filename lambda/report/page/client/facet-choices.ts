import { choice, option, thousands } from './dom.ts';
import { type Chosen, FACETS, type Facet, type FacetIndex } from './view.ts';

/** Lists that are longer are filled when they are opened: to fill them with every letter of a search would take too long. */
const SHORT = 60;
/** Of longer lists those with the most rows: nobody scrolls through more, and the search finds them. */
const MOST = 500;

const EMPTY: Readonly<Partial<Record<Facet, string>>> = { owner: 'no owner', namespace: '(none)' };
const IN_ORDER: ReadonlySet<Facet> = new Set(['severity', 'status']);

export interface FacetChoices {
  readonly boxes: readonly HTMLElement[];
  show(chosen: Chosen, counts: Readonly<Record<Facet, Uint32Array>>): void;
}

/** One list for each facet, its values with how many rows they have. */
export function facetChoices(
  indexes: Readonly<Record<Facet, FacetIndex>>,
  choose: (facet: Facet, value: string | null) => void,
): FacetChoices {
  const all = FACETS.map((facet) => {
    const { values } = indexes[facet];
    const { box, select } = choice(facet, `facet-${facet}`);
    let fill = (): void => {};
    select.addEventListener('change', () =>
      choose(facet, select.value === '' ? null : select.value.slice(1)),
    );
    select.addEventListener('focus', () => fill());
    select.addEventListener('pointerdown', () => fill());
    // One value is no choice.
    box.hidden = values.length < 2;
    const show = (chosen: string | undefined, counts: Uint32Array): void => {
      const fillWith = (places: readonly number[]): void => {
        const options = places.map((place) => {
          const value = values[place] ?? '';
          const name = value === '' ? (EMPTY[facet] ?? '(none)') : value;
          // Whatever a value is, it differs from that of all.
          return option(`=${value}`, `${name} (${thousands(counts[place] ?? 0)})`, value === chosen);
        });
        select.replaceChildren(option('', 'all', chosen === undefined), ...options);
      };
      fill = () => fillWith(listed(facet, values, { counts, chosen }));
      if (values.length <= SHORT) fill();
      else fillWith(chosen === undefined ? [] : [values.indexOf(chosen)].filter((place) => place >= 0));
    };
    return { facet, box, show };
  });
  return {
    boxes: all.map(({ box }) => box),
    show(chosen, counts) {
      for (const { facet, show } of all) show(chosen[facet], counts[facet]);
    },
  };
}

function listed(
  facet: Facet,
  values: readonly string[],
  { counts, chosen }: { readonly counts: Uint32Array; readonly chosen: string | undefined },
): readonly number[] {
  const places = values.flatMap((value, place) =>
    (counts[place] ?? 0) > 0 || value === chosen ? [place] : [],
  );
  if (IN_ORDER.has(facet)) return places;
  return places.sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0)).slice(0, MOST);
}
