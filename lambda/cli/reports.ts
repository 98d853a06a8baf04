import { randomUUID } from 'node:crypto';
import { ownRegion } from '../connect/aws/region.ts';
import { AuditorError, UsageError } from '../errors.ts';
import { openMarker } from '../run/delivery-marker.ts';
import type { RecordedRun } from '../run/record.ts';
import { folderStore } from '../store/folder-store.ts';
import type { ReportStore } from '../store/store.ts';

/** Where reports and digest go. */
export interface ReportOptions {
  readonly out?: string;
  readonly reportBucket?: string;
  readonly topicArn?: string;
  readonly region?: readonly string[];
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const TOPIC = /^arn:aws[a-z-]*:sns:(?<region>[a-z0-9-]+):\d{12}:[\w.-]+$/;

/** @throws UsageError for flags that cannot be meant */
export function checkReports({ out, reportBucket, topicArn }: ReportOptions): void {
  if (out !== undefined && reportBucket !== undefined) {
    throw new UsageError(
      'Give --out or --report-bucket, not both: a run is compared with the last run in one place.',
    );
  }
  if (topicArn !== undefined && out === undefined && reportBucket === undefined) {
    throw new UsageError(
      '--topic-arn needs --report-bucket or --out: without an earlier run it is not known which findings are new.',
    );
  }
  if (reportBucket !== undefined && !BUCKET.test(reportBucket)) {
    throw new UsageError(`--report-bucket takes the name of an S3 bucket, not "${reportBucket}".`);
  }
  if (topicArn !== undefined && !TOPIC.test(topicArn)) {
    throw new UsageError(
      `--topic-arn takes the ARN of an SNS topic such as arn:aws:sns:eu-west-1:111122223333:digest, not "${topicArn}".`,
    );
  }
}

/** The folder or bucket that was asked for; `null` when none was. The SDK is loaded for a bucket only. */
export async function openReports({
  out,
  reportBucket: bucket,
  region = [],
}: ReportOptions): Promise<ReportStore | null> {
  if (out !== undefined) return folderStore(out);
  if (bucket === undefined) return null;
  const home = (await ownRegion()) ?? region[0];
  if (home === undefined) {
    throw new UsageError(
      'The region of the bucket is not set. Give --region, or set AWS_REGION or the region of the profile.',
    );
  }
  const [{ openS3 }, { s3Store }] = await Promise.all([
    import('../connect/aws/s3-client.ts'),
    import('../store/s3-store.ts'),
  ]);
  return s3Store({ client: openS3({ region: home }), bucket });
}

/**
 * Publishes the digest, and records that its news was sent; then the mails about parts of the run.
 * @throws AuditorError when one cannot be published; the digest's news then stays news for the next one
 */
export async function publishDigest(
  store: ReportStore,
  topicArn: string,
  recorded: RecordedRun,
): Promise<void> {
  const [{ openMail }, { partNotifier, topicNotifier }] = await Promise.all([
    import('../connect/aws/mail-client.ts'),
    import('../notify/sns.ts'),
  ]);
  const topic = (arn: string) => ({ client: openMail(regionOf(arn)), topicArn: arn });
  const notifiers = [
    topicNotifier(topic(topicArn)),
    ...recorded.parts.map((part) => partNotifier(topic(part.topicArn ?? topicArn), part)),
  ];
  const failed: AuditorError[] = [];
  for (const notifier of notifiers) {
    try {
      await notifier.notify(recorded.notice);
      await openMarker(
        store,
        { run: recorded.run.run.id, notifier: notifier.name },
        { attempt: randomUUID() },
      ).sent();
    } catch (error) {
      // One that is refused keeps nobody else from theirs.
      if (!(error instanceof AuditorError)) throw error;
      failed.push(error);
    }
  }
  if (failed.length > 0) throw new AuditorError(failed.map(({ message }) => message).join(' '));
}

function regionOf(topicArn: string): string {
  const region = TOPIC.exec(topicArn)?.groups?.['region'];
  if (region === undefined) throw new AuditorError(`"${topicArn}" is not the ARN of a topic.`);
  return region;
}

/** @throws AuditorError when a part of the record is missing */
export function checkRecorded({ shortfalls, location }: RecordedRun): void {
  if (shortfalls.length === 0) return;
  const [first] = shortfalls;
  const more = shortfalls.length === 1 ? '' : ` ${shortfalls.length - 1} more parts are missing.`;
  throw new AuditorError(
    `The record of this run in ${location} is not complete: ${first?.part} is missing. ${first?.problem}${more}`,
  );
}
