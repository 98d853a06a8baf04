import { S3Client } from '@aws-sdk/client-s3';
import { type AwsSettings, bounded, serviceConfig } from './client.ts';

/** S3 answers within moments, and there is more to write: an attempt that is silent for longer is given up. */
const SILENCE_MS = 10_000;

/** A client for the bucket of the reports, in whichever region that is. */
export const openS3 = (settings: AwsSettings): S3Client =>
  bounded(
    new S3Client({
      ...serviceConfig('s3', { silenceMs: SILENCE_MS, ...settings }),
      followRegionRedirects: true,
    }),
  );
