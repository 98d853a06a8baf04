import type { ServerResponse } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { openEc2 } from '../../lambda/connect/aws/ec2-query.ts';
import { awsError } from '../../lambda/connect/aws/errors.ts';
import { createRoutable, type Routable } from '../../lambda/egress/routing/routable.ts';
import { createPodFold } from '../../lambda/inventory/fold.ts';
import { isUnread, type VpcReading } from '../../lambda/inventory/vpc.ts';
import { VPC_ACTIONS } from '../../lambda/vpc/actions.ts';
import { readVpc } from '../../lambda/vpc/read-vpc.ts';
import { hubCredentials } from '../support/aws-server.ts';
import { aPod } from '../support/builders.ts';
import { type Ec2Server, type Ec2ServerOptions, startEc2Server } from '../support/ec2-server.ts';
import { ANSWERS, anInterface, IPV6, instance, PUBLIC } from './answers.ts';

const NODE = 'ip-10-0-1-5.eu-west-1.compute.internal';

/** The one of the last reading, whose calls remain. */
let server: Ec2Server | null = null;

async function read(
  options: Partial<Ec2ServerOptions> = {},
  nodes: readonly string[] = [NODE],
): Promise<VpcReading> {
  server = await startEc2Server({ answers: ANSWERS, ...options });
  const ec2 = openEc2({
    region: 'eu-west-1',
    endpoint: server.url,
    credentials: hubCredentials,
    maxAttempts: 3,
  });
  const explain = (action: string, error: unknown) =>
    awsError(error, { action, what: 'account 111122223333', region: 'eu-west-1', verified: true });
  try {
    return await readVpc({ ec2, vpcId: 'vpc-1', explain }, nodes);
  } finally {
    ec2.close();
    await server.close();
  }
}

/** What a pod on the node may reach. */
function routable(vpc: VpcReading, pod = aPod({ nodeName: NODE })): Routable {
  const fold = createPodFold({ labelKeys: new Set(), nodes: new Map() });
  fold.add(pod);
  const [found] = fold.finish(new Map(), { vpc }).classes;
  return createRoutable(vpc.facts)(found?.exits ?? { ways: [], unknown: [] });
}

const machineIn = ({ machines }: VpcReading, name = NODE) =>
  isUnread(machines) ? machines : machines.get(name);

describe('a VPC that may be read', () => {
  test('a VPC is read with all pages of each list', async () => {
    expect((await read()).facts).toMatchObject({
      routeTables: [
        {
          id: 'rtb-a',
          main: false,
          subnets: ['subnet-a'],
          routes: [
            { destination: { cidr: '10.0.0.0/16' }, target: 'local', active: true },
            { destination: { cidr: '0.0.0.0/0' }, target: 'NAT gateway', id: 'nat-1' },
            { destination: { cidr: '::/0' }, target: 'egress-only internet gateway', active: false },
            { destination: { prefixList: 'pl-s3' }, target: 'VPC endpoint', id: 'vpce-1' },
            { target: 'virtual private gateway', propagated: true },
            { target: 'network interface', id: 'eni-9', propagated: false },
            { target: 'other' },
          ],
        },
        {
          id: 'rtb-main',
          main: true,
          subnets: [],
          routes: [{ target: 'local' }, { target: 'internet gateway' }],
        },
      ],
      securityGroups: [
        {
          id: 'sg-node',
          egress: [
            {
              protocol: 'tcp',
              fromPort: 443,
              toPort: 443,
              cidrs: ['0.0.0.0/0', '::/0'],
              prefixLists: [],
              groups: [],
            },
            {
              protocol: '-1',
              fromPort: null,
              toPort: null,
              cidrs: [],
              prefixLists: ['pl-partner'],
              groups: ['sg-db'],
            },
          ],
        },
      ],
      natGateways: [
        { id: 'nat-1', state: 'available', public: true, subnet: 'subnet-public', routeTable: null },
      ],
      endpoints: [{ id: 'vpce-1', type: 'Gateway' }],
      prefixLists: new Map([
        ['pl-partner', ['52.218.0.0/17', '3.5.64.0/21']],
        ['pl-s3', ['52.218.0.0/17', '3.5.64.0/21']],
      ]),
    });
  });

  test('a VPC is read by signed requests to EC2 in its region', async () => {
    await read();
    const calls = server?.calls ?? [];
    expect(new Set(calls.map(({ service, region }) => `${service} ${region}`))).toEqual(
      new Set(['ec2 eu-west-1']),
    );
    for (const { action, parameters } of calls) {
      const [name, value] =
        action === 'DescribeSecurityGroups' ? ['group-id', 'sg-node'] : ['vpc-id', 'vpc-1'];
      if (action === 'GetManagedPrefixListEntries') continue;
      expect([action, parameters.get('Filter.1.Name'), parameters.get('Filter.1.Value.1')]).toEqual([
        action,
        name,
        value,
      ]);
    }
    const asked = new Set(calls.map(({ action }) => `ec2:${action}`));
    expect(asked).toEqual(new Set(Object.keys(VPC_ACTIONS)));
  });

  test('the routes of a node say where its pods may go', async () => {
    const answer = routable(await read());
    expect(answer).toMatchObject({
      external: expect.arrayContaining([
        { from: '52.218.0.0', to: '52.218.127.255', ports: 'all' },
        {
          from: '169.254.169.254',
          to: '169.254.169.254',
          ports: [
            { protocol: 'TCP', from: 80, to: 80 },
            { protocol: 'TCP', from: 443, to: 443 },
          ],
        },
      ]),
    });
    const reasons = 'undecided' in answer ? answer.undecided?.map(({ because }) => because).join('\n') : '';
    expect(reasons).toMatch(/virtual private gateway vgw-1/);
    expect(reasons).toMatch(/network interface eni-9/);
    expect(reasons).toMatch(/members of sg-db/);
  });
});

describe('nodes', () => {
  const withInstances = (...instances: readonly string[]) => ({
    answers: {
      ...ANSWERS,
      DescribeInstances: instances.map((one) => `<reservationSet>${one}</reservationSet>`),
    },
  });

  test.each([
    ['private DNS name', 'node.corp.example.com', { name: 'node.corp.example.com' }],
    ['id, as in Auto Mode', 'i-0a', {}],
    ['address', NODE, { name: '' }],
  ])('nodes are known by the %s of their instance', async (_, node, facts) => {
    const vpc = await read(withInstances(instance('i-0f', { ip: '10.0.9.9' }), instance('i-0a', facts)), [
      node,
    ]);
    expect(isUnread(vpc.machines) ? [] : [...vpc.machines.keys()]).toEqual([node]);
  });

  test('nodes have their primary interface first, their trunk interface left out, and their metadata options', async () => {
    const interfaces = [
      anInterface({ id: 'eni-3', type: 'trunk', device: 2 }),
      anInterface({ id: 'eni-2', subnet: 'subnet-b', device: 1, more: IPV6 }),
      anInterface({ more: PUBLIC }),
    ].join('');
    const vpc = await read(withInstances(instance('i-0a', { name: NODE, interfaces })));
    expect(machineIn(vpc)).toEqual({
      interfaces: [
        {
          subnet: 'subnet-a',
          securityGroups: ['sg-node'],
          ipv4: true,
          publicIpv4: true,
          publicSecondary: false,
          ipv6: false,
        },
        {
          subnet: 'subnet-b',
          securityGroups: ['sg-node'],
          ipv4: true,
          publicIpv4: false,
          publicSecondary: false,
          ipv6: true,
        },
      ],
      metadata: { enabled: true, tokens: 'required', hopLimit: 2, ipv6: false },
    });
  });

  test('node addresses include whether one that pods may have is public', async () => {
    const secondary = (more: string) =>
      `<privateIpAddressesSet><item><privateIpAddress>10.0.1.5</privateIpAddress><primary>true</primary>${PUBLIC}</item><item><privateIpAddress>10.0.1.6</privateIpAddress><primary>false</primary>${more}</item></privateIpAddressesSet>`;
    for (const [more, expected] of [
      ['', false],
      [PUBLIC, true],
    ] as const) {
      const interfaces = anInterface({ more: PUBLIC }).replace(
        /<privateIpAddressesSet>.*<\/privateIpAddressesSet>/,
        secondary(more),
      );
      const vpc = await read(withInstances(instance('i-0a', { name: NODE, interfaces })));
      expect(machineIn(vpc)).toMatchObject({ interfaces: [{ publicIpv4: true, publicSecondary: expected }] });
    }
  });

  test('Fargate nodes are found by the address in their name, 200 per request', async () => {
    const names = Array.from(
      { length: 450 },
      (_, i) => `fargate-ip-10-0-${i >> 8}-${i & 255}.eu-west-1.compute.internal`,
    );
    const answers = {
      ...ANSWERS,
      DescribeNetworkInterfaces: `<networkInterfaceSet>${anInterface({ ip: '10.0.1.5' })}</networkInterfaceSet>`,
    };
    const vpc = await read({ answers }, names);
    expect(machineIn(vpc, 'fargate-ip-10-0-1-5.eu-west-1.compute.internal')).toMatchObject({
      interfaces: [{ subnet: 'subnet-a' }],
      metadata: null,
    });
    const asked =
      server?.calls.filter(({ parameters }) => parameters.get('Filter.2.Name') === 'private-ip-address') ??
      [];
    expect(
      asked.map(
        ({ parameters }) => [...parameters.keys()].filter((key) => key.startsWith('Filter.2.Value')).length,
      ),
    ).toEqual([200, 200, 50]);
  });
});

describe('an action that is not allowed', () => {
  /** What remains known of the pod's reach. */
  const EFFECTS: Readonly<
    Record<keyof typeof VPC_ACTIONS, 'nothing' | 'a part' | 'all but pods with their own interface'>
  > = {
    'ec2:DescribeInstances': 'nothing',
    'ec2:DescribeRouteTables': 'nothing',
    'ec2:DescribeSecurityGroups': 'nothing',
    'ec2:GetManagedPrefixListEntries': 'a part',
    'ec2:DescribeNatGateways': 'a part',
    'ec2:DescribeVpcEndpoints': 'a part',
    'ec2:DescribeNetworkInterfaces': 'all but pods with their own interface',
  };

  test.each(Object.entries(EFFECTS))(
    '%s: what depends on the denied action is unknown, with the action by name',
    async (action, left) => {
      const vpc = await read({
        fail: (call) =>
          `ec2:${call.action}` === action
            ? { status: 403, code: 'UnauthorizedOperation', message: 'You are not authorized.' }
            : null,
      });
      const pod = aPod({ nodeName: NODE, ...(left.startsWith('all') ? { networkInterface: 'eni-7' } : {}) });
      const answer = routable(vpc, pod);
      const reasons =
        'unknown' in answer
          ? answer.unknown
          : (answer.undecided ?? []).map(({ because }) => because).join(' ');
      expect(reasons).toContain(`AWS denies ${action} for account 111122223333 in eu-west-1`);
      expect(reasons).toContain('Allow it in the IAM policy of this role.');
      if (left === 'nothing') expect(answer).toHaveProperty('unknown');
      expect(server?.calls.filter((call) => `ec2:${call.action}` === action && call.before > 1)).toEqual([]);
      if (left.startsWith('all')) expect(routable(vpc)).toEqual(routable(await read()));
    },
  );
});

describe('a fault of EC2', () => {
  test.each([
    ['throttling', { status: 503, code: 'RequestLimitExceeded' }],
    ['an error of the service', { status: 500, code: 'InternalError' }],
    [
      'a body that is cut off',
      (response: ServerResponse) =>
        response.writeHead(200).end('<DescribeRouteTablesResponse><routeTableSet><item>'),
    ],
    ['a connection that is reset', (response: ServerResponse) => response.destroy()],
  ])('a single fault of EC2 changes nothing: %s', async (_, failure) => {
    const undisturbed = await read();
    const vpc = await read({
      fail: ({ action, before }) => (action === 'DescribeRouteTables' && before === 0 ? failure : null),
    });
    expect(vpc).toEqual(undisturbed);
  });

  test('a permanent fault of EC2 leaves the VPC unread, with the attempts named', async () => {
    const vpc = await read({
      fail: ({ action }) =>
        action === 'DescribeRouteTables' ? { status: 503, code: 'RequestLimitExceeded' } : null,
    });
    expect(vpc.facts).toEqual({ unread: expect.stringMatching(/AWS throttled ec2:DescribeRouteTables/) });
    expect(server?.calls.filter(({ action }) => action === 'DescribeRouteTables')).toHaveLength(3);
  });

  test('an EC2 response without its list is not an empty list', async () => {
    const vpc = await read({ answers: { ...ANSWERS, DescribeRouteTables: '' } });
    expect(vpc.facts).toEqual({ unread: expect.stringMatching(/no routeTableSet/) });
  });

  test('a network interface without its security groups is not one without egress rules', async () => {
    const without = JSON.parse(
      JSON.stringify(ANSWERS.DescribeInstances).replaceAll(/<groupSet>.*?<\/groupSet>/g, ''),
    ) as typeof ANSWERS.DescribeInstances;
    const vpc = await read({ answers: { ...ANSWERS, DescribeInstances: without } });
    expect(vpc.machines).toEqual({ unread: expect.stringMatching(/no groupSet/) });
  });

  test('pages that lead back to an earlier page are not followed again', async () => {
    const again = (response: ServerResponse) =>
      void response
        .writeHead(200)
        .end(
          '<DescribeRouteTablesResponse><routeTableSet/><nextToken>t</nextToken></DescribeRouteTablesResponse>',
        );
    const vpc = await read({ fail: ({ action }) => (action === 'DescribeRouteTables' ? again : null) });
    expect(vpc.facts).toEqual({ unread: expect.stringMatching(/does not end/) });
    expect(server?.calls.filter(({ action }) => action === 'DescribeRouteTables')).toHaveLength(2);
  });

  test('a response that is not of EC2 is an error', async () => {
    const html = (response: ServerResponse) =>
      void response.writeHead(200).end('<html><body>Sign in</body></html>');
    const vpc = await read({ fail: () => html });
    expect([vpc.machines, vpc.podInterfaces, vpc.facts].map(isUnread)).toEqual([true, true, true]);
  });
});
