import { Stack } from 'aws-cdk-lib';
import { InterfaceVpcEndpointAwsService } from 'aws-cdk-lib/aws-ec2';
import type { Deployment } from '../../lambda/config/config.ts';
import type { Permission } from './grant.ts';

/** By the prefix of their actions in IAM. */
export type EndpointService =
  | 's3'
  | 'eks'
  | 'sns'
  | 'sts'
  | 'ec2'
  | 'ecr'
  | 'inspector2'
  | 'securityhub'
  | 'events'
  | 'kms'
  | 'secretsmanager'
  | 'organizations';

export interface EndpointFacts {
  /** As people call the service. */
  readonly title: string;
  /** As its name ends, after the region. */
  readonly name: string;
  readonly kind: 'gateway' | 'interface';
  /** With which settings the function in the VPC asks it; `null`: never. Written for the table of docs/networking.md. */
  readonly when: Readonly<Record<Deployment['mode'], string | null>>;
  /** What becomes of a run without a way to it, likewise. */
  readonly without: string;
}

/**
 * Every AWS service that the code of a function asks itself. Logs, metrics, traces and what an invocation could not do
 * are sent by Lambda from outside of the VPC (https://docs.aws.amazon.com/lambda/latest/dg/foundation-networking.html).
 */
export const ENDPOINT_SERVICES: Readonly<Record<EndpointService, EndpointFacts>> = {
  s3: {
    title: 'S3',
    name: 's3',
    kind: 'gateway',
    when: { single: 'always', fleet: 'always' },
    without: 'the run ends without a record and fails: alarms `Failed` and `NotRun`',
  },
  sts: {
    title: 'STS',
    name: 'sts',
    kind: 'interface',
    when: { single: 'always', fleet: 'always' },
    without: 'no credentials are verified, so that nothing is evaluated',
  },
  eks: {
    title: 'EKS',
    name: 'eks',
    kind: 'interface',
    when: { single: 'always', fleet: null },
    without: 'no cluster is found: the whole account is not evaluated',
  },
  sns: {
    title: 'SNS',
    name: 'sns',
    kind: 'interface',
    when: { single: 'always', fleet: null },
    without: 'the run is recorded and its mail is not sent; its news is in the next mail that is',
  },
  ec2: {
    title: 'EC2',
    name: 'ec2',
    kind: 'interface',
    when: { single: 'unless `egress.routing: off`', fleet: 'unless `egress.routing: off`' },
    without: 'what the VPC routes counts as not read',
  },
  ecr: {
    title: 'ECR API',
    name: 'ecr.api',
    kind: 'interface',
    when: { single: 'unless `images.registry: off`', fleet: 'unless `images.registry: off`' },
    without: 'the image checks are not evaluated',
  },
  inspector2: {
    title: 'Inspector',
    name: 'inspector2',
    kind: 'interface',
    when: {
      single: 'unless `images.registry` or `images.scans` is off',
      fleet: 'unless `images.registry` or `images.scans` is off',
    },
    without: 'whether images are scanned is not evaluated where Inspector scans them',
  },
  kms: {
    title: 'KMS',
    name: 'kms',
    kind: 'interface',
    when: { single: 'unless `deployment.signing: off`', fleet: null },
    without: 'the record is not signed: alarm `RecordIncomplete`',
  },
  securityhub: {
    title: 'Security Hub',
    name: 'securityhub',
    kind: 'interface',
    when: { single: 'with `deployment.securityHub`', fleet: null },
    without: 'findings are not imported, and the log says so',
  },
  events: {
    title: 'EventBridge',
    name: 'events',
    kind: 'interface',
    when: { single: 'with `deployment.eventBus`', fleet: null },
    without: 'events are not sent, and the log says so',
  },
  secretsmanager: {
    title: 'Secrets Manager',
    name: 'secretsmanager',
    kind: 'interface',
    when: {
      single: 'with `secretArn` under `images.registries`',
      fleet: 'with `secretArn` under `images.registries`',
    },
    without: 'images of these registries are not evaluated',
  },
  organizations: {
    title: 'Organizations',
    name: 'organizations',
    kind: 'interface',
    when: { single: 'with `organization`', fleet: null },
    without: 'the accounts of the units are not found, and each unit is not evaluated',
  },
};

const ALL = Object.keys(ENDPOINT_SERVICES) as readonly EndpointService[];

/**
 * Which of them a function with these permissions asks: one that may do nothing there does not.
 * @throws Error for a permission of a service that the table does not have
 */
export function askedServices(permissions: readonly Permission[]): readonly EndpointService[] {
  const asked = new Set(permissions.filter(isAskedByCode).flatMap(({ actions }) => actions.map(prefixOf)));
  const unknown = [...asked].filter((prefix) => !ALL.some((service) => service === prefix));
  if (unknown.length > 0) {
    throw new Error(`The table of endpoints lacks ${unknown.join(', ')}: add a row to ENDPOINT_SERVICES.`);
  }
  // Whose credentials it has, it asks without a permission.
  return ALL.filter((service) => service === 'sts' || asked.has(service));
}

export const prefixOf = (action: string): string => action.split(':')[0] ?? '';

/** The key of the reports is used by S3, SNS and SQS, on their side. */
export const isAskedByCode = ({ conditions }: Permission): boolean =>
  !Object.values(conditions ?? {}).some((keys) => 'kms:ViaService' in keys);

/** The name of an endpoint service. Of those of China some begin with `cn.`, and other partitions have their own: the CDK knows which. */
export function endpointName(service: EndpointService, region: string): string {
  const { name, kind } = ENDPOINT_SERVICES[service];
  if (kind === 'gateway') return `com.amazonaws.${region}.${name}`;
  const there = new Stack(undefined, 'There', { env: { region } });
  return String(there.resolve(new InterfaceVpcEndpointAwsService(name).name));
}
