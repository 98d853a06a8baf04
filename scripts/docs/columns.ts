import { COMPLIANCE_COLUMNS } from '../../lambda/report/compliance.ts';
import { CSV_COLUMNS } from '../../lambda/report/csv.ts';

interface Column {
  readonly name: string;
  readonly meaning: string;
}

/** What the columns of the CSV files mean, in their order. */
export const columnsTables = (): string =>
  [
    '### findings.csv',
    '',
    ...table(CSV_COLUMNS),
    '',
    '### compliance.csv',
    '',
    ...table(COMPLIANCE_COLUMNS),
  ].join('\n');

const table = (columns: readonly Column[]): readonly string[] => [
  '| column | what it says |',
  '|---|---|',
  ...columns.map(({ name, meaning }) => `| \`${name}\` | ${meaning} |`),
];
