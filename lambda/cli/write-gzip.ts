import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { OutputError } from '../errors.ts';
import { fileProblem } from '../wording.ts';

/** A compressed file that is being written. */
export interface GzipFile {
  /** Resolves when more may come. @throws OutputError */
  write(text: string): Promise<void>;
  /** @throws OutputError */
  close(): Promise<void>;
}

/** Creates a file that only its owner may read: it tells what runs in a cluster. */
export async function openGzip(path: string): Promise<GzipFile> {
  const gzip = createGzip({ level: 6 });
  const file = createWriteStream(path, { mode: 0o600 });
  let failure: OutputError | null = null;
  const done = pipeline(gzip, file).catch((error: unknown) => {
    failure = new OutputError(
      `The snapshot cannot be written to "${path}": ${fileProblem(error)}. Give a file in a folder that exists and that you may write.`,
    );
    throw failure;
  });
  done.catch(() => undefined);
  return {
    async write(text) {
      if (failure !== null) throw failure;
      if (gzip.write(text)) return;
      await Promise.race([new Promise<void>((resolve) => gzip.once('drain', resolve)), done]);
    },
    async close() {
      gzip.end();
      await done;
    },
  };
}
