import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Finding } from '../../../lambda/findings/finding.ts';
import { packFindings } from '../../../lambda/report/page/block/pack.ts';
import { csvOf } from '../../../lambda/report/page/client/csv.ts';
import { matchQuery, parseQuery } from '../../../lambda/report/page/client/query.ts';
import { addressOf, findingOf, START, stateOf } from '../../../lambda/report/page/client/state.ts';
import { bytesOf, type Table, unpack } from '../../../lambda/report/page/client/unpack.ts';
import {
  createRanks,
  facetIndexes,
  filterRows,
  groupRows,
  sortRows,
} from '../../../lambda/report/page/client/view.ts';
import { findingLink } from '../../../lambda/report/page/page-facts.ts';
import { queryTerm } from '../../../lambda/report/page/query-term.ts';
import { shortNames } from '../../../lambda/report/words.ts';
import { runs } from '../../support/runs.ts';
import { aCluster, aFinding } from '../builders.ts';

const nameOf = shortNames([]);
const tableOf = (findings: readonly Finding[]): Promise<Table> =>
  unpack(bytesOf([...packFindings(findings, OPTIONS)].join('')));

const FINDINGS: readonly Finding[] = [
  { ...aFinding({ name: 'erp', namespace: 'legacy', pods: 2, status: 'open' }), owner: 'erp-team' },
  {
    ...aFinding({ name: 'checkout', check: 'runtime-library-update', container: 'app', pods: 9 }),
    owner: 'payments',
  },
  {
    ...aFinding({ name: 'search', namespace: 'shop', status: 'exempt', cluster: aCluster('us') }),
    owner: 'team "a"',
  },
  {
    ...aFinding({ name: 'cart', namespace: 'shop', status: 'fixed', message: 'It runs nginx:latest.' }),
    controls: ['Enterprise 1.2'],
  },
  {
    ...aFinding({ name: 'aws-node', namespace: 'kube-system', status: 'open', severity: 'low' }),
    managedBy: 'EKS add-on vpc-cni',
  },
];

const OPTIONS = {
  nameOf,
  titles: new Map<string, string>(),
  now: '2026-03-02T06:00:00Z',
  run: 'r1',
  patches: new Map(),
  apart: new Set(FINDINGS.filter(({ managedBy }) => managedBy != null).map(({ id }) => id)),
};

const found = async (query: string): Promise<readonly string[]> => {
  const table = await tableOf(FINDINGS);
  const fits = matchQuery(table, parseQuery(query));
  return FINDINGS.flatMap(({ workload }, row) => (fits[row] === 1 ? workload.name : []));
};

describe('the search', () => {
  test.each([
    ['', ['erp', 'checkout', 'search', 'cart', 'aws-node']],
    ['legacy', ['erp']],
    // The name of a control, "Enterprise", is found by its prefix only.
    ['erp', ['erp']],
    ['control:enterprise', ['cart']],
    ['nginx:latest', ['cart']],
    ['is:new', ['checkout']],
    ['is:active', ['erp', 'checkout', 'aws-node']],
    ['is:closed', ['cart']],
    ['is:managed', ['aws-node']],
    ['is:unowned', ['cart']],
    ['is:apart', ['aws-node']],
    ['-is:active -is:closed', ['search']],
    ['owner:payments', ['checkout']],
    ['owner:pay', []],
    ['owner:pay*', ['checkout']],
    ['owner:"team ""a"""', ['search']],
    ['cluster:us', ['search']],
    ['namespace:shop status:fixed', ['cart']],
    ['check:runtime-* container:app', ['checkout']],
    ['severity:low', ['aws-node']],
    ['CHECKOUT', ['checkout']],
    ['is:nonsense', []],
  ])('%j finds %j', async (query, names) => {
    expect(await found(query)).toEqual(names);
  });

  test('a term that the page links to is read as it was meant, whatever its value is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), (value) => {
        expect(parseQuery(`${queryTerm('owner', value)} is:new`)).toEqual([
          { prefix: 'owner', value: value.toLowerCase(), not: false },
          { prefix: 'is', value: 'new', not: false },
        ]);
      }),
      { numRuns: runs(500) },
    );
  });
});

describe('facets', () => {
  test('a facet counts what there would be if another of its values were chosen', async () => {
    const table = await tableOf(FINDINGS);
    const indexes = facetIndexes(table);
    const all = matchQuery(table, []);
    const count = (
      chosen: Parameters<typeof filterRows>[2],
      facet: 'namespace' | 'status',
      value: string,
    ) => {
      const { counts, rows } = filterRows(indexes, all, chosen);
      return [counts[facet][indexes[facet].values.indexOf(value)], rows.length];
    };
    expect(count({}, 'namespace', 'shop')).toEqual([2, 5]);
    expect(count({ namespace: 'legacy' }, 'namespace', 'shop')).toEqual([2, 1]);
    expect(count({ namespace: 'shop', status: 'fixed' }, 'status', 'exempt')).toEqual([1, 1]);
    expect(count({ namespace: 'shop', status: 'new' }, 'namespace', 'legacy')).toEqual([0, 0]);
    expect(count({ namespace: 'there is none' }, 'status', 'new')).toEqual([0, 0]);
  });
});

describe('the order', () => {
  const names = async (column: Parameters<ReturnType<typeof createRanks>>[0], descending = false) => {
    const table = await tableOf(FINDINGS);
    const rows = Uint32Array.from(FINDINGS, (_, row) => row);
    return [...sortRows(rows, createRanks(table)(column), descending)].map(
      (row) => FINDINGS[row]?.workload.name,
    );
  };

  test('what asks somebody to act goes first, the worst before the others, then what is exempt, then what is over', async () => {
    expect(await names('severity')).toEqual(['checkout', 'erp', 'aws-node', 'search', 'cart']);
  });

  test('rows sort by number where it is one, and those without an owner are last', async () => {
    expect((await names('pods', true)).slice(0, 1)).toEqual(['checkout']);
    expect((await names('pods')).slice(0, 1)).toEqual(['erp']);
    expect((await names('owner')).slice(0, 3)).toEqual(['erp', 'checkout', 'search']);
  });

  test('any rows sort as an ordinary sort does, equal ones as they were', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5)), fc.boolean(), (ranks, descending) => {
        const rows = Uint32Array.from(ranks, (_, row) => row);
        const sign = descending ? -1 : 1;
        const expected = [...rows].sort((a, b) => sign * ((ranks[a] ?? 0) - (ranks[b] ?? 0)) || a - b);
        expect([...sortRows(rows, Uint32Array.from(ranks), descending)]).toEqual(expected);
      }),
    );
  });

  test('groups stand in the order of their first row, and hold every row once', async () => {
    const table = await tableOf(FINDINGS);
    const groups = groupRows(table, Uint32Array.of(1, 3, 0, 2, 4), 'namespace');
    expect(groups.map(({ title, rows }) => [title, rows])).toEqual([
      ['payments in prod-eu', [1]],
      ['shop in prod-eu', [3]],
      ['legacy in prod-eu', [0]],
      ['shop in us', [2]],
      ['kube-system in prod-eu', [4]],
    ]);
  });
});

describe('the address', () => {
  test('the address of any view leads back to it', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.record(
          { owner: fc.string({ unit: 'grapheme' }), severity: fc.constant('high') },
          { requiredKeys: [] },
        ),
        fc.boolean(),
        (query, chosen, descending) => {
          const state = { query, chosen, sort: { column: 'pods', descending }, group: 'cause' } as const;
          expect(stateOf(addressOf(state))).toEqual(state);
        },
      ),
    );
    expect(stateOf(addressOf(START))).toEqual(START);
    expect(stateOf('#teams')).toBeNull();
    expect(stateOf('#q=%&sort=nonsense&group=x')).toEqual({ ...START, query: '%' });
  });

  test('the address of a finding names what makes it the same one in every run', () => {
    const finding = aFinding({ namespace: 'a/b', name: 'c d', container: null });
    expect(findingOf(findingLink(finding, nameOf))).toEqual([
      'prod-eu',
      'a/b',
      'Deployment',
      'c d',
      '',
      'egress-unrestricted',
    ]);
    expect(findingOf('#f=a/b')).toBeNull();
  });
});

describe('the CSV of a view', () => {
  test('no cell begins a formula, and cells with commas and quotes stay whole', async () => {
    const table = await tableOf([aFinding({ name: '=HYPERLINK("x")', message: 'a, "b"\nc' })]);
    const text = [...csvOf(table, [0])].join('');
    expect(text).toContain(`,"'=HYPERLINK(""x"")",`);
    expect(text).toContain('"a, ""b""\\nc"');
    expect(text.split('\r\n')).toHaveLength(3);
  });
});
