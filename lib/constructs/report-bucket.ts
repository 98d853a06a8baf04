import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type IBucket,
  type LifecycleRule,
  ObjectLockRetention,
  ObjectOwnership,
  StorageClass,
} from 'aws-cdk-lib/aws-s3';
import { S3_SERVER_ACCESS_LOGS_USE_BUCKET_POLICY } from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';
import type { Deployment } from '../../lambda/config/config.ts';
import { DAY } from '../../lambda/inventory/durations.ts';
import { explain } from '../reasons.ts';

export interface ReportBucketProps {
  readonly key: IKey;
  readonly retention: Deployment['retention'];
  readonly objectLock: Deployment['objectLock'];
}

/**
 * Keeps reports and evidence: encrypted, versioned, reachable by TLS only and not public. It
 * stays when the stack is deleted.
 */
export class ReportBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, { key, retention, objectLock }: ReportBucketProps) {
    super(scope, id);
    // Lets S3 deliver access logs by a bucket policy instead of an ACL, in whatever app this stands.
    this.node.setContext(S3_SERVER_ACCESS_LOGS_USE_BUCKET_POLICY, true);
    const accessLogs = new Bucket(this, 'AccessLogs', {
      ...CLOSED,
      // S3 delivers access logs only to buckets with its own encryption
      // (https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html).
      encryption: BucketEncryption.S3_MANAGED,
      lifecycleRules: [{ id: 'expire', expiration: ms(retention.reports), ...ABORT }],
    });
    explain(accessLogs, 'Who read the reports: the access log of the report bucket, and its policy.');
    this.bucket = new Bucket(this, 'Bucket', {
      ...CLOSED,
      encryption: BucketEncryption.KMS,
      encryptionKey: key,
      // One request to KMS for many objects.
      bucketKeyEnabled: true,
      versioned: true,
      serverAccessLogsBucket: accessLogs as IBucket,
      serverAccessLogsPrefix: 'reports/',
      lifecycleRules: lifecycle(retention),
      ...(objectLock === null ? {} : lock(objectLock)),
    });
    explain(
      this.bucket,
      'Reports, evidence and what the next run compares with, and the policy of the bucket.',
    );
    // What is kept without its policy would take requests without TLS, and get no access logs.
    for (const { policy } of [accessLogs, this.bucket]) policy?.applyRemovalPolicy(KEPT);
  }
}

/** Of a deployment that failed at once nothing was written. */
const KEPT = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;

const CLOSED = {
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  enforceSSL: true,
  minimumTLSVersion: 1.2,
  objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
  removalPolicy: KEPT,
} as const;

const ABORT = { abortIncompleteMultipartUploadAfter: Duration.days(1) };
const ms = (milliseconds: number): Duration => Duration.days(milliseconds / DAY);

/** Of what later runs overwrite. */
const OLD_VERSIONS = Duration.days(90);

/**
 * Evidence by its age; of what later runs overwrite, the last versions for 90 days. Each folder has one rule, and only
 * aborted uploads one for all: where two of them overlap, the shorter period holds
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-conflicts.html).
 */
function lifecycle({ reports, inventory }: Deployment['retention']): LifecycleRule[] {
  const expire = (prefix: string, after: number): LifecycleRule => ({
    id: `expire-${prefix.replace(/\/$/, '')}`,
    prefix,
    expiration: ms(after),
    // Evidence is written once: a version that is not current was overwritten or deleted, and is evidence itself.
    noncurrentVersionExpiration: ms(after),
    ...(after > 180 * DAY
      ? {
          transitions: [{ storageClass: StorageClass.INFREQUENT_ACCESS, transitionAfter: Duration.days(90) }],
        }
      : {}),
  });
  return [
    expire('findings/', reports),
    expire('compliance/', reports),
    expire('runs/', reports),
    expire('inventory/', inventory),
    // What Step Functions writes of the map of a fleet run; the results themselves are in runs/.
    overwritten('fleet', Duration.days(30)),
    overwritten('athena', Duration.days(7)),
    ...['state', 'latest', 'sbom'].map((folder) => overwritten(folder)),
    { id: 'aborted-uploads', ...ABORT },
  ];
}

/** @param expiration of what is there; none: it stays */
const overwritten = (folder: string, expiration?: Duration): LifecycleRule => ({
  id: `${expiration === undefined ? 'old-versions' : 'expire'}-${folder}`,
  prefix: `${folder}/`,
  ...(expiration === undefined ? {} : { expiration }),
  noncurrentVersionExpiration: OLD_VERSIONS,
});

const lock = ({ mode, period }: NonNullable<Deployment['objectLock']>) => ({
  objectLockEnabled: true,
  objectLockDefaultRetention:
    mode === 'compliance'
      ? ObjectLockRetention.compliance(ms(period))
      : ObjectLockRetention.governance(ms(period)),
});
