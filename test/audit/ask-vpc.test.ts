import { describe, expect, test } from '@jest/globals';
import { askVpc } from '../../lambda/audit/ask-vpc.ts';
import { openAwsAccess } from '../../lambda/connect/aws/access.ts';
import type { ClusterTarget } from '../../lambda/discover/target.ts';
import { ReadError } from '../../lambda/errors.ts';
import { isUnread, type VpcReading } from '../../lambda/inventory/vpc.ts';
import { type AwsFailure, HUB, hubCredentials, startAwsServer } from '../support/aws-server.ts';

const NODE = 'ip-10-0-1-5.eu-west-1.compute.internal';

const target = (facts: Partial<ClusterTarget> = {}): ClusterTarget => ({
  identity: {
    name: 'prod',
    arn: `arn:aws:eks:eu-west-1:${HUB}:cluster/prod`,
    accountId: HUB,
    region: 'eu-west-1',
  },
  endpoint: 'https://127.0.0.1:1',
  certificateAuthority: 'LS0t',
  role: null,
  authenticationMode: 'API',
  access: { public: true, private: false, publicCidrs: [] },
  vpcId: 'vpc-1',
  facts: {
    version: null,
    platformVersion: null,
    createdAt: null,
    ipFamily: 'ipv4',
    autoMode: null,
    vpcCni: null,
    fargateProfiles: null,
    unread: [],
  },
  ...facts,
});

interface Asked {
  readonly reading: VpcReading;
  readonly calls: readonly string[];
}

async function ask({
  cluster = target(),
  routing = 'read' as 'read' | 'off',
  signal = undefined as AbortSignal | undefined,
  fail = (_: string): AwsFailure | null => null,
} = {}): Promise<Asked> {
  const server = await startAwsServer({ fail: ({ action }) => fail(action) });
  const settings = { region: 'eu-west-1', endpoint: server.url, credentials: hubCredentials, maxAttempts: 1 };
  const access = openAwsAccess(settings);
  try {
    const reading = await askVpc(cluster, access, { routing, signal, nodes: [NODE] });
    return { reading, calls: server.calls.map(({ action }) => action) };
  } finally {
    access.close();
    await server.close();
  }
}

const reasons = ({ machines, podInterfaces, facts }: VpcReading): readonly string[] =>
  [machines, podInterfaces, facts].map((part) => (isUnread(part) ? part.unread : 'read'));

describe('an unknown answer about a VPC', () => {
  test('EC2 is not asked where the configuration has egress.routing: off', async () => {
    const { reading, calls } = await ask({ routing: 'off' });
    expect(new Set(reasons(reading))).toEqual(new Set([expect.stringMatching(/egress.routing: off/)]));
    expect(calls).toEqual([]);
  });

  test('a cluster whose VPC EKS does not return is unknown, and the reason names describe-cluster', async () => {
    const { reading, calls } = await ask({ cluster: target({ vpcId: null }) });
    expect(reasons(reading)[2]).toMatch(
      /EKS returned no VPC.*describe-cluster --region eu-west-1 --name prod/,
    );
    expect(calls).toEqual([]);
  });

  test('without accepted credentials the routes of the VPC are unknown', async () => {
    const { reading } = await ask({
      fail: (action) => (action === 'sts:GetCallerIdentity' ? { status: 403, code: 'ExpiredToken' } : null),
    });
    expect(reasons(reading)[2]).toMatch(
      /^What the VPC routes is not known: AWS did not accept the credentials/,
    );
  });

  test('where EC2 denies the requests each reason names the action that must be allowed', async () => {
    const { reading } = await ask();
    expect(reasons(reading)).toEqual([
      expect.stringMatching(/AWS denies ec2:DescribeInstances for account 111122223333 in eu-west-1/),
      expect.stringMatching(/AWS denies ec2:DescribeNetworkInterfaces/),
      expect.stringMatching(/AWS denies ec2:DescribeRouteTables.*Allow it in the IAM policy/),
    ]);
  });

  test('when no time is left the routes of the VPC are unknown', async () => {
    const late = new ReadError('out-of-time', 'The run had no time left.', 'Give it more.');
    const { reading } = await ask({ signal: AbortSignal.abort(late) });
    expect(reasons(reading)[0]).toBe(
      'What the VPC routes is not known: The run had no time left. Give it more.',
    );
  });
});
