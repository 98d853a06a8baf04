import { Aws } from 'aws-cdk-lib';
import { VPC_ACTIONS, type VpcAction } from '../../lambda/vpc/actions.ts';
import type { Permission } from './grant.ts';
import { unscopedReason } from './unscoped.ts';

/** The one action for which AWS lets a resource be named. */
const ENTRIES = 'ec2:GetManagedPrefixListEntries' satisfies VpcAction;

/** What the code of a function in a VPC does itself of what Lambda does there with its role. */
export const ALSO_DONE_BY_CODE: readonly string[] = ['ec2:DescribeNetworkInterfaces' satisfies VpcAction];

/** What {@link readNetwork} leaves out in a VPC, for policies that know nothing of what the role is granted for Lambda. */
export const readNetworkBesides = (): Permission => ({
  sid: 'DescribeInterfaces',
  reason: 'The security groups of pods that have their own; not with `egress.routing: off`.',
  actions: ALSO_DONE_BY_CODE,
  resources: ['*'],
  wildcard: unscopedReason(ALSO_DONE_BY_CODE),
});

/**
 * Reads what VPCs route and filter, for `egress.routing: read`: descriptions only, and none that holds the
 * data of instances.
 *
 * @param regions Names of regions, or one token that stands for a list of them.
 * @param granted Actions that the role is allowed already.
 */
export function readNetwork(
  regions: readonly string[],
  granted: readonly string[] = [],
): readonly Permission[] {
  const conditions = { StringEquals: { 'aws:RequestedRegion': regions } };
  const described = Object.keys(VPC_ACTIONS).filter(
    (action) => action !== ENTRIES && !granted.includes(action),
  );
  return [
    {
      sid: 'DescribeNetwork',
      reason:
        'What the VPC lets pods reach, and the metadata options of nodes; not with `egress.routing: off`.',
      actions: described,
      resources: ['*'],
      conditions,
      wildcard: unscopedReason(described),
    },
    {
      sid: 'ReadPrefixLists',
      reason: 'Which addresses a prefix list in a route or rule holds; not with `egress.routing: off`.',
      actions: [ENTRIES],
      resources: [`arn:${Aws.PARTITION}:ec2:*:*:prefix-list/*`],
      conditions,
      wildcard:
        'The ids of prefix lists come from routes and rules; those of AWS and shared ones belong to other accounts.',
    },
  ];
}
