import { describe, expect, test } from '@jest/globals';
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { type IVpc, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { VPC_ACTIONS } from '../../lambda/vpc/actions.ts';
import { endpointPolicy } from '../../lib/iam/endpoint-policy.ts';
import { AuditorStack, type AuditorVpc, EksDriftAuditor } from '../../lib/index.ts';
import {
  EVERYTHING,
  FLEET,
  hub,
  listOf,
  MEASURING,
  ORGANIZATION,
  readable,
  resourcesOf,
  type Statement,
  settingsOf,
  statementsOf,
  withEndpoints,
} from './deployed.ts';

const PLAIN = `deployment:
  vpc:
    id: vpc-0123456789abcdef0
    subnets: [subnet-0123456789abcdef0, subnet-0fedcba9876543210]
    clusterSecurityGroups: [sg-0123456789abcdef0]
`;
const fleet = (yaml: string): string => `${yaml}  mode: fleet\n`;

const CODE = Code.fromInline('exports.handler = async () => {};');

interface Endpoint {
  readonly ServiceName: unknown;
  readonly VpcEndpointType: string;
  readonly PrivateDnsEnabled?: boolean;
  readonly SubnetIds?: readonly string[];
  readonly SecurityGroupIds?: readonly unknown[];
  readonly RouteTableIds?: readonly string[];
  readonly PolicyDocument: {
    readonly Statement: readonly (Statement & { readonly Sid: string; readonly Principal: unknown })[];
  };
}

const endpointsOf = (template: Template): ReadonlyMap<string, Endpoint> =>
  new Map(
    Object.entries(resourcesOf(template)).flatMap(([id, { Type, Properties }]) =>
      Type === 'AWS::EC2::VPCEndpoint'
        ? [
            [
              id.replace(/^AuditorRunEndpoints(?<name>.*)[0-9A-F]{8}$/, '$<name>'),
              Properties as unknown as Endpoint,
            ] as const,
          ]
        : [],
    ),
  );

const namesOf = (yaml: string): readonly string[] => [...endpointsOf(hub(withEndpoints(yaml))).keys()].sort();

const synthesised = (yaml: string, region: string): Template =>
  Template.fromStack(
    new AuditorStack(new App(), 'Hub', {
      settings: settingsOf(yaml),
      code: CODE,
      env: { account: '111122223333', region },
    }),
  );

test('without deployment.vpc.endpoints none is made', () => {
  expect(endpointsOf(hub(EVERYTHING)).size).toBe(0);
  expect(endpointsOf(hub(FLEET)).size).toBe(0);
});

test.each([
  ['one function', PLAIN, ['EC2', 'ECRAPI', 'EKS', 'Inspector', 'KMS', 'S3', 'SNS', 'STS']],
  ['a fleet', fleet(PLAIN), ['EC2', 'ECRAPI', 'Inspector', 'S3', 'STS']],
  [
    'one function with everything',
    EVERYTHING,
    ['EC2', 'ECRAPI', 'EKS', 'EventBridge', 'Inspector', 'KMS', 'S3', 'SNS', 'STS', 'SecurityHub'],
  ],
  ['a fleet with everything', FLEET, ['EC2', 'ECRAPI', 'Inspector', 'S3', 'STS']],
])('%s gets the endpoints that it asks', (_, yaml, names) => {
  expect(namesOf(yaml)).toEqual(names);
});

test('without route tables S3 is left to the gateway that they have', () => {
  const yaml = PLAIN.replace('clusterSecurityGroups:', 'endpoints: create\n    clusterSecurityGroups:');
  expect([...endpointsOf(hub(yaml)).keys()]).not.toContain('S3');
});

describe.each([
  ['one function', EVERYTHING, 'AuditorRunAudit'],
  ['a fleet', FLEET, 'AuditorRunAuditCluster'],
])('the endpoints of %s', (_, yaml, audit) => {
  const template = hub(withEndpoints(yaml));
  const endpoints = endpointsOf(template);
  const interfaces = [...endpoints].filter(([, { VpcEndpointType }]) => VpcEndpointType === 'Interface');

  test('are of no one else: they have no private DNS, and only the function gets in', () => {
    expect(interfaces.length).toBeGreaterThan(3);
    for (const [, { PrivateDnsEnabled, SubnetIds, SecurityGroupIds }] of interfaces) {
      expect(PrivateDnsEnabled).toBe(false);
      expect(SubnetIds).toEqual(['subnet-0123456789abcdef0', 'subnet-0fedcba9876543210']);
      expect(SecurityGroupIds?.map(readableGroup)).toEqual(['AuditorRunEndpointsSecurityGroup']);
    }
    const into = Object.values(resourcesOf(template)).flatMap(({ Type, Properties }) =>
      Type === 'AWS::EC2::SecurityGroupIngress' &&
      readableGroup(Properties['GroupId']) === 'AuditorRunEndpointsSecurityGroup'
        ? [Properties]
        : [],
    );
    expect(into).toEqual([expect.objectContaining({ IpProtocol: 'tcp', FromPort: 443, ToPort: 443 })]);
    expect(readableGroup(into[0]?.['SourceSecurityGroupId'])).toBe('AuditorNetworkSecurityGroup');
  });

  test('are told to the function in the VPC, and to no other', () => {
    const told = Object.entries(resourcesOf(template)).flatMap(([id, { Type, Properties }]) => {
      if (Type !== 'AWS::Lambda::Function') return [];
      const { Variables } = Properties['Environment'] as { Variables: Record<string, unknown> };
      return Variables['VPC_ENDPOINTS'] === undefined
        ? []
        : [[id, JSON.stringify(Variables['VPC_ENDPOINTS'])] as const];
    });
    expect(told.map(([id]) => id.replace(/Function[0-9A-F]{8}$/, ''))).toEqual([audit]);
    const [, text = ''] = told[0] ?? [];
    expect([...text.matchAll(/([a-z0-9]+)=https:\/\//g)].map(([, name]) => name)).toHaveLength(
      interfaces.length,
    );
  });

  test('let pass what the role of the function may do, and nothing else', () => {
    const [role = ''] = Object.keys(resourcesOf(template)).filter((id) =>
      /^AuditorReader[0-9A-F]{8}$/.test(id),
    );
    const granted = statementsOf(template, role).flatMap(({ Effect, Action, Resource, Condition }) =>
      Effect === 'Allow' && !JSON.stringify(Condition ?? '').includes('kms:ViaService')
        ? listOf(Action).flatMap((action) => listOf(Resource).map((one) => `${action} ${readable(one)}`))
        : [],
    );
    const passed = [...endpoints.values()].flatMap(({ PolicyDocument }) =>
      PolicyDocument.Statement.filter(
        ({ Sid }) => !['InOtherAccounts', 'Identify', 'OthersAsBefore'].includes(Sid),
      ).flatMap(({ Action, Resource }) =>
        listOf(Action).flatMap((action) => listOf(Resource).map((one) => `${action} ${readable(one)}`)),
      ),
    );
    expect(passed.filter((one) => !granted.includes(one))).toEqual([]);
    // Logs, traces, the queue and the network interface are the affair of Lambda.
    const byLambda = /^(logs|xray|sqs):|^ec2:(Create|Delete|Assign|Unassign|DescribeSubnets)/;
    expect(granted.filter((one) => !passed.includes(one) && !byLambda.test(one))).toEqual([]);
  });

  test('say in each statement by which roles', () => {
    for (const { PolicyDocument } of endpoints.values()) {
      for (const { Principal, Condition } of PolicyDocument.Statement) {
        expect(Principal).toBe('*');
        expect(Object.values(Condition as object).flatMap(Object.keys)).toEqual(['aws:PrincipalArn']);
      }
    }
  });

  test('leave everything else of the subnets the way to S3 that it had', () => {
    const gateway = endpoints.get('S3');
    expect(gateway?.RouteTableIds).toEqual(['rtb-0123456789abcdef0']);
    expect(gateway?.PolicyDocument.Statement.find(({ Sid }) => Sid === 'OthersAsBefore')).toMatchObject({
      Action: ['*'],
      Resource: ['*'],
      Condition: { ArnNotLike: { 'aws:PrincipalArn': [expect.anything()] } },
    });
  });

  test('come and go without a change of anything but the variables of the function', () => {
    const [off, on] = [resourcesOf(hub(yaml)), resourcesOf(template)];
    const changed = Object.keys(off).filter((id) => JSON.stringify(off[id]) !== JSON.stringify(on[id]));
    expect(changed.map((id) => id.replace(/Function[0-9A-F]{8}$/, ''))).toEqual([audit]);
    const added = Object.entries(on).flatMap(([id, { Type }]) => (off[id] === undefined ? [Type] : []));
    expect([...new Set(added)].sort()).toEqual([
      'AWS::EC2::SecurityGroup',
      'AWS::EC2::SecurityGroupIngress',
      'AWS::EC2::VPCEndpoint',
    ]);
  });
});

const readableGroup = (value: unknown): string =>
  String((value as { 'Fn::GetAtt'?: readonly string[] })['Fn::GetAtt']?.[0]).replace(/[0-9A-F]{8}$/, '');

test('the endpoint of Organizations is made where it is, and nowhere else', () => {
  const yaml = withEndpoints(`${ORGANIZATION}${PLAIN}`);
  expect(endpointsOf(synthesised(yaml, 'us-east-1')).has('Organizations')).toBe(true);
  expect(endpointsOf(synthesised(yaml, 'eu-west-1')).has('Organizations')).toBe(false);
  expect(endpointsOf(hub(yaml)).has('Organizations')).toBe(false);
});

test('in China the names of some services begin with cn., also where the region is not known at synth', () => {
  const yaml = withEndpoints(PLAIN);
  const inChina = endpointsOf(synthesised(yaml, 'cn-north-1'));
  expect(inChina.get('EKS')?.ServiceName).toBe('cn.com.amazonaws.cn-north-1.eks');
  expect(inChina.get('SNS')?.ServiceName).toBe('com.amazonaws.cn-north-1.sns');
  const anywhere = endpointsOf(hub(yaml));
  expect(JSON.stringify(anywhere.get('EKS')?.ServiceName)).toMatch(
    /Fn::If.*"cn\.com\.amazonaws\.".*"com\.amazonaws\."/,
  );
  expect(JSON.stringify(anywhere.get('SNS')?.ServiceName)).not.toContain('Fn::If');
});

test('every action that reading a VPC calls passes, also that which Lambda is granted', () => {
  const { PolicyDocument } = endpointsOf(hub(withEndpoints(EVERYTHING))).get('EC2') ?? {};
  const of = (sids: readonly string[]) =>
    PolicyDocument?.Statement.filter(({ Sid }) => sids.includes(Sid))
      .flatMap(({ Action }) => listOf(Action))
      .sort();
  expect(of(['DescribeNetwork', 'DescribeInterfaces', 'ReadPrefixLists'])).toEqual(
    Object.keys(VPC_ACTIONS).sort(),
  );
  expect(of(['InOtherAccounts'])).toEqual(Object.keys(VPC_ACTIONS).sort());
});

test('the role for kubelets passes only to say who it is', () => {
  const by = [...endpointsOf(hub(withEndpoints(MEASURING)))].flatMap(([name, { PolicyDocument }]) =>
    PolicyDocument.Statement.flatMap(({ Sid, Condition }) =>
      JSON.stringify(Condition).includes('Measure"') ? [`${name} ${Sid}`] : [],
    ),
  );
  expect(by).toEqual(['STS Identify']);
});

describe('a VPC of the app', () => {
  const inVpc = (more: Pick<AuditorVpc, 'endpoints' | 'routeTables'>): Template => {
    const stack = new Stack(new App(), 'Mine');
    const vpc = new Vpc(stack, 'Vpc', {
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [{ name: 'isolated', subnetType: SubnetType.PRIVATE_ISOLATED }],
    });
    new EksDriftAuditor(stack, 'Auditor', {
      settings: settingsOf(''),
      code: CODE,
      vpc: { vpc: vpc as IVpc, ...more },
    });
    return Template.fromStack(stack);
  };

  test('without NAT gets endpoints in its isolated subnets, with nothing but endpoints: create', () => {
    const template = inVpc({ endpoints: 'create' });
    template.resourceCountIs('AWS::EC2::VPCEndpoint', 7);
    template.allResourcesProperties('AWS::EC2::VPCEndpoint', {
      SubnetIds: [Match.anyValue(), Match.anyValue()],
    });
  });

  test('with route tables that nothing would use is refused', () => {
    expect(() => inVpc({ routeTables: ['rtb-0123456789abcdef0'] })).toThrow(
      /vpc\.routeTables get a gateway endpoint only with endpoints: 'create'/,
    );
  });
});

test('a policy of many accounts is not longer than an endpoint takes', () => {
  const arns = Array.from(
    { length: 600 },
    (_, i) => `arn:aws:iam::${100_000_000_000 + i}:role/EksDriftAuditorMember`,
  );
  const grants = [
    {
      sid: 'AssumeMemberRoles',
      reason: 'It is.',
      actions: ['sts:AssumeRole', 'sts:TagSession'],
      resources: arns,
    },
  ];
  const users = {
    roleArn: 'arn:aws:iam::111122223333:role/EksDriftAuditor',
    members: ['EksDriftAuditorMember'],
    measurers: [],
  };
  const { document } = endpointPolicy('sts', grants, users);
  expect(JSON.stringify(document).length).toBeLessThan(20_480);
  expect(JSON.stringify(document)).toContain('arn:aws:iam::*:role/EksDriftAuditorMember');
});
