import { Aws } from 'aws-cdk-lib';
import { type EndpointService, isAskedByCode, prefixOf } from './endpoint-services.ts';
import type { Permission } from './grant.ts';

/** Who asks by an endpoint. */
export interface EndpointUsers {
  /** ARN of the role of the function. */
  readonly roleArn: string;
  /** Names of the roles that it takes on in other accounts, to do there what it does in its own. */
  readonly members: readonly string[];
  /** Names of the roles that it takes on for kubelets, and that may do nothing in AWS. */
  readonly measurers: readonly string[];
}

export interface EndpointPolicy {
  readonly document: object;
  /** Why each statement is there, by its Sid. */
  readonly reasons: ReadonlyMap<string, string>;
}

interface Part {
  readonly sid: string;
  readonly reason: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly condition: object;
}

/** Which services are asked with the roles of member accounts, and with that for measuring. */
const ASKED_FOR_MEMBERS: readonly EndpointService[] = ['eks', 'ec2', 'ecr', 'inspector2', 'securityhub'];

/**
 * Lets the function do at a service what its role may do there, and nothing else. Conditions of the grants are left out: they
 * hold anyway, and endpoint policies take fewer wildcards
 * (https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html).
 */
export function endpointPolicy(
  service: EndpointService,
  permissions: readonly Permission[],
  users: EndpointUsers,
): EndpointPolicy {
  const own = ofTheRole(service, permissions, users);
  const parts = [
    ...own,
    ...(service === 'sts' ? [identify(users)] : []),
    ...(ASKED_FOR_MEMBERS.includes(service) ? forMembers(own, users) : []),
    ...(service === 's3' ? [others(users)] : []),
  ];
  return {
    document: {
      Version: '2012-10-17',
      Statement: parts.map(({ sid, actions, resources, condition }) => ({
        Sid: sid,
        Effect: 'Allow',
        // Of a gateway "AWS": ARN would be the root user alone; the condition says who.
        Principal: '*',
        Action: actions,
        Resource: resources,
        Condition: condition,
      })),
    },
    reasons: new Map(parts.map(({ sid, reason }) => [sid, reason])),
  };
}

/** The grants of the role, for this service. */
const ofTheRole = (
  service: EndpointService,
  permissions: readonly Permission[],
  { roleArn }: EndpointUsers,
): readonly Part[] =>
  permissions.filter(isAskedByCode).flatMap(({ sid, reason, actions, resources }) => {
    const here = actions.filter((action) => prefixOf(action) === service);
    return here.length === 0
      ? []
      : [{ sid, reason, actions: here, resources: inAnyAccount(resources), condition: as(roleArn) }];
  });

/** A policy of an endpoint has at most 20,480 characters. */
const MOST_RESOURCES = 100;

/** Roles of many accounts are named once, in any account: which ones the grant says. */
const inAnyAccount = (arns: readonly string[]): readonly string[] =>
  arns.length <= MOST_RESOURCES
    ? arns
    : [...new Set(arns.map((arn) => arn.replace(/:iam::[0-9]{12}:role\//, ':iam::*:role/')))];

/** Whoever asks whose credentials it has needs no permission in IAM, but one here. */
const identify = ({ roleArn, members, measurers }: EndpointUsers): Part => ({
  sid: 'Identify',
  reason: 'Each role that the function has or takes on asks AWS of which account it is.',
  actions: ['sts:GetCallerIdentity'],
  resources: ['*'],
  condition: as(roleArn, ...[...members, ...measurers].map(inAccounts)),
});

/** The same with the roles of other accounts, which have no more rights than their own policies say. */
function forMembers(own: readonly Part[], { members }: EndpointUsers): readonly Part[] {
  const actions = [...new Set(own.flatMap((part) => part.actions))];
  if (members.length === 0 || actions.length === 0) return [];
  return [
    {
      sid: 'InOtherAccounts',
      reason: 'The same with the roles that the function takes on in other accounts.',
      actions,
      resources: ['*'],
      condition: as(...members.map(inAccounts)),
    },
  ];
}

/** A gateway is in the way of everything in its subnets, which must reach S3 as before. */
const others = ({ roleArn }: EndpointUsers): Part => ({
  sid: 'OthersAsBefore',
  reason:
    'Everything else in these subnets reaches S3 as it did without the gateway; the role of the function only as the other statements say.',
  actions: ['*'],
  resources: ['*'],
  condition: { ArnNotLike: { 'aws:PrincipalArn': [roleArn] } },
});

const as = (...roles: readonly string[]): object => ({ ArnLike: { 'aws:PrincipalArn': roles } });
const inAccounts = (role: string): string => `arn:${Aws.PARTITION}:iam::*:role/${role}`;
