import { markdownTable } from '../markdown-table.ts';
import { ASSUMPTIONS, type Numbers } from './assumptions.ts';
import { type Cost, type Deployment, monthlyCost, optionalCost, requestsOf, total, workOf } from './cost.ts';
import { PRICES, PRICES_OF, USE } from './prices.ts';

/** From one cluster to the largest fleet; the mode changes where one function becomes too slow. */
const SIZES: readonly Deployment[] = [1, 10, 100, 1_000, 10_000].map((clusters) => ({
  clusters,
  mode: clusters < 200 ? 'single' : 'fleet',
  memory: 1769,
}));

const count = (value: number): string => Math.round(value).toLocaleString('en-US');
const dollars = (value: number): string =>
  value === 0 ? '0' : value < 0.01 ? '< 0.01' : value < 100 ? value.toFixed(2) : count(value);

const named = ({ clusters, mode }: Deployment): string => `${count(clusters)} (${mode})`;

/** What a month costs, for each size: every deployment, and each option by itself. */
export function costTables(numbers: Numbers): readonly string[] {
  const header = ['$ a month', ...SIZES.map(named)];
  const always = SIZES.map((size) => monthlyCost(size, numbers));
  const options = SIZES.map((size) => optionalCost(size, numbers));
  return [
    ...markdownTable(header, [
      ...rowsOf(always),
      ['together', ...always.map((cost) => dollars(total(cost)))],
    ]),
    '',
    'What is off by default costs in addition, each by itself:',
    '',
    ...markdownTable(header, rowsOf(options)),
  ];
}

const rowsOf = (costs: readonly Cost[]): readonly (readonly string[])[] =>
  Object.keys(costs[0] ?? {}).map((what) => [what, ...costs.map((cost) => dollars(cost[what] ?? 0))]);

/** What one run asks of services, for each size. */
export function workTable(numbers: Numbers): readonly string[] {
  const work = SIZES.map((size) => ({ ...workOf(size, numbers), ...requestsOf(size, numbers) }));
  const row = (what: string, of: (one: (typeof work)[number]) => number): readonly string[] => [
    what,
    ...work.map((one) => count(of(one))),
  ];
  return markdownTable(
    ['one run', ...SIZES.map(named)],
    [
      row('GB-seconds of Lambda', ({ gbSeconds }) => gbSeconds),
      row('invocations', ({ invocations }) => invocations),
      row('state transitions', ({ transitions }) => transitions),
      row('requests to EKS', ({ eks }) => eks),
      row('requests to ECR', ({ ecr }) => ecr),
      row('requests to Security Hub', ({ securityHub }) => securityHub),
      row('seconds of these in one account and region, at its rate', (one) => one.securityHubSeconds),
    ],
  );
}

/** Every number that the model rests on, with its source. */
export function assumptionTable(numbers: Numbers): readonly string[] {
  const rows = Object.entries(ASSUMPTIONS).map(([name, { value, unit, what, source }]) => [
    name,
    what,
    String(Number(numbers[name as keyof Numbers].toPrecision(6))),
    unit,
    numbers[name as keyof Numbers] === value ? source : 'given',
  ]);
  return markdownTable(['name', 'assumption', 'value', 'unit', 'source'], rows);
}

/** Those of the costs alone. */
export function priceTable(): readonly string[] {
  const rows = Object.values({ ...PRICES, ...USE }).map(({ value, unit, what, source }) => [
    what,
    String(Number(value.toPrecision(6))),
    unit,
    source,
  ]);
  return markdownTable(['what', 'value', 'unit', 'source'], rows);
}

export { PRICES_OF };
