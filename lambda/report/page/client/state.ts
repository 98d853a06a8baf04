import { type Chosen, FACETS, GROUPS, type Grouping, SORTS, type Sort } from './view.ts';

/** What the table shows, as its address says it. */
export interface State {
  readonly query: string;
  readonly chosen: Chosen;
  readonly sort: Sort;
  readonly group: Grouping;
}

export const START: State = {
  query: '',
  chosen: {},
  sort: { column: 'severity', descending: false },
  group: 'none',
};

/** Whether it may show fewer than all findings. */
export const isNarrowed = ({ query, chosen }: Pick<State, 'query' | 'chosen'>): boolean =>
  query.trim() !== '' || FACETS.some((facet) => chosen[facet] !== undefined);

/** `#q=…&severity=high&sort=-pods&group=workload`; what is as at the start is left out. */
export function addressOf({ query, chosen, sort, group }: State): string {
  const parts = [
    `q=${encoded(query)}`,
    ...FACETS.flatMap((facet) => (chosen[facet] === undefined ? [] : [`${facet}=${encoded(chosen[facet])}`])),
    ...(sort.column === START.sort.column && !sort.descending
      ? []
      : [`sort=${sort.descending ? '-' : ''}${sort.column}`]),
    ...(group === 'none' ? [] : [`group=${group}`]),
  ];
  return `#${parts.join('&')}`;
}

/** @returns `null` where the address is of something else, such as a section */
export function stateOf(address: string): State | null {
  if (!address.startsWith('#q=')) return null;
  const parts = new Map(
    address
      .slice(1)
      .split('&')
      .map((part) => [part.slice(0, part.indexOf('=')), decoded(part.slice(part.indexOf('=') + 1))]),
  );
  const sort = parts.get('sort') ?? START.sort.column;
  const column = SORTS.find((one) => one === sort.replace(/^-/, ''));
  return {
    query: parts.get('q') ?? '',
    chosen: Object.fromEntries(
      FACETS.flatMap((facet) => (parts.has(facet) ? [[facet, parts.get(facet)]] : [])),
    ),
    sort: column === undefined ? START.sort : { column, descending: sort.startsWith('-') },
    group: GROUPS.find((one) => one === parts.get('group')) ?? 'none',
  };
}

/** The parts of the address of one finding; `null` where it is none. */
export function findingOf(address: string): readonly string[] | null {
  if (!address.startsWith('#f=')) return null;
  const parts = address.slice('#f='.length).split('/').map(decoded);
  return parts.length === 6 ? parts : null;
}

/** Half a surrogate pair has no encoding, and a name may hold one. */
const encoded = (text: string): string => encodeURIComponent(wellFormed(text));

/** What `String.prototype.toWellFormed` gives, which browsers have since 2023 only. */
export const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd');

/** A person may have changed the address by hand. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
