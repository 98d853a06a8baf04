import { partition } from '@aws-sdk/core/client';
import {
  loadConfig,
  NODE_USE_DUALSTACK_ENDPOINT_CONFIG_OPTIONS,
  NODE_USE_FIPS_ENDPOINT_CONFIG_OPTIONS,
} from '@smithy/core/config';

/** Whether the public endpoints are to be those of FIPS 140, and whether those that are reached by IPv6 too. */
export interface EndpointKind {
  readonly fips: boolean;
  readonly dualStack: boolean;
}

/**
 * Where EC2 is asked in a region: the endpoint given, that of the environment, or the public one.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export async function ec2Endpoint(region: string, endpoint: string | undefined): Promise<URL> {
  const custom = endpoint ?? (process.env['AWS_ENDPOINT_URL_EC2'] || process.env['AWS_ENDPOINT_URL']);
  if (custom) return new URL(custom);
  // As in every program with an SDK: variables of the environment before the profile.
  const [fips, dualStack] = await Promise.all([
    loadConfig(NODE_USE_FIPS_ENDPOINT_CONFIG_OPTIONS)(),
    loadConfig(NODE_USE_DUALSTACK_ENDPOINT_CONFIG_OPTIONS)(),
  ]);
  return publicEc2Endpoint(region, { fips: fips ?? false, dualStack: dualStack ?? false });
}

/**
 * As the rules of the SDK's own client have it (aws/aws-sdk-js-v3, `clients/client-ec2/src/endpoint/bdd.ts`).
 * @throws Error where the partition has no such endpoint
 */
export function publicEc2Endpoint(region: string, { fips, dualStack }: EndpointKind): URL {
  const { name, dnsSuffix, dualStackDnsSuffix, supportsFIPS, supportsDualStack } = partition(region);
  if ((fips && !supportsFIPS) || (dualStack && !supportsDualStack)) {
    const kind = [fips ? 'FIPS' : '', dualStack ? 'dual-stack' : ''].filter(Boolean).join(' and ');
    throw new Error(`EC2 has no ${kind} endpoint in ${region}`);
  }
  const suffix = dualStack ? dualStackDnsSuffix : dnsSuffix;
  // In GovCloud the ordinary endpoints are FIPS endpoints.
  const service = fips && (dualStack || name !== 'aws-us-gov') ? 'ec2-fips' : 'ec2';
  return new URL(`https://${service}.${region}.${suffix}`);
}
