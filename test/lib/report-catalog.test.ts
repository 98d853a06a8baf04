import { describe, expect, test } from '@jest/globals';
import { hub, resourcesOf } from './deployed.ts';

interface TableInput {
  readonly Name: string;
  readonly PartitionKeys?: readonly { readonly Name: string }[];
  readonly Parameters: Readonly<Record<string, unknown>>;
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
        'findings',
        'findings_of_cluster',
        'inventory',
        'inventory_of_cluster',
        'packages',
      ]);
      for (const { Name, PartitionKeys = [], Parameters } of tables.values()) {
        const projected = Object.entries(Parameters).filter(([key]) => /^projection\..*\.values$/.test(key));
        expect({ Name, projected }).toEqual({ Name, projected: [] });
        if (!Name.endsWith('_of_cluster'))
          expect({ Name, PartitionKeys }).toEqual({ Name, PartitionKeys: [] });
        else {
          const asked = ['account', 'region', 'cluster_name'].map(
            (key) => Parameters[`projection.${key}.type`],
          );
          expect({ Name, asked }).toEqual({ Name, asked: ['injected', 'injected', 'injected'] });
        }
      }
    },
  );
});
