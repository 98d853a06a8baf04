/**
 * The endpoint that the stack has made in the VPC of the function for a service, as `VPC_ENDPOINTS` lists them:
 * `eks=https://vpce-….eks.eu-west-1.vpce.amazonaws.com sts=…`. They have no private DNS, which would take the ordinary name of the
 * service away from everything else in the VPC, and they serve their own region alone.
 *
 * @param service By the prefix of its actions in IAM.
 * @param region Where the service is asked.
 * @returns `undefined` where the ordinary one is asked
 */
export function vpcEndpoint(service: string, region: string): string | undefined {
  const { VPC_ENDPOINTS: listed = '', AWS_REGION: own } = process.env;
  if (listed === '' || region !== own) return undefined;
  const start = `${service}=`;
  return listed
    .split(' ')
    .find((entry) => entry.startsWith(start))
    ?.slice(start.length);
}
