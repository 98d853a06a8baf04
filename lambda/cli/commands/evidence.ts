import { readdir, readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { OutputError, UsageError } from '../../errors.ts';
import { collectEvidence } from '../../history/evidence/collect.ts';
import { periodOf } from '../../history/evidence/period.ts';
import { terminalSafe } from '../../report/escape.ts';
import { count } from '../../report/words.ts';
import { folderStore } from '../../store/folder-store.ts';
import type { Io } from '../io.ts';
import { openStore, regionOption, type StoreOptions, storeOption } from '../open-store.ts';
import { instantOf, VERBOSE } from '../options.ts';
import { collectOption, hashOf, readKey, verifyCode } from './verify.ts';

interface EvidenceFlags extends StoreOptions {
  readonly from: string;
  readonly to: string;
  readonly out: string;
  readonly control?: readonly string[];
  readonly expect?: readonly string[];
  readonly key?: readonly string[];
  readonly now?: string;
}

/** `evidence --from DAY --to DAY --out DIR`: every run of a period with its verification, for an auditor. */
export function evidenceCommand(io: Io, finish: (code: number) => void): Command {
  return new Command('evidence')
    .description('Copy every run of a period with its verification and an index, for an auditor.')
    .addOption(storeOption())
    .addOption(regionOption())
    .requiredOption('--from <day>', 'the first day, such as 2026-01-01 (UTC)')
    .requiredOption('--to <day>', 'the last day')
    .requiredOption('--out <folder>', 'write to this folder, which must be new or empty')
    .option(
      '--control <name>',
      'also put the rows of a framework or control together, such as "PCI DSS" or "PCI DSS 1.3.2" (repeatable)',
      collectOption,
    )
    .option(
      '--expect <sha256>',
      'the hash of a manifest, from a mail, an event or a log (repeatable)',
      collectOption,
    )
    .option('--key <pem>', 'the public key of the signing key (repeatable)', collectOption)
    .option('--now <instant>', 'use this RFC 3339 time as the current time')
    .option('--verbose', VERBOSE)
    .action(async (options: EvidenceFlags) => {
      const period = periodOf(options.from, options.to);
      const expected = (options.expect ?? []).map(hashOf);
      const files = options.key ?? [];
      const keys = await Promise.all(files.map(readKey));
      const pems = await Promise.all(files.map((file) => readFile(file, 'utf8')));
      const now = instantOf(options.now);
      await refuseFull(options.out);
      const opened = await openStore(options);
      const { control: controls = [], out } = options;
      try {
        const collected = await collectEvidence({
          ...opened,
          out: folderStore(out),
          place: options.store,
          period,
          controls,
          expected,
          keys,
          pems,
          now,
        });
        const { runs, objects, verification } = collected;
        io.stdout.write(
          `${terminalSafe(out)}: ${count(runs, 'run')}, ${count(objects, 'object')}. Verification: ${verification.outcome}; index.txt says why.\n`,
        );
        finish(verifyCode(verification));
      } finally {
        opened.close();
      }
    });
}

/** Evidence of two periods in one folder would be neither. */
async function refuseFull(folder: string): Promise<void> {
  try {
    if ((await readdir(folder)).length === 0) return;
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return;
    throw new OutputError(`The folder "${folder}" cannot be used (${code}); give another one.`);
  }
  throw new UsageError(`The folder "${folder}" is not empty; give a new one.`);
}
