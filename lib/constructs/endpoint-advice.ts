import { Annotations, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { homeOfOrganizations } from '../../lambda/connect/aws/global-endpoint.ts';
import { ENDPOINT_SERVICES, type EndpointService } from '../iam/endpoint-services.ts';
import { ownRegions } from '../iam/read-clusters.ts';
import type { Settings } from '../settings.ts';
import type { Network } from './network.ts';

export interface EndpointNeeds {
  readonly settings: Settings;
  readonly network: Pick<Network, 'endpoints' | 'routeTables'>;
  /** Of the function in the VPC. */
  readonly asked: readonly EndpointService[];
  /** Of the stack; a token where it fits any. */
  readonly region: string;
}

/**
 * Says at synthesis which endpoints the VPC must have: one that is missing shows only when the function runs, as a gap in
 * what was audited.
 */
export function adviseEndpoints(scope: Construct, needs: EndpointNeeds): void {
  const { endpoints, routeTables } = needs.network;
  const missing = endpoints === 'off' ? needs.asked : routeTables.length === 0 ? (['s3'] as const) : [];
  const create = endpoints === 'off' ? ' With endpoints: create the stack makes them.' : '';
  const sentences = [...(missing.length === 0 ? [] : [`${toHave(missing)}${create}`]), ...onlyByNat(needs)];
  if (sentences.length === 0) return;
  Annotations.of(scope).addInfoV2('eks-drift-auditor:endpoints', `deployment.vpc: ${sentences.join(' ')}`);
}

function toHave(services: readonly EndpointService[]): string {
  const names = services.map((service) => {
    const { title, name, kind } = ENDPOINT_SERVICES[service];
    return `${title} (${name}${kind === 'gateway' ? ', a gateway' : ''})`;
  });
  const these = names.length === 1 ? 'this endpoint' : 'these endpoints';
  return `without NAT the function needs ${these}: ${names.join(', ')}; docs/networking.md says what fails without each.`;
}

/** What endpoints of the stack's region do not reach, as one sentence; none: they reach everything that is known of. */
function onlyByNat({ settings: { config }, asked, region }: EndpointNeeds): readonly string[] {
  const known = Token.isUnresolved(region) ? null : region;
  const others = ownRegions(config).filter((one) => !Token.isUnresolved(one) && one !== known);
  const hosts = config.images.registries.map(({ host }) => host);
  const beyond = [
    ...(asked.includes('organizations') ? organizations(known) : []),
    ...(hosts.length > 0 ? [`the registries ${hosts.join(', ')}`] : []),
    ...(others.length > 0 ? [elsewhere(others, known)] : []),
  ];
  return beyond.length === 0 ? [] : [`Only NAT or the like reaches ${beyond.join('; ')}.`];
}

/** https://docs.aws.amazon.com/organizations/latest/userguide/create-vpc-endpoint.html: in no other region. */
function organizations(region: string | null): readonly string[] {
  if (region === null) {
    return ['Organizations, unless the stack is in us-east-1, us-gov-west-1 or cn-northwest-1'];
  }
  const home = homeOfOrganizations(region);
  return home === region ? [] : [`Organizations, whose endpoint is in ${home}`];
}

const elsewhere = (regions: readonly string[], known: string | null): string =>
  known === null
    ? `what is in another region than the stack, of ${regions.join(', ')}`
    : `clusters and AWS APIs of ${regions.join(', ')}`;
