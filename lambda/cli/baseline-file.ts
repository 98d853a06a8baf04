import { access, writeFile } from 'node:fs/promises';
import { OutputError, UsageError } from '../errors.ts';
import type { RunResult } from '../findings/run-result.ts';
import { baselineOf } from '../report/baseline.ts';
import { terminalSafe } from '../report/escape.ts';
import { count } from '../report/words.ts';
import type { Io } from './io.ts';

/** Where `--write-exemptions` writes to. */
export interface BaselineFile {
  /** @throws OutputError when it cannot be written */
  write(run: RunResult, now: number, io: Pick<Io, 'stderr'>): Promise<void>;
}

/** @throws UsageError when the file exists: it may hold the owners that somebody has filled in */
export async function baselineFile(file: string | undefined): Promise<BaselineFile> {
  if (file === undefined) return { write: async () => {} };
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  if (exists) {
    throw new UsageError(
      `--write-exemptions does not overwrite ${file}; name a new file, or remove this one.`,
    );
  }
  return {
    async write(run, now, io) {
      const { text, entries, left } = baselineOf(run, now);
      try {
        await writeFile(file, text, { flag: 'wx' });
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new OutputError(`The baseline ${file} was not written: ${why}.`, { cause: error });
      }
      const rest =
        left === 0 ? '' : ` ${count(left, 'finding')} cannot be named in an exemption, and still count.`;
      io.stderr.write(
        terminalSafe(
          `${file} has ${count(entries, 'exemption')}. Replace each owner in it, then give it to --config.${rest}`,
        ).concat('\n'),
      );
    },
  };
}
