import * as field from './fields.ts';
import * as aws from './fields-aws.ts';
import { MEMBER_ROLE } from './presets.ts';

/** Whose accounts are asked for clusters without being listed one by one. */
export const organization = () =>
  field
    .mapping(
      {
        units: field
          .someOf(
            aws.unit(),
            'a list such as ["ou-ab12-12345678"]',
            'name the units whose accounts are audited',
          )
          .transform(field.unique)
          .meta({
            description:
              'Organizational units, or roots, whose accounts and those of all units below are audited. The hub must be in the management account or in one that a delegation policy lets list accounts.',
          }),
        exclude: field
          .listOf(aws.accountOrUnit(), 'a list such as ["111122223333"]')
          .transform(field.unique)
          .prefault([])
          .meta({ description: 'Ids of accounts and units that are left out.' }),
        roleName: aws.roleName().default(MEMBER_ROLE).meta({
          description:
            'Role in each account which the auditor assumes; a StackSet of the member template creates it.',
        }),
        externalId: field.orNull(aws.externalId()).meta({
          description: 'External id that the trust policies of the roles require, one for all accounts.',
        }),
        regions: field
          .someOf(aws.region(), 'a list such as [eu-west-1]', 'name the regions to look for clusters in')
          .transform(field.unique)
          .meta({ description: 'Regions to look for clusters in, in every account.' }),
      },
      'a mapping such as { units: ["ou-ab12-12345678"], regions: [eu-west-1] }',
    )
    .superRefine(({ units, exclude }, context) => {
      units.forEach((unit, i) => {
        if (!exclude.includes(unit)) return;
        const message = `"${unit}" is excluded as well, so none of its accounts would be audited; take it out of one of the lists.`;
        context.addIssue({ code: 'custom', message, path: ['units', i] });
      });
    });
