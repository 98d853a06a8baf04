import {
  GetBucketLifecycleConfigurationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type LifecycleRule,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { isMissing, s3Error, serviceError } from './s3-errors.ts';
import type { ExpiryRule, ObjectVersion, StoreHistory } from './store-history.ts';

export interface S3HistoryOptions {
  readonly client: S3Client;
  readonly bucket: string;
}

/**
 * What a bucket remembers. Needed: `s3:ListBucketVersions`, `s3:GetObjectVersion`, `s3:GetBucketVersioning`,
 * `s3:GetLifecycleConfiguration` and `s3:GetObjectRetention`.
 */
export function s3History({ client, bucket }: S3HistoryOptions): StoreHistory {
  const location = (key: string): string => `s3://${bucket}/${key}`;
  const explained = async <T>(action: string, key: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw s3Error(error, action, location(key));
    }
  };
  return {
    async *versions(prefix) {
      let from: Pick<ListObjectVersionsCommandOutput, 'NextKeyMarker' | 'NextVersionIdMarker'> = {};
      for (;;) {
        const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = from;
        const page: ListObjectVersionsCommandOutput = await explained('s3:ListBucketVersions', prefix, () =>
          client.send(
            new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, KeyMarker, VersionIdMarker }),
          ),
        );
        yield* versionsOf(page);
        if (page.IsTruncated !== true) return;
        from = page;
      }
    },
    getVersion: (key, id) =>
      explained('s3:GetObjectVersion', key, async () => {
        try {
          const object = { Bucket: bucket, Key: key, VersionId: id };
          const { Body } = await client.send(new GetObjectCommand(object));
          return Body === undefined ? null : await Body.transformToByteArray();
        } catch (error) {
          if (isMissing(error) || serviceError(error).name === 'NoSuchVersion') return null;
          throw error;
        }
      }),
    isVersioned: () =>
      explained('s3:GetBucketVersioning', '', async () => {
        const { Status } = await client.send(new GetBucketVersioningCommand({ Bucket: bucket }));
        return Status === 'Enabled';
      }),
    expiryRules: () =>
      explained('s3:GetLifecycleConfiguration', '', async () => {
        try {
          const { Rules = [] } = await client.send(
            new GetBucketLifecycleConfigurationCommand({ Bucket: bucket }),
          );
          return Rules.flatMap(expiryRule);
        } catch (error) {
          if (serviceError(error).name === 'NoSuchLifecycleConfiguration') return [];
          throw error;
        }
      }),
    lockOf: (key) =>
      explained('s3:GetObjectRetention', key, async () => {
        const { ObjectLockMode: mode, ObjectLockRetainUntilDate: until } = await client.send(
          new HeadObjectCommand({ Bucket: bucket, Key: key }),
        );
        return mode === undefined || until === undefined ? null : { mode, until: until.toISOString() };
      }),
  };
}

function versionsOf({
  Versions = [],
  DeleteMarkers = [],
}: ListObjectVersionsCommandOutput): readonly ObjectVersion[] {
  const version =
    (deleted: boolean) =>
    ({ Key, VersionId, IsLatest, LastModified }: (typeof DeleteMarkers)[number]) =>
      Key === undefined
        ? []
        : [
            {
              key: Key,
              id: VersionId ?? 'null',
              latest: IsLatest === true,
              deleted,
              at: LastModified?.getTime() ?? 0,
            },
          ];
  return [...Versions.flatMap(version(false)), ...DeleteMarkers.flatMap(version(true))];
}

/** Rules that end only some of the objects of a prefix (by tag or size) explain nothing about one. */
function expiryRule({
  ID,
  Status,
  Filter,
  Prefix: former,
  Expiration,
  NoncurrentVersionExpiration: old,
}: LifecycleRule): readonly ExpiryRule[] {
  // Rules of the first form of this API have the prefix beside the filter.
  const { Prefix = former ?? '', ...others } = Filter ?? {};
  const days = Expiration?.Days;
  if (Status !== 'Enabled' || days === undefined || Object.keys(others).length > 0) return [];
  const oldVersionDays = old?.NoncurrentDays ?? null;
  return [{ id: ID ?? 'without a name', prefix: Prefix, days, oldVersionDays }];
}
