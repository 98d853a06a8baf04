import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { CHECK_IDS } from '../checks/catalogue.ts';
import type { Config } from '../config/config.ts';
import { defaultConfig, isEmptyConfig, parseConfig, type Warn } from '../config/load.ts';
import { UsageError } from '../errors.ts';
import { readObject } from '../store/s3-read.ts';
import type { Environment } from './environment.ts';

/** Put beside the code when the function is deployed. */
const BUNDLED = 'audit.config.yaml';

/**
 * The configuration of a function: the object or file that `CONFIG` names, else the one that was deployed with the
 * code; outside of Lambda, where nothing was deployed, the defaults.
 * @throws UsageError when it cannot be read, or when it is wrong: never is one in its place taken for it
 */
export async function loadConfig(
  { CONFIG: named, LAMBDA_TASK_ROOT: root }: Environment,
  s3: S3Client,
  warn: Warn,
): Promise<Config> {
  if (named?.startsWith('s3://')) return parseConfig(await readText(named, s3), named, CHECK_IDS, warn);
  const file = named ?? (root === null ? null : join(root, BUNDLED));
  if (file === null) return defaultConfig();
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
  return parseConfig(text, file, CHECK_IDS, warn);
}

async function readText(address: string, s3: S3Client): Promise<string> {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(address) ?? [];
  if (bucket === undefined || key === undefined) {
    throw new UsageError(`CONFIG must be a path or s3://bucket/key, not "${address}".`);
  }
  const text = await readWhole({ Bucket: bucket, Key: key }, address, s3);
  // A file was checked when it was deployed; an object may have been emptied since by a command that failed.
  if (isEmptyConfig(text)) {
    throw new UsageError(`The configuration ${address} is empty; write it again, or {} for the defaults.`);
  }
  return text;
}

async function readWhole(
  object: { readonly Bucket: string; readonly Key: string },
  address: string,
  s3: S3Client,
): Promise<string> {
  try {
    const found = await readObject(s3, object);
    if (found === null) throw Object.assign(new Error('there is no such object'), { name: 'NoSuchKey' });
    return Buffer.from(found.bytes).toString('utf8');
  } catch (error) {
    throw unreadable(address, error);
  }
}

function unreadable(address: string, error: unknown): UsageError {
  const { name = '', code = name } = (error ?? {}) as { name?: string; code?: string };
  return new UsageError(
    `The configuration ${address} cannot be read (${code}); check that it exists and that this function may read it.`,
  );
}
