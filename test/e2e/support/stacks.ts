import { type AwsServices, startAwsServices } from '../environment/aws-services.ts';
import { openProcesses } from '../environment/processes.ts';
import { askEc2 } from './make-vpc.ts';

/** CloudFormation over AWS services on loopback, in one account and region, with what the templates expect to be there. */
export interface Stacks {
  readonly aws: AwsServices;
  /** Ids of a network that exists, by those that the templates of the tests name. */
  readonly network: Readonly<Record<string, string>>;
  create(request: StackRequest): Promise<Outcome>;
  update(request: StackRequest): Promise<Outcome>;
  delete(name: string): Promise<Outcome>;
  /** What exists in the account, see aws/inventory.py. */
  inventory(): Promise<Inventory>;
  close(): Promise<void>;
}

export interface StackRequest {
  readonly name: string;
  readonly template: object;
  readonly parameters?: Readonly<Record<string, string>>;
}

export interface StackEvent {
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId: string;
  readonly ResourceType: string;
  readonly ResourceStatus: string;
  readonly ResourceStatusReason?: string;
  readonly Timestamp: string;
}

export interface Outcome {
  readonly status: string;
  /** Of this operation alone, oldest first. */
  readonly events: readonly StackEvent[];
  readonly outputs: Readonly<Record<string, string>>;
}

/** By kind and name. */
export type Inventory = Readonly<Record<string, Readonly<Record<string, Described>>>>;
export type Described = Readonly<Record<string, unknown>>;

/** Of what the CDK's own bootstrap makes; every template asks for it. */
const BOOTSTRAP_VERSION = '/cdk-bootstrap/hnb659fds/version';

export async function openStacks(): Promise<Stacks> {
  const processes = await openProcesses();
  const aws = await startAwsServices(processes, { stacks: true });
  await putParameter(aws, BOOTSTRAP_VERSION, '30');
  const network = await makeNetwork(aws);
  const seen = new Map<string, number>();

  const ask = async (action: string, parameters: Readonly<Record<string, string>>): Promise<unknown> => {
    const { status, body } = await aws.request({
      service: 'cloudformation',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-moto-account-id': aws.accountId },
      body: new URLSearchParams({
        Action: action,
        Version: '2010-05-15',
        ContentType: 'JSON',
        ...parameters,
      }).toString(),
    });
    if (status !== 200) throw new Error(`${action}: ${status} ${body}`);
    return (JSON.parse(body) as Record<string, Record<string, unknown>>)[`${action}Response`]?.[
      `${action}Result`
    ];
  };
  const outcomeOf = async (id: string): Promise<Outcome> => {
    const { Stacks: stacks } = (await ask('DescribeStacks', { StackName: id })) as {
      Stacks: [
        { StackStatus: string; Outputs?: readonly { OutputKey: string; OutputValue: string }[] | null },
      ];
    };
    const { StackEvents } = (await ask('DescribeStackEvents', { StackName: id })) as {
      StackEvents: readonly StackEvent[];
    };
    const events = StackEvents.toReversed().slice(seen.get(id) ?? 0);
    seen.set(id, StackEvents.length);
    const [{ StackStatus, Outputs }] = stacks;
    return {
      status: StackStatus,
      events,
      outputs: Object.fromEntries(
        (Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]),
      ),
    };
  };
  const send = async (action: 'CreateStack' | 'UpdateStack', request: StackRequest): Promise<Outcome> => {
    const { StackId } = (await ask(action, parametersOf(request))) as { StackId: string };
    return outcomeOf(StackId);
  };
  return {
    aws,
    network,
    create: (request) => send('CreateStack', request),
    update: (request) => send('UpdateStack', request),
    delete: async (name) => {
      const { Stacks: stacks } = (await ask('DescribeStacks', { StackName: name })) as {
        Stacks: [{ StackId: string }];
      };
      const [{ StackId }] = stacks;
      await ask('DeleteStack', { StackName: StackId });
      return outcomeOf(StackId);
    },
    inventory: async () => {
      const response = await fetch(`${aws.url}/e2e/inventory?account=${aws.accountId}&region=${aws.region}`);
      if (!response.ok) throw new Error(`The inventory cannot be read: ${await response.text()}`);
      return (await response.json()) as Inventory;
    },
    close: () => processes.stop(),
  };
}

const parametersOf = ({
  name,
  template,
  parameters = {},
}: StackRequest): Readonly<Record<string, string>> => ({
  StackName: name,
  TemplateBody: JSON.stringify(template),
  ...Object.fromEntries(
    Object.entries(parameters).flatMap(([key, value], i) => [
      [`Parameters.member.${i + 1}.ParameterKey`, key],
      [`Parameters.member.${i + 1}.ParameterValue`, value],
    ]),
  ),
});

async function putParameter(aws: AwsServices, name: string, value: string): Promise<void> {
  const { status, body } = await aws.request({
    service: 'ssm',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AmazonSSM.PutParameter',
      'x-moto-account-id': aws.accountId,
    },
    body: JSON.stringify({ Name: name, Value: value, Type: 'String' }),
  });
  if (status !== 200) throw new Error(`PutParameter: ${status} ${body}`);
}

async function makeNetwork(aws: AwsServices): Promise<Readonly<Record<string, string>>> {
  const ec2 = askEc2(aws, aws.accountId);
  const vpc = await ec2('CreateVpc', { CidrBlock: '10.0.0.0/16' }, 'vpcId');
  const subnet = (block: string): Promise<string> =>
    ec2('CreateSubnet', { VpcId: vpc, CidrBlock: block }, 'subnetId');
  return {
    'vpc-0123456789abcdef0': vpc,
    'subnet-0123456789abcdef0': await subnet('10.0.1.0/24'),
    'subnet-0fedcba9876543210': await subnet('10.0.2.0/24'),
    'rtb-0123456789abcdef0': await ec2('CreateRouteTable', { VpcId: vpc }, 'routeTableId'),
    'sg-0123456789abcdef0': await ec2(
      'CreateSecurityGroup',
      { VpcId: vpc, GroupName: 'cluster', GroupDescription: 'cluster' },
      'groupId',
    ),
  };
}
