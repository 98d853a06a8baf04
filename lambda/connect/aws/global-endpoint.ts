import { partition } from '@aws-sdk/core/client';
import type { AwsSettings } from './client.ts';
import { vpcEndpoint } from './vpc-endpoints.ts';

/**
 * In which region of a partition AWS Organizations is, whichever region asks (aws/aws-sdk-js-v3,
 * `clients/client-organizations/src/endpoint`; https://docs.aws.amazon.com/general/latest/gr/ao.html).
 */
const HOME_OF_ORGANIZATIONS: Readonly<Record<string, string>> = {
  aws: 'us-east-1',
  'aws-cn': 'cn-northwest-1',
  'aws-us-gov': 'us-gov-west-1',
};

/** The region that has AWS Organizations, in the partition of another one. */
export const homeOfOrganizations = (region: string): string =>
  HOME_OF_ORGANIZATIONS[partition(region).name] ?? region;

/**
 * Where a service is asked that has one endpoint a partition: the endpoint given, that of the environment, or the public
 * one; with the region that requests to it are signed for.
 */
export function globalEndpoint(
  service: 'organizations',
  { region, endpoint }: Pick<AwsSettings, 'region' | 'endpoint'>,
): { readonly url: URL; readonly region: string } {
  const { env } = process;
  const { dnsSuffix } = partition(region);
  const home = homeOfOrganizations(region);
  const custom =
    endpoint ??
    vpcEndpoint(service, home) ??
    (env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] || env['AWS_ENDPOINT_URL']);
  return { url: new URL(custom || `https://${service}.${home}.${dnsSuffix}`), region: home };
}
