import * as z from 'zod';
import { ReadError } from '../errors.ts';
import { instantText } from '../inventory/instant.ts';
import type { WorkloadRef } from '../inventory/names.ts';
import { compareText, compareWorkloads } from '../inventory/workload.ts';
import { parsed } from '../parsed-problem.ts';
import { jsonLine } from '../report/rows.ts';
import { gunzipLines } from './gzip.ts';
import type { ReportStore, VersionedObject } from './store.ts';

/** Of the format below; one of a later version is neither read nor overwritten. */
const LAYERS_VERSION = 1;

const text = z.string();
const count = z.number().int().nonnegative();
const HEADER = z.object({ layersVersion: z.number().int().min(1), run: text, at: text });
const ROW = z.object({
  workload: z.object({ namespace: text, kind: text, name: text }),
  container: text,
  pod: text,
  startedAt: text,
  sampledAt: text,
  bytes: count,
  inodes: count,
  at: text,
  aboveBaseSince: text.nullable(),
  before: z.object({ at: text, bytes: count, inodes: count }).nullable(),
});

/** What one layer held when a run last measured it. Times are RFC 3339. */
export interface StoredLayer {
  readonly workload: WorkloadRef;
  readonly container: string;
  readonly pod: string;
  /** Of its container: a restart makes another layer. */
  readonly startedAt: string;
  readonly sampledAt: string;
  readonly bytes: number;
  readonly inodes: number;
  /** The run that measured it. */
  readonly at: string;
  /** The first run that measured more in it than an idle layer has; `null`: none yet. */
  readonly aboveBaseSince: string | null;
  /** What the run before that one measured, so that a run that is repeated does not take itself for the last one. */
  readonly before: { readonly at: string; readonly bytes: number; readonly inodes: number } | null;
}

/** The layers of a cluster as the last run left them, which have not been read yet. */
export interface OpenLayers {
  /** Ids of runs sort by time. */
  readonly run: string;
  /** For replacing it. */
  readonly version: string;
  /**
   * Sorted by workload; to be read once.
   * @throws ReadError when they cannot be understood
   */
  rows(): AsyncGenerator<StoredLayer>;
}

/** By container, pod and start: the order of rows of one workload. */
export const compareLayers = (a: StoredLayer, b: StoredLayer): number =>
  compareWorkloads(a.workload, b.workload) ||
  compareText(a.container, b.container) ||
  compareText(a.pod, b.pod) ||
  compareText(a.startedAt, b.startedAt);

export const layersHeader = (run: string, at: string): string =>
  `${jsonLine({ layersVersion: LAYERS_VERSION, run, at })}\n`;

export const layerLine = (row: StoredLayer): string => `${jsonLine(row)}\n`;

/**
 * `layers.json.gz` beside the state of a cluster; `null` where there is none.
 * @throws ReadError when it cannot be understood
 */
export async function openLayers(store: ReportStore, key: string): Promise<OpenLayers | null> {
  const stored = await store.getVersioned(key);
  return stored === null ? null : parseLayers(store, key, stored);
}

async function parseLayers(
  store: ReportStore,
  key: string,
  { bytes, version }: VersionedObject,
): Promise<OpenLayers> {
  const unreadable = (error: unknown): ReadError =>
    new ReadError(
      'malformed-object',
      `The layers that the last run measured, in ${store.location(key)}, cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      'No action is needed: this run writes them again, and the next one reports growth again.',
      error,
    );
  const header = await headerOf(bytes).catch((error: unknown) => {
    throw unreadable(error);
  });
  if (header.layersVersion > LAYERS_VERSION) {
    throw new LaterLayers(
      'malformed-object',
      `The measured layers in ${store.location(key)} were written by a later version of the program (format ${header.layersVersion}, this one reads up to ${LAYERS_VERSION}).`,
      'Update this program, or delete the object.',
    );
  }
  return { run: header.run, version, rows: () => rowsIn(bytes, unreadable) };
}

/** Of a format that this version does not know. */
class LaterLayers extends ReadError {}

export const isLaterFormat = (error: unknown): boolean => error instanceof LaterLayers;

async function headerOf(bytes: Uint8Array): Promise<z.infer<typeof HEADER>> {
  const lines = gunzipLines(bytes);
  const first = await lines.next();
  await lines.return(undefined);
  return parsed(HEADER, JSON.parse(first.done ? '' : first.value));
}

/**
 * Times as this program writes them, with milliseconds.
 * @throws Error when it is none
 */
export function parseLayer(value: unknown): StoredLayer {
  const row = parsed(ROW, value);
  const { startedAt, sampledAt, at, aboveBaseSince } = row;
  return {
    ...row,
    startedAt: inFull(startedAt),
    sampledAt: inFull(sampledAt),
    at: inFull(at),
    aboveBaseSince: aboveBaseSince === null ? null : inFull(aboveBaseSince),
  };
}

const inFull = (time: string): string => instantText(Date.parse(time));

async function* rowsIn(
  bytes: Uint8Array,
  unreadable: (error: unknown) => ReadError,
): AsyncGenerator<StoredLayer> {
  let isFirst = true;
  try {
    for await (const line of gunzipLines(bytes)) {
      if (isFirst) isFirst = false;
      else yield parseLayer(JSON.parse(line));
    }
  } catch (error) {
    throw unreadable(error);
  }
}
