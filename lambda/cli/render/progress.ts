import { terminalSafe } from '../../report/escape.ts';
import { count, thousands } from '../../report/words.ts';
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
  /** What goes on where no cluster is read, such as `finding clusters`; it is shown at once. */
  say(what: string): void;
  /** Reading begins, which is shown at once; the rate counts from here. */
  start(cluster: string): void;
  page(cluster: string, read: { readonly pages: number; readonly pods: number }): void;
  /** The cluster is read, or given up. */
  done(cluster: string): void;
  /** Takes the line away; nothing is left of it. Safe to call twice. */
  stop(): void;
}

/** Often enough to look alive, seldom enough to cost nothing. */
const REDRAW_MS = 100;
/** While nothing arrives: a server that does not answer must not look like a program that hangs. */
const WAITING_MS = 500;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;

/** Erases the line and returns to its start (ECMA-48 EL). */
const CLEAR_LINE = '\r\u001b[2K';
const MOST_CLUSTERS = 3;

const SILENT: Progress = { say() {}, start() {}, page() {}, done() {}, stop() {} };

interface ClusterProgress {
  readonly since: number;
  readonly pages: number;
  readonly pods: number;
}

const NOT_YET: Omit<ClusterProgress, 'since'> = { pages: 0, pods: 0 };

export function progressOn({ stream, color, clock }: ProgressOptions): Progress {
  if (stream.isTTY !== true) return SILENT;
  const style = styleOf({ color, width: 80 });
  const reading = new Map<string, ClusterProgress>();
  let saying: string | null = null;
  let finished = 0;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let frames = 0;
  let shown = false;
  let waiting: NodeJS.Timeout | undefined;

  const parts = (now: number): readonly string[] => {
    const shownOnes = [...reading].slice(0, MOST_CLUSTERS);
    const more = reading.size - shownOnes.length;
    return [
      ...(saying === null ? [] : [terminalSafe(saying)]),
      ...shownOnes.map(([name, state]) => clusterText(name, state, now)),
      ...(more > 0 ? [`${more} more`] : []),
      ...(finished > 0 ? [`${finished} done`] : []),
    ];
  };
  const draw = (now: number): void => {
    drawnAt = now;
    // One column is left free, since some terminals wrap when the last one is written.
    const text = shortenTo(parts(now).join('  |  '), (stream.columns ?? 80) - 3);
    stream.write(`${CLEAR_LINE}${style.accent(FRAMES[frames++ % FRAMES.length] ?? '')} ${style.dim(text)}`);
    shown = true;
    waiting ??= setInterval(() => drawNow(clock()), WAITING_MS).unref();
  };
  const drawNow = (now: number): void => {
    if (now - drawnAt >= REDRAW_MS) draw(now);
  };

  return {
    say(what) {
      saying = what;
      draw(clock());
    },
    start(cluster) {
      const now = clock();
      saying = null;
      reading.set(cluster, { since: now, ...NOT_YET });
      drawNow(now);
    },
    page(cluster, { pages, pods }) {
      const now = clock();
      const since = reading.get(cluster)?.since ?? now;
      reading.set(cluster, { since, pages, pods });
      drawNow(now);
    },
    done(cluster) {
      if (reading.delete(cluster)) finished++;
    },
    stop() {
      clearInterval(waiting);
      waiting = undefined;
      reading.clear();
      saying = null;
      if (shown) stream.write(CLEAR_LINE);
      shown = false;
    },
  };
}

function clusterText(name: string, { since, pages, pods }: ClusterProgress, now: number): string {
  const seconds = (now - since) / 1000;
  if (pages === 0) {
    const waited = seconds >= 1 ? `, ${thousands(Math.floor(seconds))} s` : '';
    return `${terminalSafe(name)}: connecting${waited}`;
  }
  const rate = seconds > 0 ? `, ${thousands(Math.round(pods / seconds))} pods/s` : '';
  return `${terminalSafe(name)}: ${count(pages, 'page')}, ${count(pods, 'pod')}${rate}`;
}
