import { describe, expect, test } from '@jest/globals';
import { COMPLIANCE_COLUMNS } from '../../lambda/report/compliance.ts';
import { complianceKey } from '../../lambda/store/layout.ts';
import { hub, resourcesOf } from './deployed.ts';

interface TableInput {
  readonly Name: string;
  readonly PartitionKeys?: readonly { readonly Name: string }[];
  readonly Parameters: Readonly<Record<string, unknown>>;
  readonly StorageDescriptor: {
    readonly Columns: readonly { readonly Name: string }[];
    readonly Location: unknown;
  };
}

const tablesOf = (yaml: string): ReadonlyMap<string, TableInput> =>
  new Map(
    Object.values(resourcesOf(hub(yaml))).flatMap(({ Type, Properties }) => {
      if (Type !== 'AWS::Glue::Table') return [];
      const input = Properties['TableInput'] as TableInput;
      return [[input.Name, input] as const];
    }),
  );

const ACCOUNT = '{ id: "444455556666", externalId: audit-7, regions: [us-east-1] }';
const CONFIGURATIONS = [
  ['the own account', 'deployment: { athena: true }'],
  ['a listed account', `accounts: [${ACCOUNT}]\ndeployment: { athena: true }`],
  [
    'an organization',
    'organization: { units: [r-ab12], externalId: audit-7, regions: [eu-west-1] }\ndeployment: { athena: true }',
  ],
] as const;

describe('the tables of reports', () => {
  test.each(CONFIGURATIONS)(
    'the tables with %s name no accounts and no regions, so that none is left out',
    (_, yaml) => {
      const tables = tablesOf(yaml);
      expect([...tables.keys()].sort()).toEqual([
        'compliance',
        'findings',
        'findings_of_cluster',
        'inventory',
        'inventory_of_cluster',
        'packages',
      ]);
      for (const { Name, PartitionKeys = [], Parameters } of tables.values()) {
        const projected = Object.entries(Parameters).filter(([key]) => /^projection\..*\.values$/.test(key));
        expect({ Name, projected }).toEqual({ Name, projected: [] });
        if (!Name.endsWith('_of_cluster')) {
          const keys = PartitionKeys.map(({ Name: key }) => key);
          expect({ Name, keys }).toEqual({ Name, keys: Name === 'compliance' ? ['day'] : [] });
        } else {
          const asked = ['account', 'region', 'cluster_name'].map(
            (key) => Parameters[`projection.${key}.type`],
          );
          expect({ Name, asked }).toEqual({ Name, asked: ['injected', 'injected', 'injected'] });
        }
      }
    },
  );

  test('the table of compliance has the columns of compliance.csv, a partition a day, and reads no other objects', () => {
    const table = tablesOf('deployment: { athena: true }').get('compliance');
    const { Columns = [], Location } = table?.StorageDescriptor ?? {};
    expect(Columns.map(({ Name }) => Name)).toEqual(COMPLIANCE_COLUMNS.map(({ name }) => name));
    expect(JSON.stringify(Location)).toMatch(/\/compliance\/"/);
    expect(table?.Parameters).toMatchObject({
      'projection.enabled': 'true',
      'projection.day.type': 'date',
      'projection.day.range': '2026-01-01,NOW+1DAY',
    });
    const key = complianceKey({ id: 'RUN', startedAt: '2026-03-02T06:00:00Z' });
    const template = JSON.stringify(table?.Parameters['storage.location.template']);
    expect(template.replace('${day}', '2026-03-02')).toContain(key.slice(0, key.lastIndexOf('/') + 1));
  });
});
