import { runSimulation } from '@cloud-copilot/iam-simulate';
import type { DeployedPolicies, DeployedRole, PolicyDocument, PolicyStatement } from './policies.ts';
import { type AuthorizationRequest, ORGANIZATION } from './recorded-calls.ts';

/** All that is deployed in all accounts. */
export interface World {
  readonly stacks: readonly DeployedPolicies[];
}

const roleOf = ({ stacks }: World, arn: string): DeployedRole | undefined =>
  stacks.flatMap(({ roles }) => roles).find((role) => role.arn === arn);

/** Keys that every request has: those of the network as the clients of the auditor connect, those of the organization of both sides. */
const EVERY = {
  'aws:SecureTransport': 'true',
  's3:TlsVersion': '1.3',
  'aws:PrincipalOrgID': ORGANIZATION,
  'aws:ResourceOrgID': ORGANIZATION,
};

/** @param policies in the place of those that the role has */
export async function isAllowed(
  world: World,
  request: AuthorizationRequest,
  policies?: readonly PolicyDocument[],
): Promise<boolean> {
  const { role: arn, action, resource, context } = request;
  const role = roleOf(world, arn);
  const account = accountOf(arn);
  const result = await runSimulation(
    {
      request: {
        principal: `${arn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/session`,
        action,
        resource: { resource, accountId: accountOf(resource) || account },
        contextVariables: {
          ...EVERY,
          'aws:PrincipalArn': arn,
          'aws:PrincipalAccount': account,
          ...context,
        },
      },
      identityPolicies: (policies ?? role?.policies ?? []).map((policy, i) => ({
        name: `policy-${i}`,
        policy,
      })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy: resourcePolicyOf(world, resource),
    },
    {},
  );
  if (result.resultType === 'error') {
    throw new Error(
      `The simulator cannot evaluate ${action} on ${resource}: ${JSON.stringify(result.errors)}`,
    );
  }
  return result.overallResult === 'Allowed';
}

const EVERYTHING = { Effect: 'Allow', Action: '*', Resource: '*' } as const;
const ALL = { Version: '2012-10-17', Statement: [EVERYTHING] };
const ALL_TO_ALL = { Version: '2012-10-17', Statement: [{ ...EVERYTHING, Principal: '*' }] };

/** Whether a VPC endpoint with this policy lets a request pass that is allowed otherwise. */
export async function passesEndpoint(
  { role, action, resource, context }: AuthorizationRequest,
  policy: PolicyDocument,
): Promise<boolean> {
  const account = accountOf(role);
  const result = await runSimulation(
    {
      request: {
        principal: `${role.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/session`,
        action,
        resource: { resource, accountId: accountOf(resource) || account },
        contextVariables: { ...EVERY, 'aws:PrincipalArn': role, 'aws:PrincipalAccount': account, ...context },
      },
      identityPolicies: [{ name: 'all', policy: ALL }],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy: ALL_TO_ALL,
      vpcEndpointPolicies: [{ name: 'endpoint', policy }],
    },
    {},
  );
  if (result.resultType === 'error') {
    throw new Error(
      `The simulator cannot evaluate ${action} on ${resource}: ${JSON.stringify(result.errors)}`,
    );
  }
  return result.overallResult === 'Allowed';
}

/** The trust policy of a role, the policy of a bucket (also for its objects), of a topic or of a key. */
function resourcePolicyOf(world: World, resource: string): PolicyDocument | undefined {
  const role = roleOf(world, resource);
  if (role !== undefined) return role.trust;
  const [container = resource] = resource.startsWith('arn:aws:s3:::') ? resource.split('/') : [resource];
  return world.stacks.flatMap(({ resources }) => resources.get(container) ?? []).at(0);
}

const accountOf = (arn: string): string => arn.split(':')[4] ?? '';

/** One action on one resource that a role is granted. */
export interface Grant {
  readonly role: DeployedRole;
  readonly sid: string;
  readonly action: string;
  readonly resource: string;
  readonly policy: PolicyDocument;
}

/** Everything that roles are allowed, taken apart. */
export const grantsOf = (roles: readonly DeployedRole[]): readonly Grant[] =>
  roles.flatMap((role) =>
    role.policies.flatMap(({ Version, Statement }) =>
      Statement.filter(({ Effect }) => Effect === 'Allow').flatMap((statement) =>
        apart(statement).map(({ action, resource }) => ({
          role,
          sid: statement.Sid ?? '',
          action,
          resource,
          policy: { Version, Statement: [{ ...statement, Action: action, Resource: resource }] },
        })),
      ),
    ),
  );

const apart = ({ Action, Resource = [] }: PolicyStatement) =>
  [Action].flat().flatMap((action) => [Resource].flat().map((resource) => ({ action, resource })));

/**
 * Whether one of the requests is allowed by this grant alone, and not without it: within an account the policy of a resource
 * that names the role allows it by itself.
 */
export async function isUsed(
  world: World,
  grant: Grant,
  requests: readonly AuthorizationRequest[],
): Promise<boolean> {
  for (const request of requests) {
    if (request.role !== grant.role.arn || request.action !== grant.action) continue;
    if ((await isAllowed(world, request, [grant.policy])) && !(await isAllowed(world, request, [])))
      return true;
  }
  return false;
}
