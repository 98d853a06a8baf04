import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { CHECK_IDS } from '../../checks/catalogue.ts';
import type { Config } from '../../config/config.ts';
import { defaultConfig, parseConfig } from '../../config/load.ts';
import { configSchemaText } from '../../config/schema-document.ts';
import { UsageError } from '../../errors.ts';
import { terminalSafe } from '../../report/escape.ts';
import { SAMPLE_CONFIG } from '../../sample/config.ts';
import type { Io } from '../io.ts';
import type { CommonOptions } from '../options.ts';

/** `config validate FILE` and `config schema`. */
export function configCommand(io: Io): Command {
  const command = new Command('config').description('Check a configuration file, or print its JSON Schema.');
  command
    .command('validate')
    .description('Check a configuration file, and report each error with its line.')
    .argument('<file>', 'the configuration file')
    .action(async (file: string) => {
      await readConfig(file, io);
      io.stdout.write(`${file} is valid.\n`);
    });
  command
    .command('schema')
    .description('Print the JSON Schema of the configuration, for completion in editors.')
    .action(() => {
      io.stdout.write(configSchemaText(CHECK_IDS));
    });
  return command;
}

/** The configuration of an audit; where none is given the sample has its own. @throws UsageError */
export async function configOf(
  { config, sample }: Pick<CommonOptions, 'config' | 'sample'>,
  io: Pick<Io, 'stderr'>,
): Promise<Config> {
  if (config === undefined && sample === true) return parseConfig(SAMPLE_CONFIG, 'of the sample', CHECK_IDS);
  return readConfig(config, io);
}

/** The configuration of a file, or the defaults; settings without effect are warned of. @throws UsageError with every error in it. */
export async function readConfig(file: string | undefined, io: Pick<Io, 'stderr'>): Promise<Config> {
  if (file === undefined) return defaultConfig();
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why =
      code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : String(code);
    throw new UsageError(`The configuration ${file} cannot be read: ${why}. Give a YAML file to --config.`);
  }
  return parseConfig(text, file, CHECK_IDS, (line) => io.stderr.write(`warning: ${terminalSafe(line)}\n`));
}
