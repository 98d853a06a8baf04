#!/usr/bin/env node
// Loaded only after the check: dependencies do not even load on older versions of Node.js.
const NEEDED = 24;

if (Number.parseInt(process.versions.node, 10) < NEEDED) {
  process.stderr.write(
    `error: eks-drift-audit needs Node.js ${NEEDED} or newer, this is ${process.versions.node}. From a checkout, run it as: npm run -s cli -- ${process.argv.slice(2).join(' ')}\n`,
  );
  process.exitCode = 2;
} else {
  let unwritten: string | null = null;
  process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    // A reader such as `head` may close the pipe early: end as other commands do then (128 + SIGPIPE).
    if (code === 'EPIPE') process.exit(141);
    unwritten ??= code ?? message;
  });
  // Progress and errors have no other way out.
  process.stderr.on('error', () => {});
  const { main } = await import('../lambda/cli/main.ts');
  const { stdout, stderr, env } = process;
  const code = await main(process.argv.slice(2), {
    // Opened only where it is read.
    get stdin() {
      return process.stdin;
    },
    stdout,
    stderr,
    env,
    program: import.meta.url.endsWith('.ts') ? 'npm run -s cli --' : 'eks-drift-audit',
  });
  // Errors of the last writes come after them.
  await new Promise((resolve) => process.stdout.write('', resolve));
  if (unwritten !== null) {
    process.stderr.write(
      `error: The result could not be written to standard output (${unwritten}); free space there, or write to another place.\n`,
    );
  }
  process.exitCode = unwritten === null ? code : 5;
}

export {};
