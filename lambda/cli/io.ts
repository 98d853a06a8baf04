import type { Readable, Writable } from 'node:stream';
import { terminalSafe } from '../report/escape.ts';
import { PROGRAM } from '../report/own-commands.ts';
import type { KubectlFlags } from './kubectl.ts';
import { type CommonOptions, sourceFlags } from './options.ts';

/** The terminal that a command talks to; a test gives its own. */
export interface Io {
  readonly stdin: Readable;
  readonly stdout: Terminal;
  readonly stderr: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How this program is called where its reader is. @defaultValue as it is called where it is installed */
  readonly program?: string;
}

export type Terminal = Writable & { readonly isTTY?: boolean; readonly columns?: number };

export interface Look {
  readonly color: boolean;
  readonly width: number;
  /** See {@link Io}. */
  readonly program?: string;
  /** Flags that say what the reader has asked about, a blank before each; printed commands go on with it. */
  readonly source?: string;
  /** How kubectl reaches a cluster of the page. @defaultValue as it is set already */
  readonly kubectl?: KubectlFlags;
}

const DEFAULT_WIDTH = 100;

/** Colours only for a terminal, and never against `NO_COLOR` (https://no-color.org) or `--no-color`. */
export function lookOf(io: Io, options: CommonOptions): Look {
  const wanted = options.color !== false && !io.env['NO_COLOR'];
  const columns = io.stdout.columns ?? Number(io.env['COLUMNS'] ?? Number.NaN);
  const width =
    Number.isFinite(columns) && columns > 0 ? Math.max(60, Math.min(columns, 200)) : DEFAULT_WIDTH;
  return {
    color: wanted && io.stdout.isTTY === true,
    width,
    program: io.program ?? PROGRAM,
    source: sourceFlags(options),
  };
}

/** Where the standard error of credential plugins goes: to the terminal, but only when it was asked for. */
export function pluginOutput(
  { stderr }: Pick<Io, 'stderr'>,
  { verbose }: { readonly verbose?: boolean },
): ((text: string) => void) | undefined {
  return verbose ? (text) => stderr.write(text.split('\n').map(terminalSafe).join('\n')) : undefined;
}

/** Writes pieces one after the other and waits where the reader is slower. */
export async function writeAll(stream: Terminal, pieces: Iterable<string>): Promise<void> {
  for (const piece of pieces) {
    // A stream that failed takes no more and never drains; who opened it hears of the error.
    if (stream.destroyed || stream.errored) return;
    if (!stream.write(piece)) await drained(stream);
  }
}

const drained = (stream: Terminal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      for (const event of ['drain', 'error', 'close']) stream.off(event, done);
      resolve();
    };
    for (const event of ['drain', 'error', 'close']) stream.on(event, done);
  });
