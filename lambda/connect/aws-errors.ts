import { ReadError } from '../errors.ts';
import { oneLine, wordsOf } from './text.ts';

/** What was asked of AWS, for the sentence when it fails. */
export interface AwsCall {
  /** As IAM policies name it, such as `eks:ListClusters`. */
  readonly action: string;
  /** Such as `account 111122223333 in eu-west-1`. */
  readonly where: string;
  readonly region: string;
  /** Whether AWS has accepted the same credentials elsewhere. */
  readonly verified: boolean;
}

/**
 * How AWS refuses a caller it does not know. Where the same credentials are good elsewhere, the region is one
 * that the account has not enabled: its endpoints know none of the account's keys.
 * https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
 */
const UNKNOWN_CALLER = new Set([
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'AuthFailure',
  'OptInRequired',
]);
/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html#API_AssumeRole_Errors */
const DISABLED = new Set(['RegionDisabledException', 'RegionDisabled']);
const DENIED = new Set(['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'NotAuthorized']);
const EXPIRED = new Set(['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired']);
const CLOCK = new Set([
  'RequestTimeTooSkewed',
  'RequestExpired',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
]);
const THROTTLED = new Set([
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
]);

const RENEW =
  'Give valid AWS credentials (aws sso login, AWS_PROFILE, the role of the function), and check them with aws sts get-caller-identity.';

/** The sentence for what the SDK threw. */
export function awsError(error: unknown, call: AwsCall): ReadError {
  if (error instanceof ReadError) return error;
  const code = codeOf(error);
  const words = wordsOf(error, 300);
  const { action, where, region } = call;
  const said = words === '' || words === code ? code : `${code}: ${words}`;
  const of = (reason: ReadError['reason'], message: string, remedy: string): ReadError =>
    new ReadError(reason, message, remedy, error);

  if (DISABLED.has(code) || (call.verified && UNKNOWN_CALLER.has(code)))
    return disabledRegion(error, call, code);
  if (DENIED.has(code)) {
    return of(
      'forbidden',
      `AWS denies ${action} for ${where} (${said}).`,
      `Allow ${action} in the IAM policy of this role.`,
    );
  }
  if (code === 'CredentialsProviderError' || code === 'TokenProviderError') {
    return of(
      'unauthorized',
      `There are no AWS credentials to call ${action} for ${where} with (${words}).`,
      RENEW,
    );
  }
  if (EXPIRED.has(code) || UNKNOWN_CALLER.has(code)) {
    return of(
      'unauthorized',
      `AWS did not accept the credentials for ${action} for ${where} (${said}).`,
      RENEW,
    );
  }
  if (CLOCK.has(code)) {
    return of(
      'unauthorized',
      `AWS did not accept the signature of ${action} for ${where} (${said}).`,
      "Set this machine's clock if it is wrong, and check the secret access key.",
    );
  }
  if (THROTTLED.has(code)) {
    return of(
      'server-error',
      `AWS was too busy to answer ${action} for ${where}, although it was asked several times (${said}).`,
      'Run again later, or look for other programs that call EKS often in this account.',
    );
  }
  return (
    connectionError(error, call) ??
    of('server-error', `${action} for ${where} failed (${said}).`, later(region))
  );
}

function disabledRegion(error: unknown, { action, where, region }: AwsCall, code: string): ReadError {
  return new ReadError(
    'unreachable',
    `The region ${region} is not enabled for ${where} (${action}: ${code}).`,
    `Enable it with aws account enable-region --region-name ${region}, or take it out of the configured regions. Session credentials that the global STS endpoint issued are refused there too: get them from a regional endpoint.`,
    error,
  );
}

const later = (region: string): string =>
  `Run again later; if it stays, look at the health of AWS in ${region}.`;

/** What Node.js and the SDK's HTTP handler throw when there is no answer at all. */
function connectionError(error: unknown, { action, where, region }: AwsCall): ReadError | null {
  const code = [error, (error as { cause?: unknown } | null)?.cause]
    .map(systemCodeOf)
    .find((found) => found !== '');
  const network =
    'Check the network of this machine: a VPC needs a NAT gateway or an interface endpoint, a laptop perhaps a proxy (HTTPS_PROXY).';
  if (code === 'ENOTFOUND') {
    return new ReadError(
      'unreachable',
      `There is no endpoint for ${action} in ${region} (for ${where}): its name does not resolve.`,
      `Check that ${region} is a region that has this service. ${network}`,
      error,
    );
  }
  if (codeOf(error) === 'TimeoutError' || code === 'ETIMEDOUT') {
    return new ReadError('timeout', `AWS gave no answer to ${action} for ${where} in time.`, network, error);
  }
  if (code !== undefined) {
    return new ReadError(
      'unreachable',
      `AWS cannot be reached for ${action} for ${where} (${oneLine(code, 40)}).`,
      network,
      error,
    );
  }
  return null;
}

/** The `name` of an SDK error is the code of the service's answer. */
export function codeOf(error: unknown): string {
  const name = (error as { name?: unknown } | null | undefined)?.name;
  return typeof name === 'string' && name !== '' ? oneLine(name, 80) : 'unknown error';
}

function systemCodeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' && /^E[A-Z_]+$/.test(code) ? code : '';
}
