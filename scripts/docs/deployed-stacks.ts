import { App, CfnResource, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AuditorStack } from '../../lib/auditor-stack.ts';
import { MemberStack } from '../../lib/member-stack.ts';
import { reasonOf, statementKey, statementReason, type TemplateStatement } from '../../lib/reasons.ts';
import { settingsFrom } from '../../lib/settings.ts';

// The CDK would validate each template, for seconds each; `npm run lint:templates` lets it do so.
process.env['CDK_VALIDATION'] ??= 'false';

/** Every option, so that each grant and resource there can be is deployed in one of the modes. */
const OPTIONS = {
  accounts: [
    { id: '111122223333', externalId: 'audit-7', regions: ['eu-west-1', 'us-east-1'] },
    { id: '444455556666', externalId: 'audit-7', regions: ['eu-west-1'] },
  ],
  organization: { units: ['ou-ab12-12345678'], externalId: 'audit-7', regions: ['eu-west-1'] },
  measure: { writableLayer: 'kubelet' },
  egress: { routing: 'read' },
  images: {
    registry: 'sbom-collect',
    registries: [
      {
        host: 'ghcr.io',
        secretArn: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:ghcr-AbCdEf',
      },
    ],
  },
};
const DEPLOYMENT = {
  emails: ['security@example.com'],
  alarms: { emails: ['on-call@example.com'] },
  chat: { slack: { workspaceId: 'T0123ABCD', channelId: 'C0123ABCD' } },
  vpc: {
    id: 'vpc-0123456789abcdef0',
    subnets: ['subnet-0123456789abcdef0'],
    clusterSecurityGroups: ['sg-0123456789abcdef0'],
    endpoints: 'create',
    routeTables: ['rtb-0123456789abcdef0'],
  },
  accessEntries: ['prod-1'],
  securityHub: 'high',
  eventBus: 'default',
  athena: true,
  configObject: 's3://configuration/audit/config.yaml',
};

/** Functions without code: nothing is bundled. */
const CODE = Code.fromInline('exports.handler = async () => {};');

const hub = (config: object): Stack =>
  new AuditorStack(new App(), 'Hub', { settings: settingsFrom(config), code: CODE });

/** The stacks that docs/permissions.md describes, by what they are called there. */
export const deployedStacks = (): Readonly<Record<'default' | 'single' | 'fleet' | 'member', Stack>> => ({
  default: hub({}),
  single: hub({ ...OPTIONS, deployment: DEPLOYMENT }),
  fleet: hub({ ...OPTIONS, deployment: { ...DEPLOYMENT, mode: 'fleet' } }),
  member: new MemberStack(new App(), 'Member'),
});

/** A resource of a template, and why it is deployed. */
export interface ExplainedResource {
  readonly id: string;
  readonly type: string;
  /** `undefined`: no one says why. */
  readonly reason: string | undefined;
  /** The condition of the template that it depends on. */
  readonly condition: string | undefined;
  readonly properties: Readonly<Record<string, unknown>>;
  /** Of its policy, or of its trust policy where it is a role. */
  readonly statements: readonly ExplainedStatement[];
}

export interface ExplainedStatement {
  /** Its Sid, or what it says. */
  readonly key: string;
  readonly statement: TemplateStatement;
  readonly reason: string | undefined;
}

/** Everything that a stack deploys, in the order of its template. */
export function explained(stack: Stack): readonly ExplainedResource[] {
  const resources = stack.node.findAll().filter((one) => CfnResource.isCfnResource(one));
  const byId = new Map(resources.map((one) => [String(stack.resolve(one.logicalId)), one]));
  const template = Template.fromStack(stack).toJSON() as { Resources: Record<string, TemplateResource> };
  return Object.entries(template.Resources).flatMap(
    ([id, { Type: type, Condition: condition, Properties: properties = {} }]) => {
      const construct = byId.get(id);
      if (construct === undefined) return [];
      return {
        id,
        type,
        condition,
        properties,
        reason: describedBy(properties) ?? reasonOf(construct),
        statements: statementsOf(properties).map((statement) => {
          const key = statementKey(statement);
          return { key, statement, reason: statementReason(construct, key) };
        }),
      };
    },
  );
}

interface TemplateResource {
  readonly Type: string;
  readonly Condition?: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** What a resource says of itself, in AWS as well. */
function describedBy({ Description, AlarmDescription, GroupDescription }: Readonly<Record<string, unknown>>) {
  const own = Description ?? AlarmDescription ?? GroupDescription;
  return typeof own === 'string' ? own : undefined;
}

const POLICIES = ['PolicyDocument', 'KeyPolicy', 'AssumeRolePolicyDocument'];

const statementsOf = (properties: Readonly<Record<string, unknown>>): readonly TemplateStatement[] =>
  POLICIES.flatMap(
    (name) => (properties[name] as { Statement?: readonly TemplateStatement[] } | undefined)?.Statement ?? [],
  );

/** What no one gives a reason for, a line each. */
export const unexplained = (resources: readonly ExplainedResource[]): readonly string[] =>
  resources.flatMap(({ id, type, reason, statements }) => [
    // Statements have the reasons of a policy.
    ...(reason === undefined && type !== 'AWS::IAM::Policy' ? [`${id} (${type}) has no reason.`] : []),
    ...statements.flatMap((one) =>
      one.reason === undefined ? [`${one.key} of ${id} (${type}) has no reason.`] : [],
    ),
  ]);
