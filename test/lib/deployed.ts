import { App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { CHECK_IDS } from '../../lambda/checks/catalogue.ts';
import { parseDeployment } from '../../lambda/config/load.ts';
import { AuditorStack, MemberStack, type Settings } from '../../lib/index.ts';

/** Templates are looked at without bundling anything. */
const CODE = Code.fromInline('exports.handler = async () => {};');

export function settingsOf(yaml: string): Settings {
  const warnings: string[] = [];
  const parsed = parseDeployment(yaml, 'audit.config.yaml', CHECK_IDS, (line) => warnings.push(line));
  return { ...parsed, configText: yaml, warnings };
}

export function hubStack(yaml = ''): Stack {
  return new AuditorStack(new App(), 'Hub', { settings: settingsOf(yaml), code: CODE });
}

const templates = new Map<string, Template>();

/** Each configuration is made into a template once. */
export function hub(yaml = ''): Template {
  const template = templates.get(yaml) ?? Template.fromStack(hubStack(yaml));
  templates.set(yaml, template);
  return template;
}

export const memberStack = (): Stack => new MemberStack(new App(), 'Member');

/** A configuration that asks for everything there is. */
export const EVERYTHING = `
accounts:
  - { id: "111122223333", externalId: audit-7, regions: [eu-west-1, us-east-1] }
  - { id: "444455556666", externalId: audit-7, roleName: Auditor, regions: [eu-west-1] }
measure: { writableLayer: off }
digest:
  routes:
    - { match: { namespaces: [payments-*] }, topicArn: "arn:aws:sns:eu-west-1:444455556666:payments" }
    - { match: { namespaces: [billing] }, topicArn: "arn:aws:sns:eu-west-1:444455556666:payments" }
deployment:
  schedule: { cron: "30 7 ? * MON *", timeZone: Europe/Berlin }
  emails: [security@example.com]
  alarms: { emails: [on-call@example.com], topicArn: "arn:aws:sns:eu-west-1:111122223333:on-call" }
  chat: { slack: { workspaceId: T0123ABCD, channelId: C0123ABCD } }
  vpc:
    id: vpc-0123456789abcdef0
    subnets: [subnet-0123456789abcdef0, subnet-0fedcba9876543210]
    clusterSecurityGroups: [sg-0123456789abcdef0]
  retention: { reports: 800d, inventory: 400d, logs: 100d }
  objectLock: { mode: compliance, period: 365d }
  accessEntries: [prod-1]
  securityHub: high
  eventBus: default
  athena: true
  configObject: s3://configuration/audit/config.yaml
`;

/** In a VPC without NAT. */
export const withEndpoints = (yaml: string): string =>
  yaml.replace(
    'clusterSecurityGroups:',
    'endpoints: create\n    routeTables: [rtb-0123456789abcdef0]\n    clusterSecurityGroups:',
  );

/** With the accounts of an organization instead of listed ones. */
export const ORGANIZATION = `
organization:
  units: [ou-ab12-12345678, r-cd34]
  externalId: audit-7
  regions: [eu-west-1, us-east-1]
measure: { writableLayer: kubelet }
`;

/** With kubelets asked, in two accounts. */
export const MEASURING = EVERYTHING.replace(
  'measure: { writableLayer: off }',
  'measure: { writableLayer: kubelet }',
);

export const FLEET = `${EVERYTHING}  mode: fleet\n  fleet: { concurrency: 25 }\n`;

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

export const resourcesOf = (template: Template): Readonly<Record<string, Resource>> =>
  (template.toJSON() as { Resources: Record<string, Resource> }).Resources;

/** Statements of all policies of a role, by the logical id of the role. */
export function statementsOf(template: Template, role: string): readonly Statement[] {
  return Object.values(resourcesOf(template)).flatMap(({ Type, Properties }) => {
    if (Type !== 'AWS::IAM::Policy') return [];
    const roles = Properties['Roles'] as readonly { readonly Ref: string }[];
    if (!roles.some(({ Ref }) => Ref === role)) return [];
    return (Properties['PolicyDocument'] as { readonly Statement: readonly Statement[] }).Statement;
  });
}

export const listOf = <T>(value: T | readonly T[]): readonly T[] =>
  Array.isArray(value) ? (value as readonly T[]) : [value as T];

/** A resource of a policy as people read it: logical ids without their hashes, pseudo parameters without `AWS::`. */
export function readable(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[key, inner] = []] = Object.entries(value as Readonly<Record<string, unknown>>);
  const name = (id: unknown): string =>
    String(id)
      .replace(/^AWS::/, '')
      .replace(/[0-9A-F]{8}$/, '');
  if (key === 'Ref') return `<${name(inner)}>`;
  if (key === 'Fn::GetAtt') return `<${name((inner as string[])[0])}>`;
  if (key === 'Fn::Join') return (inner as [string, unknown[]])[1].map(readable).join('');
  return JSON.stringify(value);
}
