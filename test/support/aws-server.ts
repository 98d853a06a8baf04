import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CredentialsProvider } from '../../lambda/connect/aws/client.ts';
import { onLoopback } from './on-loopback.ts';

/** A call to AWS as it arrived. */
export interface AwsCallSeen {
  /** Such as `eks:ListClusters`. */
  readonly action: string;
  readonly region: string;
  /** Of the credentials that signed it. */
  readonly accountId: string;
  /** The cluster, where the call names one. */
  readonly cluster: string | null;
  /** Query and form together. */
  readonly parameters: URLSearchParams;
  /** A body in JSON. */
  readonly question: Readonly<Record<string, unknown>>;
  readonly userAgent: string;
}

export interface AwsFailure {
  readonly status: number;
  readonly code: string;
  readonly message?: string;
}

/** A cluster as `DescribeCluster` gives it; what is left out is that of an ordinary one. */
export interface AwsCluster {
  readonly name: string;
  readonly accountId?: string;
  readonly region?: string;
  /** Over the ordinary answer; a field that is `undefined` is left out. */
  readonly cluster?: Readonly<Record<string, unknown>>;
  /** The add-on `vpc-cni`. */
  readonly vpcCni?: Readonly<Record<string, unknown>>;
  /** By name. */
  readonly fargateProfiles?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** What an organizational unit directly holds. */
export interface AwsUnit {
  readonly accounts?: readonly {
    readonly Id: string;
    readonly Name?: string;
    readonly State?: string;
    readonly Status?: string;
  }[];
  readonly units?: readonly string[];
}

export interface AwsServerOptions {
  /** By the id of the unit or root; others do not exist. */
  readonly organization?: Readonly<Record<string, AwsUnit>>;
  readonly clusters?: readonly AwsCluster[];
  /** Clusters a page. @defaultValue what is asked for */
  readonly pageSize?: number;
  /** Refuses a call in the place of an answer. */
  readonly fail?: (call: AwsCallSeen) => AwsFailure | null;
  /** EC2 answers with nothing, and does not refuse. @defaultValue it refuses all */
  readonly emptyVpc?: (call: AwsCallSeen) => boolean;
  /** Gives no answer at all. */
  readonly silent?: (call: AwsCallSeen) => boolean;
  /** How much later than others an answer comes. @defaultValue not at all */
  readonly delayMs?: (call: AwsCallSeen) => number;
  /** The body of an answer of EKS in the place of the right one. */
  readonly replace?: (call: AwsCallSeen) => unknown;
  /** The account that `GetCallerIdentity` tells for a role, in the place of the role's own. */
  readonly pretend?: (roleArn: string) => string;
  /** Milliseconds that an assumed role's credentials live. @defaultValue an hour */
  readonly sessionMs?: number;
}

export interface AwsServer {
  readonly url: string;
  readonly calls: readonly AwsCallSeen[];
  /** How often an action was called. */
  count(action: string): number;
  close(): Promise<void>;
}

export const HUB = '111122223333';
export const OTHER = '444455556666';

/** Long-lived credentials of the hub account; the access key tells the server whose they are. */
export const hubCredentials = (async () => ({
  accessKeyId: `AKIA${HUB}`,
  secretAccessKey: 'secret',
})) as unknown as CredentialsProvider;

/** STS and EKS in their own protocols on loopback, so that the SDK is tested and not replaced. */
export async function startAwsServer(options: AwsServerOptions = {}): Promise<AwsServer> {
  const calls: AwsCallSeen[] = [];
  const sessions = new Map<string, string>();
  const server = createServer((request, response) => {
    void answer(request, response, { options, calls, sessions });
  });
  const { url, close } = await onLoopback(server);
  return {
    url,
    calls,
    count: (action) => calls.filter((call) => call.action === action).length,
    close,
  };
}

interface World {
  readonly options: AwsServerOptions;
  readonly calls: AwsCallSeen[];
  /** Role ARN by the access key of its session. */
  readonly sessions: Map<string, string>;
}

async function answer(request: IncomingMessage, response: ServerResponse, world: World): Promise<void> {
  const { call, caller, service } = await readCall(request, world);
  world.calls.push(call);
  if (world.options.silent?.(call)) return;
  await sleep(world.options.delayMs?.(call) ?? 0);
  const failure = world.options.fail?.(call);
  if (service === 'organizations') {
    const { status, body } = failure
      ? { status: failure.status, body: { __type: failure.code, message: failure.message ?? 'as planned' } }
      : answerOrganizations(call, world.options);
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
    return;
  }
  if (service === 'ec2') {
    const empty = !failure && world.options.emptyVpc?.(call) === true;
    const { status, body } = empty
      ? { status: 200, body: emptyAnswer(call.action.slice('ec2:'.length)) }
      : stsFailure(failure ?? { status: 403, code: 'UnauthorizedOperation' });
    response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
    return;
  }
  if (service === 'sts') {
    const { status, body } = failure ? stsFailure(failure) : answerSts(call, caller, world);
    response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
    return;
  }
  const { status, body, code } = failure
    ? { status: failure.status, code: failure.code, body: { message: failure.message ?? 'as planned' } }
    : answerEks(call, request.url ?? '', world.options);
  const type = code === undefined ? {} : { 'x-amzn-errortype': code };
  response.writeHead(status, { 'content-type': 'application/json', ...type }).end(JSON.stringify(body));
}

/** https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccountsForParent.html */
function answerOrganizations(
  { action, question }: AwsCallSeen,
  { organization = {}, pageSize }: AwsServerOptions,
) {
  const unit = organization[String(question['ParentId'])];
  if (unit === undefined) {
    return {
      status: 400,
      body: { __type: 'ParentNotFoundException', message: 'You specified a parent that does not exist.' },
    };
  }
  const from = Number(question['NextToken'] ?? 0);
  const size = pageSize ?? Number(question['MaxResults'] ?? 20);
  const { accounts = [], units = [] } = unit;
  const isAccounts = action === 'organizations:ListAccountsForParent';
  const all: readonly unknown[] = isAccounts
    ? accounts
    : units.map((Id) => ({ Id, Type: 'ORGANIZATIONAL_UNIT' }));
  const more = from + size < all.length ? { NextToken: String(from + size) } : {};
  const page = all.slice(from, from + size);
  return { status: 200, body: isAccounts ? { Accounts: page, ...more } : { Children: page, ...more } };
}

/** Each set by its name: EC2 never leaves it out. */
const EC2_SETS: Readonly<Record<string, string>> = {
  DescribeInstances: 'reservationSet',
  DescribeNetworkInterfaces: 'networkInterfaceSet',
  DescribeRouteTables: 'routeTableSet',
  DescribeSecurityGroups: 'securityGroupInfo',
  DescribeNatGateways: 'natGatewaySet',
  DescribeVpcEndpoints: 'vpcEndpointSet',
  DescribeManagedPrefixLists: 'prefixListSet',
};

const emptyAnswer = (action: string): string =>
  `<${action}Response><${EC2_SETS[action]}/></${action}Response>`;

async function readCall(request: IncomingMessage, { sessions }: World) {
  const [, accessKey = '', region = '', service = ''] =
    /Credential=([^/]+)\/\d+\/([^/]+)\/([^/]+)\//.exec(request.headers.authorization ?? '') ?? [];
  const url = new URL(request.url ?? '/', 'http://aws');
  let body = '';
  for await (const part of request) body += part;
  const parameters = new URLSearchParams([...url.searchParams, ...new URLSearchParams(body)]);
  const roleArn = sessions.get(accessKey);
  const accountId = roleArn === undefined ? accessKey.slice(4) : (roleArn.split(':')[4] ?? '');
  const [, , cluster, sub, item] = url.pathname.split('/');
  const target = String(request.headers['x-amz-target'] ?? '')
    .split('.')
    .at(-1);
  const action = service === 'eks' ? eksAction({ cluster, sub, item }) : target || parameters.get('Action');
  return {
    service,
    caller: roleArn ?? `arn:aws:iam::${accountId}:user/auditor`,
    call: {
      action: `${service}:${action}`,
      region,
      accountId,
      cluster: cluster ?? null,
      parameters,
      question: service === 'organizations' ? (JSON.parse(body) as Readonly<Record<string, unknown>>) : {},
      userAgent: String(request.headers['user-agent']),
    },
  };
}

function eksAction({
  cluster,
  sub,
  item,
}: Readonly<Record<'cluster' | 'sub' | 'item', string | undefined>>): string {
  if (cluster === undefined) return 'ListClusters';
  if (sub === undefined) return 'DescribeCluster';
  if (sub === 'addons') return 'DescribeAddon';
  return item === undefined ? 'ListFargateProfiles' : 'DescribeFargateProfile';
}

function answerSts(call: AwsCallSeen, caller: string, { options, sessions }: World) {
  if (call.action === 'sts:AssumeRole') {
    const roleArn = call.parameters.get('RoleArn') ?? '';
    const accessKey = `ASIA${sessions.size + 1}`;
    sessions.set(accessKey, roleArn);
    const expiration = new Date(Date.now() + (options.sessionMs ?? 3_600_000)).toISOString();
    return stsResult(
      'AssumeRole',
      `<Credentials><AccessKeyId>${accessKey}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>session</SessionToken><Expiration>${expiration}</Expiration></Credentials>`,
    );
  }
  const [, , , , account = '', resource = ''] = caller.split(':');
  const told = resource.startsWith('role/') ? (options.pretend?.(caller) ?? account) : account;
  const arn = resource.startsWith('role/')
    ? `arn:aws:sts::${told}:assumed-role/${resource.split('/').at(-1)}/eks-drift-auditor`
    : caller;
  return stsResult('GetCallerIdentity', `<Arn>${arn}</Arn><UserId>AIDA</UserId><Account>${told}</Account>`);
}

function stsResult(action: string, content: string) {
  const namespace = 'https://sts.amazonaws.com/doc/2011-06-15/';
  return {
    status: 200,
    body: `<${action}Response xmlns="${namespace}"><${action}Result>${content}</${action}Result></${action}Response>`,
  };
}

function stsFailure({ status, code, message = 'as planned' }: AwsFailure) {
  return {
    status,
    body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
  };
}

interface EksAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly code?: string;
}

function answerEks(call: AwsCallSeen, path: string, options: AwsServerOptions): EksAnswer {
  const here = (options.clusters ?? []).filter(
    ({ accountId = HUB, region = 'eu-west-1' }) => accountId === call.accountId && region === call.region,
  );
  const replaced = options.replace?.(call);
  if (replaced !== undefined) return { status: 200, body: replaced };
  if (call.cluster === null) return list(here, call, options);
  const found = here.find(({ name }) => name === call.cluster);
  if (found === undefined) return notFound(`No cluster found for name: ${call.cluster}.`);
  const { fargateProfiles = {}, vpcCni } = found;
  switch (call.action) {
    case 'eks:DescribeCluster':
      return { status: 200, body: { cluster: described(found) } };
    case 'eks:DescribeAddon':
      return vpcCni === undefined
        ? notFound('No addon: vpc-cni found in cluster')
        : { status: 200, body: { addon: { addonName: 'vpc-cni', ...vpcCni } } };
    case 'eks:ListFargateProfiles':
      return { status: 200, body: { fargateProfileNames: Object.keys(fargateProfiles) } };
    default:
      return {
        status: 200,
        body: { fargateProfile: profileOf(fargateProfiles, path.split('/').at(-1) ?? '') },
      };
  }
}

const notFound = (message: string): EksAnswer => ({
  status: 404,
  code: 'ResourceNotFoundException',
  body: { message },
});

function list(
  here: readonly AwsCluster[],
  { parameters }: AwsCallSeen,
  options: AwsServerOptions,
): EksAnswer {
  const size = options.pageSize ?? Number(parameters.get('maxResults') ?? 100);
  const from = Number(parameters.get('nextToken') ?? 0);
  const names = here.slice(from, from + size).map(({ name }) => name);
  const more = from + size < here.length ? { nextToken: String(from + size) } : {};
  return { status: 200, body: { clusters: names, ...more } };
}

function described({ name, accountId = HUB, region = 'eu-west-1', cluster }: AwsCluster): object {
  return {
    name,
    arn: `arn:aws:eks:${region}:${accountId}:cluster/${name}`,
    version: '1.36',
    platformVersion: 'eks.7',
    createdAt: 1_700_000_000,
    status: 'ACTIVE',
    endpoint: 'https://127.0.0.1:1',
    certificateAuthority: { data: 'LS0t' },
    resourcesVpcConfig: {
      endpointPublicAccess: true,
      endpointPrivateAccess: false,
      publicAccessCidrs: ['0.0.0.0/0'],
      vpcId: 'vpc-1',
    },
    kubernetesNetworkConfig: { ipFamily: 'ipv4' },
    accessConfig: { authenticationMode: 'API' },
    computeConfig: { enabled: false },
    tags: {},
    ...cluster,
  };
}

const profileOf = (
  profiles: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  name: string,
): object | undefined =>
  profiles[name] === undefined ? undefined : { fargateProfileName: name, ...profiles[name] };
