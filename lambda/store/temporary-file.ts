import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditorError } from '../errors.ts';

/** A file that nobody else can read, and that is gone when it is closed or the process ends. */
export interface TemporaryFile {
  /**
   * Adds all pieces or none.
   * @throws what the file system says, such as ENOSPC
   */
  append(pieces: readonly Uint8Array[]): void;
  /**
   * What is in it now, as often as it is asked for.
   * @throws AuditorError (the iteration) when it cannot be read again
   */
  chunks(): Iterable<Uint8Array>;
  close(): void;
}

const CHUNK_BYTES = 1 << 20;

/**
 * Makes a file in the folder of the system for such files: `/tmp` in Lambda, 512 MB unless configured otherwise
 * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-ephemeral-storage.html).
 *
 * It loses its name at once, so that nothing is left of it even when the process is killed, and the next invocation
 * in the same environment finds its disk empty. Reading and writing block: it is called while a list is read, and
 * what is written stays in the page cache for the most part.
 *
 * @throws what the file system says, such as EACCES
 */
export function temporaryFile(folder = tmpdir()): TemporaryFile {
  const path = join(folder, `eks-drift-audit-${randomUUID()}`);
  // `wx`: never follows or opens what somebody else put there.
  let file: number | null = openSync(path, 'wx+', 0o600);
  const nameless = removed(path);
  let size = 0;
  // The number of a closed file may stand for another one.
  const opened = (): number => {
    if (file === null) throw new Error('it is closed');
    return file;
  };
  return {
    append(pieces) {
      let end = size;
      for (const piece of pieces) end = writeAll(opened(), piece, end);
      size = end;
    },
    chunks() {
      const end = size;
      return {
        *[Symbol.iterator]() {
          for (let position = 0; position < end; position += CHUNK_BYTES) {
            yield readAll(opened, Math.min(CHUNK_BYTES, end - position), position);
          }
        },
      };
    },
    close() {
      if (file === null) return;
      closeSync(file);
      file = null;
      if (!nameless) removed(path);
    },
  };
}

/** Some systems remove no open file; then it is done when it is closed. */
function removed(path: string): boolean {
  try {
    rmSync(path);
    return true;
  } catch {
    return false;
  }
}

/** @returns where it ends */
function writeAll(file: number, bytes: Uint8Array, position: number): number {
  // Less than asked for may be written at once.
  for (let done = 0; done < bytes.byteLength; ) {
    done += writeSync(file, bytes, done, bytes.byteLength - done, position + done);
  }
  return position + bytes.byteLength;
}

function readAll(opened: () => number, length: number, position: number): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(length);
  try {
    for (let done = 0; done < length; ) {
      const read = readSync(opened(), bytes, done, length - done, position + done);
      if (read === 0) throw new Error('it is shorter than what was written');
      done += read;
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AuditorError(`A temporary file cannot be read again (${why}); run again.`, { cause });
  }
  return bytes;
}
