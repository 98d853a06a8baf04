import { stat } from 'node:fs/promises';
import { ReadError, UsageError } from '../errors.ts';
import { folderStore } from '../store/folder-store.ts';
import { prefixedStore } from '../store/prefixed-store.ts';
import type { ReportStore } from '../store/store.ts';
import { openReports } from './reports.ts';

export const STORE = 'where audits store their reports: s3://BUCKET[/PREFIX] or a folder';

/** `s3://BUCKET[/PREFIX]`, in any case of the scheme. */
const S3 = /^s3:\/\/(?<bucket>[^/]+)(?:\/(?<prefix>.*))?$/i;

/**
 * The store that `--store` names.
 * @throws UsageError for an address that is none; ReadError for a folder that is not there
 */
export async function openStore(address: string, region: readonly string[] = []): Promise<ReportStore> {
  const { bucket, prefix = '' } = S3.exec(address)?.groups ?? {};
  if (bucket !== undefined) return prefixedStore(await openBucket(bucket, region), prefix);
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(address)) {
    throw new UsageError(`--store takes s3://BUCKET[/PREFIX] or a folder, not "${address}".`);
  }
  const found = await stat(address).catch(() => null);
  if (found?.isDirectory() !== true) {
    throw new ReadError(
      'malformed-object',
      `There is no folder ${address}.`,
      'Give the folder of audit --out, or s3://BUCKET for the bucket of the reports.',
    );
  }
  return folderStore(address);
}

async function openBucket(bucket: string, region: readonly string[]): Promise<ReportStore> {
  const store = await openReports({ reportBucket: bucket, region });
  if (store === null) throw new Error('A bucket was given.');
  return store;
}
