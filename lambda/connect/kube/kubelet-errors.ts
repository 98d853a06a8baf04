import { isIPv6 } from 'node:net';
import { ReadError } from '../../errors.ts';
import type { KubeResponse } from './kube-api.ts';
import { MEASURE_GROUP } from './measure-group.ts';
import { codesOf, TransientReadError } from './transport-errors.ts';

const REACH =
  'Run the audit in the VPC of the cluster (deployment.vpc), and allow its security group on port 10250 in the security group of the nodes.';
/** Lambda uses IPv6 in a VPC only where its function may: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-ipv6 */
const REACH_IPV6 =
  'The node has an IPv6 address: run the audit where IPv6 is routed to it (deployment.vpc.ipv6: on, in dual-stack subnets), and allow its security group on port 10250 in the security group of the nodes.';
const CERTIFICATE =
  'Look whether the kubelet has a serving certificate of the cluster (serverTLSBootstrap: true, and its certificate signing request approved); without one it is not asked.';

export const NO_ADDRESS = new ReadError(
  'field-missing',
  'The node does not say under which address and port its kubelet listens.',
  'Look at status.addresses and status.daemonEndpoints of the node.',
);

export const NO_AUTHORITY = new ReadError(
  'unreachable',
  'The certificate authority of the cluster is not known, so that no kubelet could be verified; none was asked.',
  'Set certificate-authority-data of the cluster in the kubeconfig, or audit with --eks.',
);

interface Failure {
  readonly reason: ReadError['reason'];
  readonly message: string;
  readonly remedy: string;
  /** Whether another attempt may help. */
  readonly passes?: true;
}

const UNTRUSTED: Failure = {
  reason: 'unreachable',
  message:
    'The kubelet presents a certificate that is not signed by the certificate authority of the cluster.',
  remedy: CERTIFICATE,
};
const NO_ROUTE: Failure = {
  reason: 'unreachable',
  message: 'The kubelet cannot be reached: there is no route to its address.',
  remedy: REACH,
  passes: true,
};
const NOT_ACCEPTED: Failure = {
  reason: 'timeout',
  message: 'The kubelet did not accept a connection in time.',
  remedy: REACH,
  passes: true,
};
const NO_ANSWER: Failure = {
  reason: 'timeout',
  message: 'The kubelet did not complete its answer in time.',
  remedy: 'Look at the load of the node; the next audit asks it again.',
  passes: true,
};
const BROKEN: Failure = {
  reason: 'unreachable',
  message: 'The kubelet closed the connection before its answer was complete.',
  remedy: 'Look whether the kubelet is restarting; the next audit asks it again.',
  passes: true,
};

/** By codes as Node.js, OpenSSL and undici name them. */
const FAILURES: Readonly<Record<string, Failure>> = {
  ECONNREFUSED: {
    reason: 'unreachable',
    message: 'The kubelet refused the connection: nothing listens at its address and port.',
    remedy: 'Look whether the kubelet of the node runs, and at which port.',
    passes: true,
  },
  EHOSTUNREACH: NO_ROUTE,
  EADDRNOTAVAIL: NO_ROUTE,
  EAFNOSUPPORT: NO_ROUTE,
  ENETUNREACH: NO_ROUTE,
  ETIMEDOUT: NOT_ACCEPTED,
  UND_ERR_CONNECT_TIMEOUT: NOT_ACCEPTED,
  UND_ERR_HEADERS_TIMEOUT: NO_ANSWER,
  UND_ERR_BODY_TIMEOUT: NO_ANSWER,
  ECONNRESET: BROKEN,
  EPIPE: BROKEN,
  UND_ERR_SOCKET: BROKEN,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: BROKEN,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  CERT_SIGNATURE_FAILURE: UNTRUSTED,
  CERT_HAS_EXPIRED: {
    reason: 'unreachable',
    message: 'The kubelet presents a certificate that has expired.',
    remedy: CERTIFICATE,
  },
  CERT_NOT_YET_VALID: {
    reason: 'unreachable',
    message: 'The kubelet presents a certificate that is not valid yet.',
    remedy: 'Check the clocks of the node and of this machine.',
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    reason: 'unreachable',
    message: 'The kubelet presents a certificate that is for another address.',
    remedy: CERTIFICATE,
  },
  // Until its certificate signing request is approved a kubelet answers so:
  // https://github.com/awslabs/amazon-eks-ami/issues/1944
  ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR: {
    reason: 'unreachable',
    message: 'The kubelet has no serving certificate yet.',
    remedy: CERTIFICATE,
    passes: true,
  },
};

const errorOf = ({ reason, message, remedy, passes }: Failure, cause?: unknown): ReadError => {
  const Kind = passes ? TransientReadError : ReadError;
  return new Kind(reason, message, remedy, cause);
};

/** What a failed connection to a kubelet at this address means, in words that hold for any node of its family. */
export function kubeletError(error: ReadError, address: string): ReadError {
  const known = codesOf(error).find((code) => FAILURES[code] !== undefined);
  const failure = known === undefined ? undefined : FAILURES[known];
  if (failure !== undefined) {
    return errorOf(
      failure.remedy === REACH && isIPv6(address) ? { ...failure, remedy: REACH_IPV6 } : failure,
      error,
    );
  }
  if (error.reason === 'timeout') return errorOf(NO_ANSWER, error);
  if (error.reason === 'too-large') {
    return errorOf(
      {
        reason: 'too-large',
        message: 'The kubelet sent an answer of more than 16 MiB.',
        remedy: 'Look at how many pods the node runs.',
      },
      error,
    );
  }
  const code = codesOf(error)[0];
  const why = code === undefined ? '' : ` (${code})`;
  return errorOf(
    {
      reason: 'unreachable',
      message: `The kubelet cannot be asked${why}.`,
      remedy: REACH,
      passes: true,
    },
    error,
  );
}

/** What an answer that is not 200 means, in words that hold for any node. */
export function kubeletStatusError({ status }: Pick<KubeResponse, 'status'>): ReadError {
  if (status === 401) {
    return errorOf({
      reason: 'unauthorized',
      message: 'The kubelet did not accept the credentials (401).',
      remedy: `Give the measuring role an access entry with the group ${MEASURE_GROUP} (eks-drift-audit access prints it), and look whether the kubelet authenticates by webhook (authentication.webhook.enabled).`,
    });
  }
  if (status === 403) {
    return errorOf({
      reason: 'forbidden',
      message: 'The kubelet does not allow the measuring role to read its statistics (403).',
      remedy: `Apply the ClusterRole ${MEASURE_GROUP}, which grants get on nodes/stats (eks-drift-audit access prints it).`,
    });
  }
  return errorOf({
    reason: 'server-error',
    message: `The kubelet answered ${status}.`,
    remedy: 'Look at the log of the kubelet; the next audit asks it again.',
    ...(status >= 500 || status === 429 || status === 408 ? { passes: true } : {}),
  });
}

/** As {@link kubeletStatusError}, of the API server that passes the request on. */
export function proxyStatusError({ status }: Pick<KubeResponse, 'status'>): ReadError {
  if (status === 403) {
    return errorOf({
      reason: 'forbidden',
      message:
        'The API server does not allow this identity to read the statistics of nodes through its proxy (403).',
      remedy:
        'Grant it get on nodes/proxy, which also lets it run commands in any pod; or set measure.writableLayer: kubelet.',
    });
  }
  if (status === 401) {
    return errorOf({
      reason: 'unauthorized',
      message: 'The API server did not accept the credentials (401).',
      remedy: 'Renew the credentials of this context.',
    });
  }
  // The API server says so of a kubelet that it cannot reach.
  if (status === 502 || status === 503 || status === 504) {
    return errorOf({
      reason: 'unreachable',
      message: `The API server cannot reach the kubelet (${status}).`,
      remedy:
        'Look whether the node is ready, and whether its security group allows the API server on port 10250.',
      passes: true,
    });
  }
  return errorOf({
    reason: 'server-error',
    message: `The API server answered ${status} for the kubelet.`,
    remedy: 'Look at the log of the kubelet; the next audit asks it again.',
    ...(status >= 500 || status === 429 || status === 408 ? { passes: true } : {}),
  });
}
