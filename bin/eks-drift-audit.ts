#!/usr/bin/env node
// Loaded only after the check: dependencies do not even load on older versions of Node.js.
const NEEDED = 24;

if (Number.parseInt(process.versions.node, 10) < NEEDED) {
  process.stderr.write(
    `error: eks-drift-audit needs Node.js ${NEEDED} or newer, this is ${process.versions.node}. From a checkout, run it as: npm run -s cli -- ${process.argv.slice(2).join(' ')}\n`,
  );
  process.exitCode = 2;
} else {
  // A reader such as `head` may close the pipe early: end as other commands do then (128 + SIGPIPE).
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(141);
  });
  const { main } = await import('../lambda/cli/main.ts');
  process.exitCode = await main(process.argv.slice(2), process);
}

export {};
