import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CredentialsProvider } from '../../lambda/connect/aws/client.ts';
import { openEc2 } from '../../lambda/connect/aws/ec2-query.ts';
import { awsError } from '../../lambda/connect/aws/errors.ts';
import { createRoutable, type Routable } from '../../lambda/egress/routing/routable.ts';
import { type Exit, isUnread, type VpcReading } from '../../lambda/inventory/vpc.ts';
import { readVpc } from '../../lambda/vpc/read-vpc.ts';
import { type AwsServices, startAwsServices } from './environment/aws-services.ts';
import { openProcesses, type Processes } from './environment/processes.ts';
import { type MadeVpc, makeVpc } from './support/make-vpc.ts';

let processes: Processes;
let aws: AwsServices;
let vpc: MadeVpc;
let reading: VpcReading;

beforeAll(async () => {
  processes = await openProcesses();
  aws = await startAwsServices(processes);
  vpc = await makeVpc(aws);
  reading = await read(vpc.id, [
    vpc.privateNode,
    vpc.publicNode,
    vpc.fargateNode,
    'ip-10-0-9-9.ec2.internal',
  ]);
});

afterAll(() => processes?.stop());

async function read(vpcId: string, nodes: readonly string[]): Promise<VpcReading> {
  const issued = await aws.assumeRole(`arn:aws:iam::${aws.accountId}:role/auditor`);
  const credentials = (async () => issued) as unknown as CredentialsProvider;
  const client = openEc2({ region: aws.region, endpoint: aws.url, credentials, maxAttempts: 2 });
  const explain = (action: string, error: unknown) =>
    awsError(error, { action, what: `account ${aws.accountId}`, region: aws.region, verified: true });
  try {
    return await readVpc({ ec2: client, vpcId, explain }, nodes);
  } finally {
    client.close();
  }
}

function routable(node: string): Routable {
  const machine = isUnread(reading.machines) ? reading.machines : reading.machines.get(node);
  if (machine === undefined || isUnread(machine)) throw new Error(`${node} was not read: ${machine?.unread}`);
  const ways = machine.interfaces.map((through): Exit => ({ through, traffic: 'all' }));
  return createRoutable(reading.facts)({ ways, unknown: [] });
}

describe('a VPC as EC2 describes it', () => {
  test('is read without a gap', () => {
    expect([reading.machines, reading.podInterfaces, reading.facts].filter(isUnread)).toEqual([]);
    const { natGateways, endpoints } = isUnread(reading.facts)
      ? { natGateways: {}, endpoints: {} }
      : reading.facts;
    expect([natGateways, endpoints].filter(isUnread)).toEqual([]);
  });

  test('nodes are found by their names, and one that is not there is not', () => {
    const found = isUnread(reading.machines) ? [] : [...reading.machines.keys()];
    expect(found.sort()).toEqual([vpc.privateNode, vpc.publicNode, vpc.fargateNode].sort());
  });

  test('a private node reaches the partner by HTTPS through the NAT gateway, the VPC, and what is beyond the peering is not known', () => {
    const answer = routable(vpc.privateNode);
    expect(answer).toMatchObject({
      external: expect.arrayContaining([
        expect.objectContaining({
          from: '198.51.100.0',
          to: '198.51.100.255',
          ports: [{ protocol: 'TCP', from: 443, to: 443 }],
        }),
        expect.objectContaining({ from: '10.0.0.0', to: '10.0.255.255', ports: 'all' }),
      ]),
      undecided: [
        {
          external: [{ from: '10.9.0.0', to: '10.9.255.255', ports: 'all' }],
          because: expect.stringMatching(/VPC peering connection pcx-/),
        },
      ],
    });
  });

  test('a node with a public address reaches the internet directly', () => {
    expect(routable(vpc.publicNode)).toEqual({
      external: [{ from: '0.0.0.0', to: '255.255.255.255', ports: 'all' }],
    });
  });

  test('a Fargate pod has the security groups of its own interface', () => {
    const answer = routable(vpc.fargateNode);
    expect(JSON.stringify(answer)).toContain('"from":"0.0.0.0"');
  });

  test('what does not exist is unread with its reason', async () => {
    const nothing = await read('vpc-00000000000000000', [vpc.privateNode]);
    expect(isUnread(nothing.machines) ? nothing.machines : nothing.machines.size).toEqual(0);
  });
});
