import { Command } from 'commander';
import { CATALOGUE } from '../../checks/catalogue.ts';
import { nearest } from '../../config/suggest.ts';
import { UsageError } from '../../errors.ts';
import { type Io, lookOf } from '../io.ts';
import { outputOption } from '../options.ts';
import { renderCheck, renderChecks } from '../render/checks.ts';

/** `checks` and `checks explain ID`. */
export function checksCommand(io: Io): Command {
  const command = new Command('checks').description('List the checks, or explain one.');
  command
    .command('list', { isDefault: true })
    .description('List the checks; list may be left out.')
    .addOption(outputOption(['table', 'json']))
    .option('--no-color', 'no colours (also NO_COLOR)')
    .action((options: { output: string; color?: boolean }) => {
      const text =
        options.output === 'json'
          ? `${JSON.stringify(CATALOGUE, null, 2)}\n`
          : renderChecks(CATALOGUE, lookOf(io, options));
      io.stdout.write(text);
    });
  command
    .command('explain')
    .description(
      'Explain one check: what it finds, why it matters, how to fix it, and which controls it supports.',
    )
    .argument('<id>', 'the id of a check')
    .option('--no-color', 'no colours (also NO_COLOR)')
    .action((id: string, options: { color?: boolean }) => {
      const check = CATALOGUE.find((candidate) => candidate.id === id);
      if (check === undefined) throw new UsageError(unknownCheck(id));
      io.stdout.write(renderCheck(check, lookOf(io, options)));
    });
  return command;
}

function unknownCheck(id: string): string {
  const close = nearest(
    id,
    CATALOGUE.map((check) => check.id),
  );
  const hint = close === null ? 'eks-drift-audit checks lists them.' : `Did you mean ${close}?`;
  return `There is no check "${id}". ${hint}`;
}
