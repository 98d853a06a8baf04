import { ReadError } from '../../errors.ts';
import type { GapReason } from '../../inventory/gap.ts';
import { oneLine, wordsOf } from '../text.ts';

/** What was asked of AWS, for the sentence when it fails. */
export interface AwsCall {
  /** As IAM policies name it, such as `eks:ListClusters`. */
  readonly action: string;
  /** Whom or what it was asked about, such as `account 111122223333`. */
  readonly what: string;
  readonly region: string;
  /** Whether AWS has accepted the same credentials elsewhere. */
  readonly verified: boolean;
}

const NETWORK =
  'Check the network of this machine: a VPC needs a NAT gateway or an interface endpoint, a laptop perhaps a proxy (HTTPS_PROXY).';

/**
 * How AWS refuses a caller it does not know. Where the same credentials are good elsewhere, the region is one
 * that the account has not enabled: its endpoints know none of the account's keys.
 * https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
 */
const UNKNOWN_CALLER = [
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'AuthFailure',
  'OptInRequired',
];
/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html#API_AssumeRole_Errors */
const DISABLED = ['RegionDisabledException', 'RegionDisabled'];
const RENEW =
  'Give valid AWS credentials (aws sso login, AWS_PROFILE, the role of the function), and check them with aws sts get-caller-identity.';

const SIGNATURE_CODES = ['InvalidSignatureException', 'SignatureDoesNotMatch'];
const CLOCK_CODES = ['RequestTimeTooSkewed', 'RequestExpired', 'RequestInTheFuture'];

/**
 * Most services have one code for a wrong signature and for a wrong time, and tell them apart only in words:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 */
const OF_THE_TIME = /Signature (?:expired|not yet current)/i;

const DENIED = ['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'NotAuthorized'];

interface Refusal {
  readonly codes: readonly string[];
  readonly reason: GapReason;
  /** @param asked action, what and region in one */
  readonly message: (asked: string, said: string) => string;
  readonly remedy: string;
}

/** By the code of the answer, or by the name that the SDK gives its own failures. */
const REFUSALS: readonly Refusal[] = [
  {
    codes: DENIED,
    reason: 'forbidden',
    message: (asked, said) => `AWS denies ${asked} (${said}).`,
    remedy: 'Allow it in the IAM policy of this role.',
  },
  {
    codes: ['CredentialsProviderError', 'TokenProviderError'],
    reason: 'unauthorized',
    message: (asked, said) => `There are no AWS credentials for ${asked} (${said}).`,
    remedy: RENEW,
  },
  {
    codes: ['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired', ...UNKNOWN_CALLER],
    reason: 'unauthorized',
    message: (asked, said) => `AWS did not accept the credentials for ${asked} (${said}).`,
    remedy: RENEW,
  },
  {
    codes: CLOCK_CODES,
    reason: 'unauthorized',
    message: (asked, said) =>
      `AWS did not accept the time of ${asked}, which the clock of this machine gave it (${said}).`,
    remedy: "Set this machine's clock: AWS refuses what is signed more than some minutes before or after.",
  },
  {
    codes: SIGNATURE_CODES,
    reason: 'unauthorized',
    message: (asked, said) => `AWS did not accept the signature of ${asked} (${said}).`,
    remedy: "Set this machine's clock if it is wrong, and check the secret access key.",
  },
  {
    codes: [
      'Throttling',
      'ThrottlingException',
      'ThrottledException',
      'TooManyRequestsException',
      'RequestLimitExceeded',
    ],
    reason: 'server-error',
    message: (asked, said) => `AWS throttled ${asked} in every attempt (${said}).`,
    remedy: 'Run again later, or look for other programs that call this API often in this account.',
  },
  {
    codes: ['TimeoutError', 'ETIMEDOUT'],
    reason: 'timeout',
    message: (asked) => `AWS gave no answer in time to ${asked}.`,
    remedy: NETWORK,
  },
  {
    codes: ['ENOTFOUND', 'EAI_AGAIN'],
    reason: 'unreachable',
    message: (asked) => `The address of AWS for ${asked} does not resolve.`,
    remedy: `Check that this is a region that has the service. ${NETWORK}`,
  },
  {
    codes: ['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'EPIPE', 'EPROTO'],
    reason: 'unreachable',
    message: (asked, said) => `AWS cannot be reached for ${asked} (${said}).`,
    remedy: NETWORK,
  },
];

/** The sentence for what the SDK threw. */
export function awsError(error: unknown, call: AwsCall): ReadError {
  if (error instanceof ReadError) return error;
  const { action, what, region, verified } = call;
  const code = systemCodeOf(error) ?? codeOf(error);
  if (DISABLED.includes(code) || (verified && UNKNOWN_CALLER.includes(code))) {
    return disabledRegion(error, call, code);
  }
  const words = wordsOf(error, 300);
  const said = words.includes(code) || words === '' ? words || code : `${code}: ${words}`;
  const asked = `${action} for ${what} in ${region}`;
  const ofTheTime = SIGNATURE_CODES.includes(code) && OF_THE_TIME.test(words);
  const meant = ofTheTime ? 'RequestTimeTooSkewed' : code;
  const refusal = REFUSALS.find(({ codes }) => codes.includes(meant)) ?? {
    reason: 'server-error',
    message: () => `${asked} failed (${said}).`,
    remedy: `Run again later; if the problem persists, look at the health of AWS in ${region}.`,
  };
  return new ReadError(refusal.reason, refusal.message(asked, said), refusal.remedy, error);
}

function disabledRegion(error: unknown, { action, what, region }: AwsCall, code: string): ReadError {
  return new ReadError(
    'unreachable',
    `The region ${region} is not enabled for ${what} (${action}: ${code}).`,
    `Enable it with aws account enable-region --region-name ${region}, or take it out of the configured regions. Session credentials that the global STS endpoint issued are refused there too: get them from a regional endpoint.`,
    error,
  );
}

/** Whether IAM, or the policy of a resource, does not allow it. */
export const isDenied = (error: unknown): boolean => DENIED.includes(codeOf(error));

/** The `name` of an SDK error is the code of the service's answer. */
export function codeOf(error: unknown): string {
  const name = (error as { name?: unknown } | null | undefined)?.name;
  return typeof name === 'string' && name !== '' ? oneLine(name, 80) : 'unknown error';
}

const SYSTEM_CODE = /\b(?:ENOTFOUND|EAI_AGAIN|ECONN[A-Z]+|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EPIPE|EPROTO)\b/;

/** Node.js's code for a failed connection, also within the words: the SDK wraps what it takes for no error. */
function systemCodeOf(error: unknown): string | null {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return SYSTEM_CODE.exec(`${typeof code === 'string' ? code : ''} ${wordsOf(error, 1000)}`)?.[0] ?? null;
}
