import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Permission } from './grant.ts';

export interface ReportAccess {
  readonly bucket: IBucket;
  /** Folders that are written, without a slash at the end. */
  readonly write: readonly string[];
  /** Folders that are read. */
  readonly read: readonly string[];
}

/** Reads and writes folders of the report bucket. Nothing is ever deleted: lifecycle rules do that. */
export function useReports({ bucket, write, read }: ReportAccess): readonly Permission[] {
  const objects = (folders: readonly string[]): readonly string[] =>
    folders.map((folder) => bucket.arnForObjects(`${folder}/*`));
  const wildcard = 'Keys hold the cluster, the date and the run; the folder is the narrowest prefix.';
  return [
    ...(write.length === 0
      ? []
      : [
          {
            sid: 'WriteReports',
            reason: 'Writes reports, the record of the run and what the next run compares with.',
            actions: ['s3:PutObject', 's3:AbortMultipartUpload'],
            resources: objects(write),
            wildcard,
          },
        ]),
    {
      sid: 'ReadReports',
      reason: 'What the last run found, and what earlier stages of this run wrote.',
      actions: ['s3:GetObject'],
      resources: objects(read),
      wildcard,
    },
    // S3 answers 403 for an object that does not exist: only a listing of its key tells that from one that is refused.
    {
      sid: 'ListReports',
      reason:
        'Distinguishes an object that does not exist from one that is refused: without it S3 answers 403 for both.',
      actions: ['s3:ListBucket'],
      resources: [bucket.bucketArn],
      conditions: { StringLike: { 's3:prefix': read.map((folder) => `${folder}/*`) } },
    },
  ];
}
