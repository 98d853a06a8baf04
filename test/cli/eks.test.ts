import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type AwsServerOptions, HUB, startAwsServer } from '../support/aws-server.ts';
import { type Authority, anAuthority } from '../support/certificates.ts';
import { startFaultyServer } from '../support/faulty-server.ts';
import { run } from './run.ts';

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'old', namespace: 'default', creationTimestamp: '2020-01-01T00:00:00Z' },
  spec: { containers: [{ name: 'main', image: 'example.com/app:1' }] },
  status: { phase: 'Running', startTime: '2020-01-01T00:00:00Z' },
};

interface Container {
  readonly name: string;
  readonly args?: readonly string[];
}

/** A running pod of a DaemonSet on node `n`, on whose network those in kube-system are. */
const ofDaemonSet = (name: string, namespace: string, containers: readonly Container[]) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: `${name}-x`,
    namespace,
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name, controller: true }],
  },
  spec: { nodeName: 'n', hostNetwork: namespace === 'kube-system', containers },
  status: {
    phase: 'Running',
    containerStatuses: containers.map((container) => ({ name: container.name, state: { running: {} } })),
  },
});

let authority: Authority;
let folder: string;
const cleanups: (() => unknown)[] = [];
const environment = { ...process.env };

beforeAll(async () => {
  authority = await anAuthority();
});

beforeEach(async () => {
  for (const name of Object.keys(process.env)) {
    if (/^(AWS_|HTTPS?_PROXY$)/i.test(name)) delete process.env[name];
  }
  folder = await mkdtemp(join(tmpdir(), 'eks-cli-'));
  Object.assign(process.env, {
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: join(folder, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
    AWS_ACCESS_KEY_ID: `AKIA${HUB}`,
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_MAX_ATTEMPTS: '1',
  });
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await rm(folder, { recursive: true });
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, environment);
});

/** What prod holds besides the pod, what nobody may read of it, and its add-on. */
interface Prod {
  readonly objects?: readonly object[];
  readonly deny?: readonly { readonly resource: string }[];
  readonly vpcCni?: Readonly<Record<string, unknown>>;
}

/** AWS with one cluster `prod` in eu-west-1 that has a pod, and whatever else is given. */
async function serve(
  options: AwsServerOptions = {},
  { objects = [], deny = [], ...addOn }: Prod = {},
): Promise<void> {
  const tls = await authority.issue({ commonName: 'kube-apiserver' });
  const api = await startFaultyServer({ objects: [pod, ...objects], deny, tls }, () => null);
  cleanups.push(api.close);
  const reachable = {
    endpoint: api.url,
    certificateAuthority: { data: Buffer.from(authority.ca).toString('base64') },
  };
  const aws = await startAwsServer({
    ...options,
    clusters: [{ name: 'prod', cluster: reachable, ...addOn }, ...(options.clusters ?? [])],
  });
  cleanups.push(aws.close);
  process.env['AWS_ENDPOINT_URL'] = aws.url;
}

async function configFile(text: string): Promise<string> {
  const file = join(folder, 'audit.config.yaml');
  await writeFile(file, text);
  return file;
}

interface Document {
  readonly clusters: readonly { readonly cluster: { readonly name: string }; readonly outcome: string }[];
  readonly findings: readonly { readonly check: string }[];
}

async function audit(...args: string[]) {
  const { code, stdout, stderr } = await run(['audit', '-o', 'json', ...args]);
  if (stdout === '') return { code, stderr, outcomes: null, checks: null };
  const { clusters, findings }: Document = JSON.parse(stdout);
  return {
    code,
    stderr,
    outcomes: Object.fromEntries(clusters.map(({ cluster, outcome }) => [cluster.name, outcome])),
    checks: new Set(findings.map(({ check }) => check)),
  };
}

describe('EKS clusters on the command line', () => {
  test('EKS clusters are audited by name', async () => {
    await serve();
    const { outcomes, checks } = await audit('--eks', 'prod', '--region', 'eu-west-1');
    expect(outcomes).toEqual({ prod: 'audited' });
    expect(checks).toContain('pod-too-old');
  });

  test('a snapshot is incomplete where EC2 refuses to describe the VPC', async () => {
    await serve({}, { objects: [{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } }] });
    const asked = ['snapshot', '--out', join(folder, 'prod.snapshot'), '--eks', 'prod'];
    const { code, stderr } = await run([...asked, '--region', 'eu-west-1']);
    expect(stderr).toMatch(
      /Not read, so checks that need it are not evaluated when the snapshot is audited: .*ec2:DescribeRouteTables/,
    );
    expect(code).toBe(3);
    expect((await run([...asked, '--region', 'eu-west-1', '--allow-incomplete'])).code).toBe(0);
  });

  test.each(['ec2:DescribeInstances', 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeNatGateways'])(
    'a snapshot is incomplete where EC2 refuses %s alone',
    async (refused) => {
      const emptyVpc = ({ action }: { readonly action: string }): boolean => action !== refused;
      await serve({ emptyVpc }, { objects: [{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } }] });
      const asked = ['snapshot', '--out', join(folder, 'prod.snapshot'), '--eks', 'prod'];
      const { code, stderr } = await run([...asked, '--region', 'eu-west-1']);
      expect(stderr).toMatch(new RegExp(`Not read, so checks .*${refused}`));
      expect(code).toBe(3);
    },
  );

  test('a snapshot is complete where EC2 answers every request', async () => {
    await serve(
      { emptyVpc: () => true },
      { objects: [{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } }] },
    );
    const asked = ['snapshot', '--out', join(folder, 'prod.snapshot'), '--eks', 'prod'];
    expect((await run([...asked, '--region', 'eu-west-1'])).code).toBe(0);
  });

  test.each(['AWS_REGION', 'AWS_DEFAULT_REGION'])(
    'EKS clusters are discovered in the region of %s',
    async (name) => {
      await serve();
      process.env[name] = 'eu-west-1';
      expect((await audit('--all-eks')).outcomes).toEqual({ prod: 'audited' });
    },
  );

  test('EKS clusters are discovered in the region of the profile', async () => {
    await serve();
    await writeFile(join(folder, 'config'), '[default]\nregion = eu-west-1\n');
    expect((await audit('--all-eks')).outcomes).toEqual({ prod: 'audited' });
  });

  test('EKS clusters that could not be listed are reported, whatever names the configuration includes', async () => {
    await serve({
      fail: ({ region }) =>
        region === 'af-south-1' ? { status: 403, code: 'UnrecognizedClientException' } : null,
      clusters: [{ name: 'prod-2', cluster: { status: 'CREATING', endpoint: undefined } }, { name: 'test' }],
    });
    const config = await configFile(`clusters: { include: ["prod*"] }
accounts: [{ id: "${HUB}", regions: [eu-west-1, af-south-1] }]
`);
    const { code, outcomes } = await audit('--all-eks', '--config', config, '--fail-on', 'never');
    expect(outcomes).toEqual({
      prod: 'audited',
      'prod-2': 'failed',
      [`(all clusters of ${HUB} in af-south-1)`]: 'failed',
    });
    expect(code).toBe(3);
  });

  test('EKS clusters can be asked about egress as well', async () => {
    await serve();
    const { stdout } = await run([
      'egress',
      'default/old',
      '-o',
      'json',
      '--eks',
      'prod',
      '--region',
      'eu-west-1',
    ]);
    expect(JSON.parse(stdout)).toMatchObject([{ cluster: 'prod', namespace: 'default', name: 'old' }]);
    const to = await run([
      'egress',
      '--to',
      '8.8.8.8:443',
      '-o',
      'json',
      '--eks',
      'prod',
      '--region',
      'eu-west-1',
    ]);
    expect(JSON.parse(to.stdout)).toMatchObject([{ cluster: 'prod', name: 'old', verdict: 'can' }]);
  });

  test.each([
    ['are older than a SecurityGroupPolicy', [], /older than SecurityGroupPolicy default\/all and run with/],
    [
      'may be older, where SecurityGroupPolicies may not be listed',
      [{ resource: 'securitygrouppolicies' }],
      /older than security groups meant for them is not known: The list of SecurityGroupPolicies may not be read/,
    ],
  ])('the report says which pods %s', async (_, deny, note) => {
    const groups = {
      apiVersion: 'vpcresources.k8s.aws/v1beta1',
      kind: 'SecurityGroupPolicy',
      metadata: { name: 'all', namespace: 'default' },
      spec: { podSelector: {}, securityGroups: { groupIds: ['sg-1'] } },
    };
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } };
    await serve({}, { objects: [node, groups, ofDaemonSet('web', 'default', [{ name: 'app' }])], deny });
    const { code, stdout } = await run('egress default/web -o json --eks prod --region eu-west-1'.split(' '));
    expect(JSON.parse(stdout)[0].notes).toContainEqual(expect.stringMatching(note));
    expect(code).toBe(0);
  });

  // The add-on writes the ConfigMap that may not be read here.
  test.each([
    ['true', undefined],
    ['false', 'not-evaluated'],
  ])('policies are enforced where the vpc-cni add-on says %s', async (enableNetworkPolicy, verdict) => {
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } };
    const policy = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'closed', namespace: 'default' },
      spec: { podSelector: {}, policyTypes: ['Egress'] },
    };
    const vpcCni = { configurationValues: JSON.stringify({ enableNetworkPolicy }) };
    const web = ofDaemonSet('web', 'default', [{ name: 'app' }]);
    const agent = ofDaemonSet('aws-node', 'kube-system', [
      { name: 'aws-node' },
      { name: 'aws-eks-nodeagent', args: ['--enable-network-policy=true'] },
    ]);
    await serve({}, { objects: [node, policy, web, agent], deny: [{ resource: 'configmaps' }], vpcCni });
    const { stdout } = await run(['audit', '-o', 'json', '--eks', 'prod', '--region', 'eu-west-1']);
    const { notEvaluated, findings } = JSON.parse(stdout);
    const about = [...notEvaluated, ...findings].filter(
      ({ check, workload }) => check === 'egress-policy-not-enforced' && workload?.name === 'web',
    );
    expect(about.map(({ status }) => status ?? 'not-evaluated')).toEqual(
      verdict === undefined ? [] : [verdict],
    );
  });

  test('an invalid role ARN, region or combination of EKS options is wrong usage', async () => {
    const wrong = async (...args: string[]) => {
      const { code, stderr } = await audit(...args);
      expect(code).toBe(2);
      return stderr;
    };
    expect(await wrong('--eks', 'prod')).toContain('No AWS region is set. Give --region');
    expect(await wrong('--eks', 'prod', '--region', 'Ireland')).toContain('--region takes a region such as');
    expect(await wrong('--eks', 'prod', '--role-arn', 'Reader')).toContain(
      '--role-arn takes the ARN of a role',
    );
    expect(await wrong('--eks', 'arn:aws:eks:eu-west-1:1:cluster/prod')).toContain('--eks takes the name');
    expect(await wrong('--region', 'eu-west-1')).toContain('add --eks NAME or --all-eks');
    expect(await wrong('--eks', 'prod', '--all-eks')).toContain('Give only one kind of source');
    expect(await wrong('--eks', 'prod', '--sample')).toContain('Give only one kind of source');
  });

  test('EKS clusters that do not exist, or that the configuration excludes, are wrong usage', async () => {
    await serve();
    const region = ['--region', 'eu-west-1'];
    expect(await audit('--eks', 'nowhere', ...region)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('There is no EKS cluster "nowhere"'),
    });
    expect(await audit('--all-eks', '--region', 'us-east-1')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(
        'There is no EKS cluster in the accounts and regions that were searched',
      ),
    });
    const config = await configFile('clusters: { includeTags: { audit: "on" } }\n');
    expect(await audit('--all-eks', ...region, '--config', config)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('The configuration excludes every cluster that was found'),
    });
  });

  test('EKS clusters cannot be audited without credentials', async () => {
    await serve();
    delete process.env['AWS_ACCESS_KEY_ID'];
    expect(await audit('--eks', 'prod', '--region', 'eu-west-1')).toMatchObject({
      code: 4,
      outcomes: { '(all clusters of this account in eu-west-1)': 'failed' },
    });
  });
});
