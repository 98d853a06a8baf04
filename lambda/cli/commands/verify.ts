import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { UsageError } from '../../errors.ts';
import { resolveRun } from '../../history/resolve-run.ts';
import { publicKey } from '../../history/verify/signatures.ts';
import { type Verification, verifyRecords } from '../../history/verify/verify.ts';
import { fileProblem } from '../../wording.ts';
import { EXIT } from '../exit-code.ts';
import { type Io, lookOf } from '../io.ts';
import { openStore, regionOption, type StoreOptions, storeOption } from '../open-store.ts';
import { instantOf, outputOption, VERBOSE } from '../options.ts';
import { renderVerification } from '../render/verification.ts';

interface VerifyFlags extends StoreOptions {
  readonly all?: boolean;
  readonly from?: string;
  readonly expect?: readonly string[];
  readonly key?: readonly string[];
  readonly output: 'table' | 'json';
  readonly now?: string;
  readonly color?: boolean;
}

export const collectOption = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
];

/** `verify [RUN|--all]`: whether the records of runs are complete and unchanged. */
export function verifyCommand(io: Io, finish: (code: number) => void): Command {
  return new Command('verify')
    .description('Verify that the records of runs are complete and unchanged: pass, fail or not verifiable.')
    .argument('[run]', 'the run whose objects are read: an id, a date, latest or latest~1 (default: latest)')
    .addOption(storeOption())
    .addOption(regionOption())
    .option('--all', 'read the objects of all runs')
    .option('--from <run>', 'verify from this run on, where earlier ones were left out on purpose')
    .option(
      '--expect <sha256>',
      'the hash of a manifest, from a mail, an event or a log (repeatable)',
      collectOption,
    )
    .option(
      '--key <pem>',
      'the public key of the signing key (repeatable, where it was replaced)',
      collectOption,
    )
    .addOption(outputOption(['table', 'json']))
    .option('--now <instant>', 'use this RFC 3339 time as the current time')
    .option('--no-color', 'no colours (also NO_COLOR)')
    .option('--verbose', VERBOSE)
    .action(async (run: string | undefined, options: VerifyFlags) => {
      if (run !== undefined && options.all) throw new UsageError('Give a run or --all, not both.');
      const expected = (options.expect ?? []).map(hashOf);
      const keys = await Promise.all((options.key ?? []).map(readKey));
      const now = instantOf(options.now);
      const { store, history, close } = await openStore(options);
      try {
        const verification = await verifyRecords({
          store,
          history,
          runs: options.all ? 'all' : run === undefined ? 'newest' : [await resolveRun(store, run)],
          from: options.from === undefined ? null : await resolveRun(store, options.from),
          expected,
          keys,
          now,
        });
        io.stdout.write(
          options.output === 'json'
            ? `${JSON.stringify(verification, null, 2)}\n`
            : renderVerification(
                verification,
                lookOf(io, options.color === undefined ? {} : { color: options.color }),
              ),
        );
        finish(verifyCode(verification));
      } finally {
        close();
      }
    });
}

const CODES: Readonly<Record<Verification['outcome'], number>> = {
  pass: EXIT.ok,
  fail: EXIT.findings,
  'not verifiable': EXIT.incomplete,
};

/** What was verified, for whoever called the command. */
export const verifyCode = ({ outcome }: Pick<Verification, 'outcome'>): number => CODES[outcome];

/** @throws UsageError when it is no SHA-256 */
export function hashOf(text: string): string {
  const hash = text.trim().toLowerCase();
  if (/^[0-9a-f]{64}$/.test(hash)) return hash;
  throw new UsageError(`--expect takes the SHA-256 of a manifest (64 hexadecimal digits), not "${text}".`);
}

/** @throws UsageError when it is no public key */
export async function readKey(file: string): Promise<ReturnType<typeof publicKey>> {
  let pem: string;
  try {
    pem = await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`The public key ${file} cannot be read: ${fileProblem(error)}.`);
  }
  return publicKey(pem, file);
}
