import { type Assumption, assume } from './assumption.ts';

const price = (value: number, what: string, page: string): Assumption =>
  assume(value, '$', what, `https://aws.amazon.com/${page}/pricing/`);

/** When the list prices were looked up. */
export const PRICES_OF = '2026-11-29';

/**
 * Of a page of AWS that shows its prices to browsers alone, where a table is filled by a program: the value is one that
 * others repeat of it.
 */
const repeated = (value: number, what: string, page: string): Assumption => {
  const { unit, source } = price(value, what, page);
  return assume(value, unit, what, `${source}, by what others repeat of it (2026-11-30)`);
};

/** List prices of us-east-1 without their free tiers, unless one is named. */
export const PRICES = {
  priceGbSecond: price(0.0000133334, 'a GB-second of Lambda on arm64', 'lambda'),
  priceInvocation: price(0.0000002, 'an invocation of Lambda', 'lambda'),
  priceTransition: price(0.000025, 'a state transition of a standard workflow', 'step-functions'),
  priceWrite: repeated(0.000005, 'a PUT or a LIST of S3', 's3'),
  priceRead: repeated(0.0000004, 'a GET of S3', 's3'),
  priceStorage: repeated(0.023, 'a GB-month of S3 Standard', 's3'),
  priceKey: price(1, 'a key of KMS, a month', 'kms'),
  priceKms: price(0.000003, 'a symmetric request to KMS', 'kms'),
  priceSign: price(0.000015, 'a signature by an elliptic curve key of KMS', 'kms'),
  priceLog: price(0.5, 'a GB of logs that is ingested', 'cloudwatch'),
  priceMetric: price(0.3, 'a metric, a month of which each hour counts', 'cloudwatch'),
  priceAlarm: repeated(0.1, 'a metric of an alarm, a month', 'cloudwatch'),
  priceHubFinding: price(0.00003, 'a finding that is sent to Security Hub', 'security-hub'),
  freeHubFindings: assume(
    10_000,
    'findings',
    'free of charge, for each account, region and month',
    'https://aws.amazon.com/security-hub/pricing/',
  ),
  priceEvent: price(0.000001, 'an event on a bus', 'eventbridge'),
  priceScan: repeated(0.005, 'a GB that Athena scans ($5 a TB; 10 MB of a query at least)', 'athena'),
  priceEndpointHour: price(0.01, 'an interface endpoint in a zone, an hour', 'privatelink'),
  priceEndpointGb: price(0.01, 'a GB through an interface endpoint', 'privatelink'),
  priceNatHour: repeated(0.045, 'a NAT gateway, an hour', 'vpc'),
  priceNatGb: repeated(0.045, 'a GB through a NAT gateway', 'vpc'),
} as const satisfies Readonly<Record<string, Assumption>>;

const MEASURED = 'docs/benchmarks.md';
const CODE = 'counted in the code';

/** What a deployment does that costs something. */
export const USE = {
  findings: assume(100, 'a cluster', 'open findings', 'assumed'),
  changed: assume(0.01, 'of findings', 'that are new, over or worse in a run, each an event', 'assumed'),
  runs: assume(30, 'a month', 'runs', 'the schedule is daily by default'),
  clustersOfPlace: assume(25, 'clusters', 'of an account and region', '10,000 clusters in 400 of them'),
  writesOfCluster: assume(12, 'a cluster', 'objects written to S3', CODE),
  readsOfCluster: assume(10, 'a cluster', 'objects read from S3', CODE),
  writesOfPlace: assume(3, 'an account and region', 'objects written to S3', CODE),
  kmsShare: assume(
    0.01,
    'of S3 requests',
    'that reach KMS: the bucket has a key of its own',
    'https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html (up to 99 % fewer)',
  ),
  reportBytes: assume(
    1.2,
    'KB a finding',
    'reports and rows of a run, compressed',
    `${MEASURED}, case pods of a million`,
  ),
  inventoryBytes: assume(
    0.06,
    'KB a pod',
    'rows of the inventory, compressed',
    `${MEASURED}, case pods of a million`,
  ),
  reportMonths: assume(13, 'months', 'reports are kept', 'deployment.retention.reports'),
  inventoryMonths: assume(3, 'months', 'inventories are kept', 'deployment.retention.inventory'),
  logOfInvocation: assume(3, 'KB', 'log of an invocation: what it says, and the lines of Lambda', 'assumed'),
  logOfChild: assume(5, 'KB', 'log of a child execution, without its data', 'assumed'),
  runMetrics: assume(21, 'metrics', 'written in one hour of a day', 'lambda/handlers/run-metrics.ts'),
  watchMetrics: assume(5, 'metrics', 'written each hour', 'lambda/handlers/watch-last-run.ts'),
  alarmMetrics: assume(18, 'metrics', 'that alarms look at', 'lib/constructs/audit-alarms.ts'),
  hubBatch: assume(
    100,
    'findings',
    'in a request to Security Hub',
    'https://docs.aws.amazon.com/securityhub/latest/partnerguide/guidelines-batchimportfindings.html',
  ),
  hubRate: assume(
    10,
    'requests/s',
    'to Security Hub, for each account and region (30 in a burst)',
    'https://docs.aws.amazon.com/securityhub/latest/partnerguide/guidelines-batchimportfindings.html',
  ),
  endOfCluster: assume(0.3, 's', 'moving the state of a cluster at the end of a run', 'assumed'),
  imagesOfCluster: assume(100, 'images', 'that a cluster adds to those of the others', 'assumed'),
  imagesAtOnce: assume(100, 'images', 'in a request to ECR', 'lambda/registry/ecr'),
  queriesOfDay: assume(10, 'queries', 'of Athena a day, each over one day', 'assumed'),
  endpoints: assume(7, 'endpoints', 'of one function in a VPC without NAT, by default', 'docs/networking.md'),
  fleetEndpoints: assume(4, 'endpoints', 'of a fleet in a VPC without NAT, by default', 'docs/networking.md'),
  zones: assume(2, 'zones', 'with endpoints', 'assumed'),
} as const satisfies Readonly<Record<string, Assumption>>;
