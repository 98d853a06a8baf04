import { nameOf, type Place, resolver, type Template } from './resolve-template.ts';

export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

export interface PolicyDocument {
  readonly Version: string;
  readonly Statement: readonly PolicyStatement[];
}

export interface DeployedRole {
  /** Logical id without its hash. */
  readonly name: string;
  readonly arn: string;
  readonly policies: readonly PolicyDocument[];
  readonly trust: PolicyDocument;
}

/** What a stack has deployed, as IAM sees it. */
export interface DeployedPolicies {
  readonly roles: readonly DeployedRole[];
  /** Policies of buckets, topics and keys, by the ARN of these. */
  readonly resources: ReadonlyMap<string, PolicyDocument>;
  /** Variables of functions, by logical ids without their hashes. */
  readonly environments: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

/** Policies of VPC endpoints, by the prefix of the actions of their service. */
export function endpointPolicies(template: Template, place: Place): ReadonlyMap<string, PolicyDocument> {
  const { resolve } = resolver(template, place);
  return new Map(
    Object.values(template.Resources).flatMap(({ Type, Properties = {} }) => {
      if (Type !== 'AWS::EC2::VPCEndpoint') return [];
      const policy = resolve(Properties['PolicyDocument']) as PolicyDocument;
      const [action = ''] = [policy.Statement[0]?.Action ?? ''].flat();
      return [[action.split(':')[0] ?? '', policy] as const];
    }),
  );
}

export function deployedPolicies(template: Template, place: Place): DeployedPolicies {
  const { resolve, arnOf } = resolver(template, place);
  const all = Object.entries(template.Resources).map(([id, { Type, Properties = {} }]) => ({
    id,
    Type,
    Properties,
  }));
  const of = (...types: readonly string[]) => all.filter(({ Type }) => types.includes(Type));
  const document = (value: unknown): PolicyDocument => resolve(value) as PolicyDocument;
  const isOf =
    (role: string) =>
    ({ Properties }: { readonly Properties: Readonly<Record<string, unknown>> }) =>
      (Properties['Roles'] as readonly { readonly Ref: string }[]).some(({ Ref }) => Ref === role);
  const attached = of('AWS::S3::BucketPolicy', 'AWS::SNS::TopicPolicy').flatMap(({ Properties }) => {
    const targets = [Properties['Bucket'] ?? Properties['Topics']].flat() as readonly {
      readonly Ref: string;
    }[];
    return targets.map(({ Ref }) => [arnOf(Ref), document(Properties['PolicyDocument'])] as const);
  });
  const keys = of('AWS::KMS::Key').map(
    ({ id, Properties }) => [arnOf(id), document(Properties['KeyPolicy'])] as const,
  );
  return {
    roles: of('AWS::IAM::Role').map(({ id, Properties }) => ({
      name: nameOf(id),
      arn: arnOf(id),
      trust: document(Properties['AssumeRolePolicyDocument']),
      policies: of('AWS::IAM::Policy')
        .filter(isOf(id))
        .map((policy) => document(policy.Properties['PolicyDocument'])),
    })),
    resources: new Map([...attached, ...keys]),
    environments: new Map(
      of('AWS::Lambda::Function').map(({ id, Properties }) => [
        nameOf(id),
        (resolve(Properties['Environment']) as { readonly Variables: Readonly<Record<string, string>> })
          .Variables,
      ]),
    ),
  };
}
