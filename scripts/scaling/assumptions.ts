import { type Assumption, assume } from './assumption.ts';
import { PRICES, USE } from './prices.ts';

const LAMBDA = 'https://docs.aws.amazon.com/lambda/latest/dg/';
const STEP_FUNCTIONS = 'https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html';
const MEASURED = 'docs/benchmarks.md, case growth';
/** Everything that is assumed, in one place. Prices are list prices of us-east-1; quotas those of a new account. */
export const ASSUMPTIONS = {
  cpuPerPod: assume(70, 'µs', 'CPU of an audit, for a pod', MEASURED),
  baseMemory: assume(153, 'MiB', 'resident set without pods', MEASURED),
  memoryPerPod: assume(0.32, 'KiB', 'resident set, for a pod', MEASURED),
  bytesPerPod: assume(7.6, 'KB', 'protobuf on the wire, for a pod', MEASURED),
  slower: assume(
    1.5,
    '×',
    'a Graviton vCPU of Lambda beside the core that was measured',
    'assumed, to be safe',
  ),
  bandwidth: assume(70, 'MB/s', 'network of a function', 'not published; about 600 Mbit/s are commonly seen'),
  pageTime: assume(
    0.3,
    's',
    'a page of 500 pods, from the request to the last byte',
    'assumed; pages come one after the other',
  ),
  oneCpu: assume(1769, 'MiB', 'memory that comes with one vCPU', `${LAMBDA}configuration-memory.html`),
  timeout: assume(900, 's', 'longest invocation', `${LAMBDA}gettingstarted-limits.html`),
  reserve: assume(120, 's', 'share reserved for comparing and writing', 'lambda/audit/budget.ts'),
  fixedTime: assume(8, 's', 'a cluster, besides its pods: sign-in, lists, S3', 'assumed; 3 s on loopback'),
  coldStart: assume(
    1,
    's',
    'start of an execution environment',
    'twice the import of the bundle, and Lambda itself',
  ),
  lambdaConcurrency: assume(
    1000,
    'invocations',
    'at once, of an account',
    `${LAMBDA}gettingstarted-limits.html`,
  ),
  lambdaScaling: assume(100, 'environments/s', '1,000 in ten seconds', `${LAMBDA}scaling-behavior.html`),
  mapConcurrency: assume(10_000, 'executions', 'children of a map at once', STEP_FUNCTIONS),
  startBurst: assume(800, 'executions', 'StartExecution, bucket outside of three regions', STEP_FUNCTIONS),
  startRate: assume(150, '/s', 'StartExecution, refill outside of three regions', STEP_FUNCTIONS),
  transitions: assume(3, 'a cluster', 'state transitions that are paid for', 'start, task, end'),
  eksBurst: assume(10, 'requests', 'EKS API of an account and region', 'not published; cautious'),
  eksRate: assume(5, '/s', 'EKS API of an account and region', 'not published; cautious'),
  eksCalls: assume(3, 'a cluster', 'DescribeCluster, DescribeAddon, ListFargateProfiles', 'lambda/discover'),
  eksLatency: assume(0.06, 's', 'one request', 'assumed'),
  stsBurst: assume(
    600,
    'requests',
    'AssumeRole of an account and region',
    'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html',
  ),
  stsRate: assume(
    600,
    '/s',
    'AssumeRole of an account and region',
    'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html',
  ),
  places: assume(400, 'places', 'accounts × regions with clusters', '100 accounts in 4 regions'),
  medianPods: assume(300, 'pods', 'of a cluster; log-normal', 'assumed'),
  meanPods: assume(1000, 'pods', 'of a cluster', 'assumed'),
  unreachable: assume(0.005, 'of clusters', 'that do not answer', 'assumed'),
  readResult: assume(0.03, 's', 'reading one summary at the end, 16 at once', 'assumed; S3 in the region'),
  joinResult: assume(6, 'ms', 'CPU of the end of a run, for a cluster', 'docs/benchmarks.md, case fleet'),
  discoverMemory: assume(512, 'MiB', 'memory of the function that discovers', 'lib/constructs/audit-run.ts'),
  ...USE,
  ...PRICES,
} as const satisfies Readonly<Record<string, Assumption>>;

/** The numbers alone, by name. */
export type Numbers = { readonly [Name in keyof typeof ASSUMPTIONS]: number };

export const numbersOf = (table: Readonly<Record<keyof Numbers, Assumption>>): Numbers =>
  Object.fromEntries(Object.entries(table).map(([name, { value }]) => [name, value])) as Numbers;
