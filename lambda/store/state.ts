import { AuditorError, ReadError } from '../errors.ts';
import type { Finding } from '../findings/finding.ts';
import { shareParts } from '../findings/share-parts.ts';
import { sha256Of } from './manifest.ts';
import {
  type ClusterState,
  LATEST_READ,
  LaterFormat,
  type StateHeader,
  stateBytes,
  stateFindings,
  stateHeader,
} from './state-format.ts';
import type { ReportStore, VersionedObject } from './store.ts';

/** Which state it is that is stored. */
export interface StateVersion {
  /** SHA-256 of the stored bytes. */
  readonly sha256: string;
  /** For replacing it. */
  readonly version: string;
}

export interface StoredState extends ClusterState, StateVersion {}

/** A state whose findings have not been read yet. */
export interface OpenState extends StateHeader, StateVersion {
  /**
   * Its findings one by one, to be read once: a large cluster has more than should be in memory.
   * @throws ReadError when one cannot be understood or some are missing; what was read before is then worthless
   */
  findings(): AsyncGenerator<Finding>;
}

/** As {@link openState}, with all findings. */
export async function readState(
  store: ReportStore,
  key: string,
  name: string = key,
): Promise<StoredState | null> {
  const state = await openState(store, key, name);
  if (state === null) return null;
  const { run, sha256, version } = state;
  const shared = shareParts();
  const findings: Finding[] = [];
  for await (const finding of state.findings()) findings.push(shared(finding));
  return { cluster: state.cluster, run, findings, sha256, version };
}

/**
 * What the last run left behind of a cluster; `null` when there is no state yet.
 *
 * @param name How errors name the cluster.
 * @throws ReadError when there is one that cannot be understood, or that cannot be read: without it
 * everything would look new.
 */
export async function openState(
  store: ReportStore,
  key: string,
  name: string = key,
): Promise<OpenState | null> {
  const stored = await versionOf(store, key, name);
  if (stored === null) return null;
  const { bytes, version } = stored;
  const unreadable = (error: unknown): ReadError => notUnderstood(error, store.location(key), name);
  try {
    const header = await stateHeader(bytes);
    return {
      ...header,
      sha256: sha256Of(bytes),
      version,
      findings: () => findingsIn(bytes, header.count, unreadable),
    };
  } catch (error) {
    throw unreadable(error);
  }
}

async function versionOf(store: ReportStore, key: string, name: string): Promise<VersionedObject | null> {
  try {
    return await store.getVersioned(key);
  } catch (error) {
    if (!(error instanceof AuditorError)) throw error;
    throw new ReadError(
      'server-error',
      `The recorded state of cluster ${name} cannot be read: ${error.message}`,
      'Fix this and run again; until then it is not known which of its findings are new, fixed or gone.',
      error,
    );
  }
}

async function* findingsIn(
  bytes: Uint8Array,
  expected: number | null,
  unreadable: (error: unknown) => ReadError,
): AsyncGenerator<Finding> {
  try {
    yield* stateFindings(bytes, expected);
  } catch (error) {
    throw unreadable(error);
  }
}

function notUnderstood(error: unknown, location: string, name: string): ReadError {
  if (error instanceof LaterFormat) {
    return new ReadError(
      'malformed-object',
      `The state of cluster ${name} in ${location} was written by a later version of the program (format ${error.format}, this one reads up to ${LATEST_READ}).`,
      'Update this program, or delete the object to start over, with every finding counted as new.',
    );
  }
  return new ReadError(
    'malformed-object',
    `The state of cluster ${name} in ${location} cannot be read: ${reason(error)}.`,
    'Restore an earlier version of the object, or delete it to start over, with every finding counted as new.',
    error,
  );
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Replaces the state that `expected` was read from (`null`: there was none). One that is the same already is
 * left alone.
 * @returns whether it was still that one; if not, nothing was stored
 */
export async function writeState(
  store: ReportStore,
  state: ClusterState,
  { key, expected }: { readonly key: string; readonly expected: StateVersion | null },
): Promise<boolean> {
  const bytes = stateBytes(state);
  if (expected !== null && sha256Of(bytes) === expected.sha256) return true;
  const written = await store.putIf(key, [bytes], {
    contentType: 'application/gzip',
    expected: expected?.version ?? null,
  });
  return written !== null;
}
