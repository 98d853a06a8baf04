import { terminalSafe } from '../../report/escape.ts';
import { thousands } from '../../report/words.ts';
import { shortenTo } from './columns.ts';
import { styleOf } from './style.ts';

/** Where progress is shown: standard error. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface ProgressOptions {
  readonly stream: ProgressStream;
  readonly color: boolean;
  /** Epoch milliseconds; the terminal is the only part of the program that shows passing time. */
  readonly clock: () => number;
}

/** Tells how far the reading of each cluster is. On anything but a terminal every call does nothing. */
export interface Progress {
  /** Reading begins; the rate counts from here. */
  start(cluster: string): void;
  page(cluster: string, read: { readonly pages: number; readonly pods: number }): void;
  /** The cluster is read, or given up. */
  done(cluster: string): void;
  /** Takes the line away; nothing is left of it. Safe to call twice. */
  stop(): void;
}

/** Often enough to look alive, seldom enough to cost nothing. */
const REDRAW_MS = 100;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;

/** Erases the line and returns to its start (ECMA-48 EL). */
const CLEAR_LINE = '\r\u001b[2K';
const MOST_CLUSTERS = 3;

const SILENT: Progress = { start() {}, page() {}, done() {}, stop() {} };

interface ClusterProgress {
  readonly since: number;
  readonly pages: number;
  readonly pods: number;
}

export function progressOn({ stream, color, clock }: ProgressOptions): Progress {
  if (stream.isTTY !== true) return SILENT;
  const style = styleOf({ color, width: 80 });
  const reading = new Map<string, ClusterProgress>();
  let finished = 0;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let frames = 0;
  let shown = false;

  const draw = (now: number): void => {
    if (now - drawnAt < REDRAW_MS) return;
    drawnAt = now;
    const parts = [...reading].slice(0, MOST_CLUSTERS).map(([name, state]) => clusterText(name, state, now));
    const more = reading.size - parts.length;
    if (more > 0) parts.push(`${more} more`);
    if (finished > 0) parts.push(`${finished} done`);
    // One column is left free, since some terminals wrap when the last one is written.
    const text = shortenTo(parts.join('  |  '), (stream.columns ?? 80) - 3);
    stream.write(`${CLEAR_LINE}${style.accent(FRAMES[frames++ % FRAMES.length] ?? '')} ${style.dim(text)}`);
    shown = true;
  };

  return {
    start(cluster) {
      reading.set(cluster, { since: clock(), pages: 0, pods: 0 });
    },
    page(cluster, { pages, pods }) {
      const now = clock();
      const since = reading.get(cluster)?.since ?? now;
      reading.set(cluster, { since, pages, pods });
      draw(now);
    },
    done(cluster) {
      if (reading.delete(cluster)) finished++;
    },
    stop() {
      reading.clear();
      if (shown) stream.write(CLEAR_LINE);
      shown = false;
    },
  };
}

function clusterText(name: string, { since, pages, pods }: ClusterProgress, now: number): string {
  const seconds = (now - since) / 1000;
  const rate = seconds > 0 ? `, ${thousands(Math.round(pods / seconds))} pods/s` : '';
  return `${terminalSafe(name)}: ${thousands(pages)} pages, ${thousands(pods)} pods${rate}`;
}
