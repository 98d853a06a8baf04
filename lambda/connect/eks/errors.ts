import { types } from 'node:util';
import { ReadError } from '../../errors.ts';
import { TransientReadError } from '../kube/transport-errors.ts';
import type { EksEndpoint } from './endpoint.ts';

/** The Kubernetes group that the shipped ClusterRoleBinding names, and that access entries give. */
export const AUDITOR_GROUP = 'eks-drift-auditor';

/** For a 401: the cluster does not know this role. With the command that changes it. */
export function notLetIn(target: EksEndpoint, principalArn: string): ReadError {
  const { identity, authenticationMode } = target;
  const { name, region, accountId } = identity;
  const entry = `aws eks create-access-entry --region ${region} --cluster-name ${name} --principal-arn ${principalArn} --kubernetes-groups ${AUDITOR_GROUP}`;
  const remedy =
    authenticationMode === 'CONFIG_MAP'
      ? `This cluster uses only its ConfigMap aws-auth. Enable access entries as well with aws eks update-cluster-config --region ${region} --name ${name} --access-config authenticationMode=API_AND_CONFIG_MAP, then create one with ${entry}; or map the role to the group ${AUDITOR_GROUP} in aws-auth.`
      : `Give it an access entry with ${entry} and apply the ClusterRole of the auditor; if it has one, check that the ARN in it is the role's, path included.`;
  return new ReadError(
    'unauthorized',
    `The cluster ${name} (account ${accountId}, ${region}) does not accept ${principalArn} (401).`,
    `${remedy} Check the clock of this machine as well: a token that was signed at a wrong time is refused alike.`,
  );
}

/**
 * What a failed connection means for this cluster, as EKS describes its endpoint.
 * @param answered whether its API server has answered before, so that it can be reached
 */
export function explainConnection(target: EksEndpoint, error: unknown, answered: boolean): unknown {
  if (!(error instanceof ReadError) || error instanceof TransientReadError) return error;
  if (isDistrusted(error)) return impostor(target, error);
  if (answered || (error.reason !== 'unreachable' && error.reason !== 'timeout')) return error;
  const { identity, access, vpcId } = target;
  const { name, region } = identity;
  if (!access.public) {
    return new ReadError(
      error.reason,
      `The cluster ${name} has a private endpoint, which cannot be reached from here. ${error.message}`,
      `Run the audit in ${vpcId === null ? "the cluster's VPC" : `its VPC ${vpcId}`} or in a network with a route to it, and allow the auditor's security group on port 443 in the cluster security group; or make the endpoint public with aws eks update-cluster-config --region ${region} --name ${name} --resources-vpc-config endpointPublicAccess=true,publicAccessCidrs=<address of the auditor>/32.`,
      error,
    );
  }
  const cidrs = access.publicCidrs;
  if (cidrs.length > 0 && !cidrs.includes('0.0.0.0/0')) {
    return new ReadError(
      error.reason,
      `The cluster ${name} allows only ${listed(cidrs)} to reach its public endpoint. ${error.message}`,
      `Add the source address of the auditor to publicAccessCidrs of ${name}${access.private ? ", or run it in the cluster's VPC" : ''}.`,
      error,
    );
  }
  return error;
}

function listed(cidrs: readonly string[]): string {
  const shown = cidrs.slice(0, 5).join(', ');
  return cidrs.length > 5 ? `${shown} and ${cidrs.length - 5} more` : shown;
}

function impostor({ identity, endpoint }: EksEndpoint, error: ReadError): ReadError {
  return new ReadError(
    'unreachable',
    `The server at ${endpoint} cannot prove that it is the cluster ${identity.arn}. ${error.message}`,
    'Run again: a cluster that was deleted and created again has another certificate authority. If the problem persists, look for a proxy that intercepts TLS connections and exclude this address from it.',
    error,
  );
}

/** Codes of OpenSSL and Node.js for a certificate that is not of the authority, or for another name. */
const DISTRUST =
  /^(?:DEPTH_ZERO_)?SELF_SIGNED_CERT|^UNABLE_TO_(?:GET|VERIFY)_|^CERT_SIGNATURE_FAILURE$|^ERR_TLS_CERT_ALTNAME_INVALID$/;

function isDistrusted(error: ReadError): boolean {
  let cause: unknown = error.cause;
  for (let depth = 0; depth < 5 && types.isNativeError(cause); depth++) {
    const { code } = cause as { code?: unknown };
    if (typeof code === 'string' && DISTRUST.test(code)) return true;
    cause = cause.cause;
  }
  return false;
}
