import { partition } from '@aws-sdk/core/client';
import {
  loadConfig,
  NODE_USE_DUALSTACK_ENDPOINT_CONFIG_OPTIONS,
  NODE_USE_FIPS_ENDPOINT_CONFIG_OPTIONS,
} from '@smithy/core/config';
import { vpcEndpoint } from './vpc-endpoints.ts';

/** Whether the public endpoints are to be those of FIPS 140, and whether those that are reached by IPv6 too. */
export interface EndpointKind {
  readonly fips: boolean;
  readonly dualStack: boolean;
}

/** Services that are asked without a client of the SDK. */
export type PlainService = 'ec2' | 'kms' | 'inspector2' | 'secretsmanager' | 'securityhub';

interface PlainServiceFacts {
  /** As people call it. */
  readonly name: string;
  /** As the variables of the environment call it: `AWS_ENDPOINT_URL_…`. */
  readonly variable: string;
  /** Partitions where its FIPS endpoints are the ordinary ones. */
  readonly fipsIn: readonly string[];
}

/** https://docs.aws.amazon.com/sdkref/latest/guide/ss-endpoints-table.html */
const SERVICES: Readonly<Record<PlainService, PlainServiceFacts>> = {
  // In GovCloud.
  ec2: { name: 'EC2', variable: 'EC2', fipsIn: ['aws-us-gov'] },
  kms: { name: 'KMS', variable: 'KMS', fipsIn: [] },
  inspector2: { name: 'Inspector', variable: 'INSPECTOR2', fipsIn: [] },
  secretsmanager: { name: 'Secrets Manager', variable: 'SECRETS_MANAGER', fipsIn: [] },
  securityhub: { name: 'Security Hub', variable: 'SECURITYHUB', fipsIn: [] },
};

/**
 * Where a service is asked in a region: the endpoint given, that of the function's own VPC, that of the environment, or the
 * public one.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export async function serviceEndpoint(
  service: PlainService,
  region: string,
  endpoint: string | undefined,
): Promise<URL> {
  const { env } = process;
  const custom =
    endpoint ??
    vpcEndpoint(service, region) ??
    (env[`AWS_ENDPOINT_URL_${SERVICES[service].variable}`] || env['AWS_ENDPOINT_URL']);
  if (custom) return new URL(custom);
  // As in every program with an SDK: variables of the environment before the profile.
  const [fips, dualStack] = await Promise.all([
    loadConfig(NODE_USE_FIPS_ENDPOINT_CONFIG_OPTIONS)(),
    loadConfig(NODE_USE_DUALSTACK_ENDPOINT_CONFIG_OPTIONS)(),
  ]);
  return publicEndpoint(service, region, { fips: fips ?? false, dualStack: dualStack ?? false });
}

/**
 * As the rules of the SDK's own clients have it (aws/aws-sdk-js-v3, `src/endpoint/bdd.ts` in `clients/client-ec2` and
 * its neighbours).
 * @throws Error where the partition has no such endpoint
 */
export function publicEndpoint(
  service: PlainService,
  region: string,
  { fips, dualStack }: EndpointKind,
): URL {
  const { name, dnsSuffix, dualStackDnsSuffix, supportsFIPS, supportsDualStack } = partition(region);
  if ((fips && !supportsFIPS) || (dualStack && !supportsDualStack)) {
    const kind = [fips ? 'FIPS' : '', dualStack ? 'dual-stack' : ''].filter(Boolean).join(' and ');
    throw new Error(`${SERVICES[service].name} has no ${kind} endpoint in ${region}`);
  }
  const suffix = dualStack ? dualStackDnsSuffix : dnsSuffix;
  const ordinary = SERVICES[service].fipsIn.includes(name) && !dualStack;
  return new URL(`https://${fips && !ordinary ? `${service}-fips` : service}.${region}.${suffix}`);
}
