import { Command, CommanderError } from 'commander';
import { AuditorError, OutputError, ReadError, UsageError } from '../errors.ts';
import { terminalSafe } from '../report/escape.ts';
import { asCalled } from '../report/own-commands.ts';
import { VERSION } from '../version.ts';
import { accessCommand } from './commands/access.ts';
import { auditCommand } from './commands/audit.ts';
import { checksCommand } from './commands/checks.ts';
import { configCommand } from './commands/config.ts';
import { diffCommand } from './commands/diff.ts';
import { egressCommand } from './commands/egress.ts';
import { evidenceCommand } from './commands/evidence.ts';
import { fixesCommand } from './commands/fixes.ts';
import { sbomCommand } from './commands/sbom.ts';
import { snapshotCommand } from './commands/snapshot.ts';
import { verifyCommand } from './commands/verify.ts';
import { EXIT } from './exit-code.ts';
import type { Io } from './io.ts';

/** Runs one command line and returns its exit code; nothing is thrown. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  let code: number = EXIT.ok;
  const program = new Command('eks-drift-audit')
    .description('Audits EKS clusters for container drift: pod age, writable layers, egress exposure.')
    .version(VERSION)
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .showHelpAfterError('(--help lists commands and options)')
    .exitOverride();
  const finish = (result: number): void => {
    code = result;
  };
  program.hook('preAction', (_, command) => refuseEmpty(command));
  for (const command of [
    auditCommand,
    egressCommand,
    fixesCommand,
    snapshotCommand,
    sbomCommand,
    checksCommand,
    configCommand,
    accessCommand,
    diffCommand,
    verifyCommand,
    evidenceCommand,
  ]) {
    program.addCommand(inherit(command(io, finish), program));
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    return explain(error, io, argv.includes('--verbose'));
  }
}

/** An empty value is a variable that a script did not set: taken for a path it would be the current folder. */
function refuseEmpty(command: Command): void {
  for (const option of command.options) {
    const value: unknown = command.getOptionValue(option.attributeName());
    if (value === '' || (Array.isArray(value) && value.includes(''))) {
      throw new UsageError(
        `${option.long ?? option.flags} has an empty value; give a value, or remove the option.`,
      );
    }
  }
}

/** Sub-commands take the program's way to print and to end. */
function inherit(command: Command, program: Command): Command {
  command.copyInheritedSettings(program);
  for (const child of command.commands) inherit(child, program);
  return command;
}

function explain(error: unknown, io: Io, verbose: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof AuditorError) {
    const remedy = error instanceof ReadError ? ` ${error.remedy}` : '';
    // Errors of a configuration have a line each; anything else has one line, whatever a name holds.
    const lines = error instanceof UsageError ? error.message.split('\n') : [error.message];
    const text = `error: ${lines.map(terminalSafe).join('\n')}${terminalSafe(remedy)}\n`;
    io.stderr.write(asCalled(text, io));
    if (verbose) io.stderr.write(`${error.stack}\n`);
    if (error instanceof OutputError) return EXIT.unwritten;
    return error instanceof ReadError ? EXIT.noTarget : EXIT.usage;
  }
  const message = error instanceof Error ? error.message : String(error);
  io.stderr.write(
    `error: ${terminalSafe(message)} This is a bug in eks-drift-audit; run again with --verbose and report what it prints.\n`,
  );
  if (verbose && error instanceof Error) io.stderr.write(`${error.stack}\n`);
  return EXIT.noTarget;
}
