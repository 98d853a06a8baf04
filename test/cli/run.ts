import { PassThrough, Readable } from 'node:stream';
import type { Io } from '../../lambda/cli/io.ts';
import { main } from '../../lambda/cli/main.ts';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command line in this process, as `bin/eks-drift-audit.ts` does. */
export async function run(argv: readonly string[], stdin = ''): Promise<Ran> {
  const stdout = capture();
  const stderr = capture();
  const io: Io = {
    stdin: Readable.from(stdin === '' ? [] : [Buffer.from(stdin)]),
    stdout: stdout.stream,
    stderr: stderr.stream,
    env: {},
  };
  const code = await main(argv, io);
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function capture(): { stream: PassThrough; text: () => string } {
  const stream = new PassThrough({ highWaterMark: 1 << 30 });
  return { stream, text: () => stream.read()?.toString() ?? '' };
}
