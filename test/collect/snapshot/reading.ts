import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach } from '@jest/globals';
import { readSnapshot, type Snapshot } from '../../../lambda/collect/snapshot/read.ts';
import { UsageError } from '../../../lambda/errors.ts';

/** The folder of the test that runs. */
export let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'snapshot-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

export const noStdin = { stdin: Readable.from([]) };

export async function write(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

/** Reads one file of the given content. */
export async function read(content: string | Uint8Array, name = 'objects.yaml'): Promise<Snapshot> {
  return readSnapshot([await write(name, content)], noStdin);
}

export async function usageError(paths: readonly string[], stdin = ''): Promise<string> {
  const error: unknown = await readSnapshot(paths, { stdin: Readable.from([stdin]) }).catch(
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof UsageError)) throw error;
  return error.message;
}

export const pod = (name: string, rest = ''): string =>
  `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n${rest}`;
export const jsonPod = (name: string, rest: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  ...rest,
});

export const namesOf = ({ objects }: Snapshot): string[] =>
  objects.map(({ object }) => `${object['kind']} ${(object['metadata'] as { name: string }).name}`);

export const messagesOf = ({ gaps }: Snapshot): string[] =>
  gaps.map(({ message }) => message.replace(`${folder}/`, ''));
