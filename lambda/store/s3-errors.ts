import { AuditorError } from '../errors.ts';

/** What an error of the SDK says about itself. */
interface ServiceError {
  readonly name: string;
  readonly message: string;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
}

export function serviceError(error: unknown): ServiceError {
  const { name, message, $metadata } = (error ?? {}) as {
    name?: unknown;
    message?: unknown;
    $metadata?: { httpStatusCode?: number };
  };
  return {
    name: typeof name === 'string' ? name : 'unknown error',
    message: typeof message === 'string' ? message : '',
    status: $metadata?.httpStatusCode ?? 0,
  };
}

/** There is no such object (not: no such bucket). */
export function isMissing(error: unknown): boolean {
  const { name, status } = serviceError(error);
  return name === 'NoSuchKey' || (status === 404 && name === 'NotFound');
}

/** Refused, or absent where the key may not be listed: S3 answers 403 to both. */
export const isRefused = (error: unknown): boolean => serviceError(error).status === 403;

/**
 * The condition of a write did not hold: 412. An `If-Match` on an object that is gone is a 404.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html#conditional-error-response
 */
export function isConditionFailure(error: unknown): boolean {
  return serviceError(error).status === 412 || isMissing(error);
}

/** Another write of the same key was under way: the same request may be sent again. */
export const isConflict = (error: unknown): boolean => serviceError(error).status === 409;

const CLOCK = 'set the clock of this machine, which differs from that of AWS by more than some minutes';
const SIGNATURE = 'check the secret access key, and the clock of this machine';
const CREDENTIALS = 'give valid AWS credentials, and check them with aws sts get-caller-identity';

/** By the code of the answer: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList */
const REMEDIES: Readonly<Record<string, string>> = {
  AccessDenied:
    'allow it in the IAM policy of this role, in the bucket policy and, where the bucket is encrypted with KMS, in the key policy',
  NoSuchBucket: 'create the bucket, or give the name of one that exists',
  PermanentRedirect: 'give the region of the bucket',
  AuthorizationHeaderMalformed: 'give the region of the bucket',
  RequestTimeTooSkewed: CLOCK,
  RequestExpired: CLOCK,
  SignatureDoesNotMatch: SIGNATURE,
  ExpiredToken: CREDENTIALS,
  InvalidToken: CREDENTIALS,
  InvalidAccessKeyId: CREDENTIALS,
  KMSDisabledException: 'enable the KMS key of the bucket',
  'KMS.DisabledException': 'enable the KMS key of the bucket',
};

/** The sentence for a request to S3 that failed for good. */
export function s3Error(error: unknown, action: string, location: string): AuditorError {
  if (error instanceof AuditorError) return error;
  const { name, message, status } = serviceError(error);
  const said = message === '' || message === name ? name : `${name}: ${message}`;
  const region = regionOfBucket(error);
  const remedy =
    region === null
      ? (REMEDIES[name] ?? (status === 403 ? REMEDIES['AccessDenied'] : undefined) ?? 'run again later')
      : `the bucket is in ${region}: give --region ${region} or set AWS_REGION`;
  const failed = new AuditorError(`${action} failed for ${location} (${said}); ${remedy}.`);
  failed.cause = error;
  return failed;
}

const ELSEWHERE = ['PermanentRedirect', 'AuthorizationHeaderMalformed'];

/**
 * Where the bucket is, when S3 says that it is in another region than the one that was asked: in a header or in the
 * words. https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html#API_HeadBucket_ResponseSyntax
 */
function regionOfBucket(error: unknown): string | null {
  const { name, message } = serviceError(error);
  if (!ELSEWHERE.includes(name)) return null;
  const { $response } = error as { $response?: { headers?: Readonly<Record<string, string>> } };
  const said = $response?.headers?.['x-amz-bucket-region'] ?? /expecting '([^']+)'/.exec(message)?.[1] ?? '';
  return /^[a-z0-9-]+$/.test(said) ? said : null;
}
