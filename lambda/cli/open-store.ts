import { access } from 'node:fs/promises';
import { Option } from 'commander';
import { ownRegion } from '../connect/aws/region.ts';
import { ReadError, UsageError } from '../errors.ts';
import { historyBelow, storeBelow } from '../store/below-prefix.ts';
import { folderStore } from '../store/folder-store.ts';
import type { ReportStore } from '../store/store.ts';
import type { StoreHistory } from '../store/store-history.ts';

/** Where recorded runs are. */
export interface OpenStore {
  readonly store: ReportStore;
  /** `null`: a folder remembers nothing of what was replaced. */
  readonly history: StoreHistory | null;
  close(): void;
}

export interface StoreOptions {
  readonly store: string;
  readonly region?: string;
}

export const storeOption = (): Option =>
  new Option(
    '--store <place>',
    'where the runs are: s3://BUCKET[/PREFIX], or a folder of --out',
  ).makeOptionMandatory();

export const regionOption = (): Option => new Option('--region <region>', 'the AWS region of the bucket');

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const ADDRESS = /^s3:\/\/(?<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(?<prefix>.*))?$/;

/**
 * Opens a bucket or a folder for reading. The SDK is loaded for a bucket only.
 * @throws UsageError when it cannot be one; ReadError when there is no such folder
 */
export async function openStore({ store: place, region }: StoreOptions): Promise<OpenStore> {
  if (!place.startsWith('s3:')) return openFolder(place);
  const found = ADDRESS.exec(place)?.groups;
  if (found === undefined) {
    throw new UsageError(`--store takes s3://BUCKET, s3://BUCKET/PREFIX or a folder, not "${place}".`);
  }
  const home = region ?? (await ownRegion());
  if (home === null) {
    throw new UsageError(
      'The region of the bucket is not set. Give --region, or set AWS_REGION or the region of the profile.',
    );
  }
  const [{ openS3 }, { s3Store }, { s3History }] = await Promise.all([
    import('../connect/aws/s3-client.ts'),
    import('../store/s3-store.ts'),
    import('../store/s3-history.ts'),
  ]);
  const client = openS3({ region: home });
  const { bucket = '', prefix = '' } = found;
  const [store, history] = [s3Store({ client, bucket }), s3History({ client, bucket })];
  const below = prefix.replace(/\/*$/, '/');
  const close = (): void => client.destroy();
  return below === '/'
    ? { store, history, close }
    : { store: storeBelow(store, below), history: historyBelow(history, below), close };
}

async function openFolder(folder: string): Promise<OpenStore> {
  try {
    await access(folder);
  } catch {
    // As a bucket that is not there: exit code 4, SPEC §4.
    throw new ReadError(
      'unreadable-file',
      `There is no folder "${folder}".`,
      'Give one of audit --out, or s3://BUCKET for the bucket of the reports.',
    );
  }
  return { store: folderStore(folder), history: null, close: () => undefined };
}
