import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from './free-ports.ts';
import { type Processes, waitUntilReady } from './processes.ts';
import { ensurePython } from './python.ts';

/** AWS APIs on loopback, answered by moto; see aws/server.py for what is proven by it and what not. */
export interface AwsServices {
  /** Endpoint of every service, for `AWS_ENDPOINT_URL`. */
  readonly url: string;
  readonly accountId: string;
  readonly region: string;
  /** Temporary credentials of a role, from STS. The account of the ARN decides what they see. */
  assumeRole(roleArn: string): Promise<AwsCredentials>;
  /** What a program needs in its environment to use these services with these credentials. */
  environmentFor(credentials: AwsCredentials): Readonly<Record<string, string>>;
  /** Makes `DescribeCluster` answer with this cluster. */
  putEksCluster(cluster: EksCluster): Promise<{ readonly arn: string }>;
  /** A request to one service in its own protocol. */
  request(call: AwsCall): Promise<{ readonly status: number; readonly body: string }>;
}

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface EksCluster {
  readonly name: string;
  readonly endpoint: string;
  /** PEM, base64-encoded once more, as EKS has it. */
  readonly certificateAuthorityData: string;
  readonly version: string;
  readonly accountId?: string;
  readonly region?: string;
  readonly authenticationMode?: 'API' | 'API_AND_CONFIG_MAP' | 'CONFIG_MAP';
  /** @default in no VPC that is known */
  readonly resourcesVpcConfig?: {
    readonly vpcId: string;
    readonly subnetIds: readonly string[];
    readonly securityGroupIds: readonly string[];
  };
  readonly status?: 'ACTIVE' | 'CREATING' | 'UPDATING' | 'DELETING' | 'FAILED';
}

export interface AwsCall {
  /** Signing name, such as `sts`. */
  readonly service: string;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Of credentials that STS issued; default the account of the cluster, as its owner. */
  readonly accessKeyId?: string;
}

const ACCOUNT = '111122223333';
const REGION = 'eu-west-1';
const FOLDER = fileURLToPath(new URL('../aws/', import.meta.url));

export interface AwsServicesOptions {
  /** Where functions are invoked: gets Lambda's own requests. Without it there are no functions. */
  readonly functionsUrl?: string;
  /** A file that gets every request of the auditor, a JSON object a line. @default none */
  readonly calls?: string;
  /** Whether CloudFormation makes what templates say, see aws/stacks.py. @default false */
  readonly stacks?: boolean;
}

export async function startAwsServices(
  processes: Processes,
  { functionsUrl, calls, stacks = false }: AwsServicesOptions = {},
): Promise<AwsServices> {
  const python = join(await ensureMoto(), 'bin', 'python');
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const program = processes.start({
    name: 'aws',
    command: python,
    args: [
      join(FOLDER, 'server.py'),
      ...['--port', String(port)],
      ...(functionsUrl === undefined ? [] : ['--functions', functionsUrl]),
      ...(calls === undefined ? [] : ['--calls', calls]),
      ...(stacks ? ['--stacks'] : []),
    ],
    env: { PYTHONDONTWRITEBYTECODE: '1' },
  });
  await waitUntilReady(program, async () => (await fetch(`${url}/moto-api/data.json`)).ok);

  const request: AwsServices['request'] = async (call) => {
    const response = await fetch(new URL(call.path ?? '/', url), {
      method: call.method ?? 'POST',
      headers: { ...identityOf(call), ...call.headers },
      ...(call.body === undefined ? {} : { body: call.body }),
    });
    return { status: response.status, body: await response.text() };
  };
  return {
    url,
    accountId: ACCOUNT,
    region: REGION,
    request,
    assumeRole: (roleArn) => assumeRole(request, roleArn),
    putEksCluster: (cluster) => putEksCluster(url, cluster),
    environmentFor: ({ accessKeyId, secretAccessKey, sessionToken }) => ({
      AWS_ENDPOINT_URL: url,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
      AWS_EC2_METADATA_DISABLED: 'true',
    }),
  };
}

/** The folder of a virtual environment with moto in it. */
export const ensureMoto = (): Promise<string> =>
  ensurePython({
    name: 'moto',
    requirements: join(FOLDER, 'requirements.txt'),
    what: 'the AWS test server',
  });

/** moto reads service, region and caller from these headers, and does not check the signature. */
function identityOf({ service, accessKeyId }: AwsCall): Readonly<Record<string, string>> {
  const scope = `${accessKeyId ?? 'AKIDEXAMPLE'}/20260101/${REGION}/${service}/aws4_request`;
  return {
    authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=unchecked`,
    ...(accessKeyId === undefined && { 'x-moto-account-id': ACCOUNT }),
  };
}

async function assumeRole(request: AwsServices['request'], roleArn: string): Promise<AwsCredentials> {
  const { status, body } = await request({
    service: 'sts',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      Action: 'AssumeRole',
      Version: '2011-06-15',
      RoleArn: roleArn,
      RoleSessionName: 'e2e',
    }).toString(),
  });
  const field = (name: string): string => {
    const value = new RegExp(`<${name}>([^<]+)</${name}>`).exec(body)?.[1];
    if (value === undefined) {
      throw new Error(`STS gave no ${name} for ${roleArn} (status ${status}): ${body}`);
    }
    return value;
  };
  return {
    accessKeyId: field('AccessKeyId'),
    secretAccessKey: field('SecretAccessKey'),
    sessionToken: field('SessionToken'),
  };
}

async function putEksCluster(url: string, cluster: EksCluster): Promise<{ readonly arn: string }> {
  const response = await fetch(`${url}/e2e/eks-clusters`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ accountId: ACCOUNT, region: REGION, ...cluster }),
  });
  if (!response.ok) {
    throw new Error(`The EKS cluster ${cluster.name} cannot be registered: ${await response.text()}`);
  }
  return (await response.json()) as { readonly arn: string };
}
