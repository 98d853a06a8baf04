import { types } from 'node:util';
import { ReadError } from '../../errors.ts';
import type { GapReason } from '../../inventory/gap.ts';
import { oneLine } from '../text.ts';

/** A failure that the next attempt may not meet: a reset, a truncated body, a busy server. */
export class TransientReadError extends ReadError {}

interface Failure {
  readonly reason: GapReason;
  /** Completes "The API server https://… ": what happened. */
  readonly what: string;
  readonly remedy: string;
  /** `always`: worth another attempt. `once-answered`: only when this server has answered before. */
  readonly transient?: 'always' | 'once-answered';
}

const CHECK_ADDRESS =
  'Check the server address of this context and that this machine has a route to it (VPN, private endpoint, proxy).';
const TRUST: Failure = {
  reason: 'unreachable',
  what: 'presents a certificate that is not trusted: the certificate authority which signed it is not the one given for this cluster',
  remedy:
    'Renew the certificate-authority-data of the cluster (for EKS: aws eks update-kubeconfig), or add the authority of a proxy that intercepts TLS connections.',
};
const REFUSED_CLIENT_CERTIFICATE: Failure = {
  reason: 'unauthorized',
  what: 'refused the client certificate',
  remedy: 'Renew the client certificate of this context.',
};
const RESET: Failure = {
  reason: 'unreachable',
  what: 'closed the connection before its answer was complete',
  remedy:
    'Run again; if the problem persists, look for a proxy or firewall between here and the API server that cuts connections.',
  transient: 'always',
};
const NO_ROUTE: Failure = {
  reason: 'unreachable',
  what: 'cannot be reached: there is no route to its address',
  remedy: CHECK_ADDRESS,
  transient: 'once-answered',
};
const CONNECT_TIMEOUT: Failure = {
  reason: 'timeout',
  what: 'did not accept a connection in time',
  remedy: CHECK_ADDRESS,
  transient: 'once-answered',
};
const PROXY: Failure = {
  reason: 'unreachable',
  what: 'cannot be reached through the proxy',
  remedy:
    'Check the proxy-url of the cluster, or HTTPS_PROXY and NO_PROXY, and the credentials of the proxy.',
};

/** By `code` of the error or of one of its causes; the names are those of Node.js, OpenSSL and undici. */
const FAILURES: Readonly<Record<string, Failure>> = {
  ENOTFOUND: {
    reason: 'unreachable',
    what: 'cannot be reached: its name does not resolve',
    remedy: `${CHECK_ADDRESS} A private EKS endpoint resolves only inside its VPC; a deleted cluster resolves nowhere.`,
    transient: 'once-answered',
  },
  EAI_AGAIN: {
    reason: 'unreachable',
    what: 'cannot be reached: the DNS server gave no answer for its name',
    remedy: 'Check the network and DNS of this machine, then run again.',
    transient: 'once-answered',
  },
  ECONNREFUSED: {
    reason: 'unreachable',
    what: 'refused the connection: nothing listens at its address and port',
    remedy: CHECK_ADDRESS,
    transient: 'once-answered',
  },
  EHOSTUNREACH: NO_ROUTE,
  ENETUNREACH: NO_ROUTE,
  ETIMEDOUT: CONNECT_TIMEOUT,
  UND_ERR_CONNECT_TIMEOUT: CONNECT_TIMEOUT,
  UND_ERR_HEADERS_TIMEOUT: {
    reason: 'timeout',
    what: 'accepted the request but began no answer in time',
    remedy: 'Run again when the API server is less busy.',
    transient: 'always',
  },
  UND_ERR_BODY_TIMEOUT: {
    reason: 'timeout',
    what: 'stopped in the middle of its answer',
    remedy: 'Run again when the API server or the network is less busy.',
    transient: 'always',
  },
  ECONNRESET: RESET,
  EPIPE: RESET,
  UND_ERR_SOCKET: RESET,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: RESET,
  // zlib, when a compressed body ends early.
  Z_BUF_ERROR: RESET,
  Z_DATA_ERROR: RESET,
  DEPTH_ZERO_SELF_SIGNED_CERT: TRUST,
  SELF_SIGNED_CERT_IN_CHAIN: TRUST,
  UNABLE_TO_GET_ISSUER_CERT: TRUST,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: TRUST,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: TRUST,
  CERT_SIGNATURE_FAILURE: TRUST,
  CERT_HAS_EXPIRED: {
    reason: 'unreachable',
    what: 'presents a certificate that has expired',
    remedy: "Renew the API server's certificate, or set this machine's clock if it is wrong.",
  },
  CERT_NOT_YET_VALID: {
    reason: 'unreachable',
    what: 'presents a certificate that is not valid yet',
    remedy: "Set this machine's clock if it is wrong, or wait until the certificate becomes valid.",
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    reason: 'unreachable',
    what: 'presents a certificate that is for another name',
    remedy: 'Set tls-server-name of the cluster to a name in the certificate, or correct the server address.',
  },
  ERR_SSL_WRONG_VERSION_NUMBER: {
    reason: 'unreachable',
    what: 'does not speak TLS',
    remedy: 'Correct the server address: this port may be plain HTTP, or a proxy may be in between.',
  },
  EPROTO: {
    reason: 'unreachable',
    what: 'and this machine cannot agree on a TLS connection',
    remedy: 'Look for a proxy between here and the API server, and check which TLS versions it allows.',
  },
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: REFUSED_CLIENT_CERTIFICATE,
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: REFUSED_CLIENT_CERTIFICATE,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: REFUSED_CLIENT_CERTIFICATE,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: REFUSED_CLIENT_CERTIFICATE,
  UND_ERR_PRX_CONN: PROXY,
  UND_ERR_PRX_TLS: PROXY,
  ERR_BUFFER_TOO_LARGE: {
    reason: 'too-large',
    what: 'sent an answer that is larger than is accepted',
    remedy: 'Ask for smaller pages.',
  },
};

/**
 * Turns what the HTTP client threw into a {@link ReadError} that says what happened to whom.
 * @param answered whether this server has answered before, so that a failure is likely to pass.
 */
export function transportError(server: string, error: unknown, answered: boolean): ReadError {
  if (error instanceof ReadError) return error;
  const { reason, what, remedy, transient } = failureOf(error);
  const message = `The API server ${server} ${what}.`;
  const Kind = transient === 'always' || (transient && answered) ? TransientReadError : ReadError;
  return new Kind(reason, message, remedy, error);
}

function failureOf(error: unknown): Failure {
  const causes = causesOf(error);
  for (const cause of causes) {
    const known = FAILURES[codeOf(cause)];
    if (known) return known;
  }
  // llhttp's codes: HPE_INVALID_CONSTANT and the like.
  if (causes.some((cause) => codeOf(cause).startsWith('HPE_'))) {
    return {
      reason: 'unreachable',
      what: 'does not speak HTTP',
      remedy: 'Correct the server address; an https:// address may have been written as http://.',
    };
  }
  const words =
    causes.map(({ message }) => oneLine(message, 200)).find((message) => message !== '') ?? 'no reason given';
  if (words.startsWith('Proxy response (')) {
    return { ...PROXY, what: `${PROXY.what}: ${words.replace(' !== 200 when HTTP Tunneling', '')}` };
  }
  return { reason: 'unreachable', what: `cannot be reached (${words})`, remedy: CHECK_ADDRESS };
}

/** The error, its causes, and the parts of an aggregate (one for each address that was tried). */
function causesOf(error: unknown): readonly Error[] {
  const found: Error[] = [];
  const open: unknown[] = [error];
  while (open.length > 0 && found.length < 20) {
    const next = open.shift();
    if (!types.isNativeError(next)) continue;
    found.push(next);
    const { errors } = next as { errors?: unknown };
    open.push(next.cause, ...(Array.isArray(errors) ? errors : []));
  }
  return found;
}

/** The codes of an error and of its causes, the outermost first: names of Node.js, OpenSSL and undici. */
export const codesOf = (error: unknown): readonly string[] =>
  causesOf(error)
    .map(codeOf)
    .filter((code) => code !== '');

function codeOf(error: Error): string {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code : '';
}
