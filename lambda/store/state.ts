import * as z from 'zod';
import { AuditorError, ReadError } from '../errors.ts';
import { type Finding, SEVERITIES } from '../findings/model.ts';
import { shareParts } from '../findings/share-parts.ts';
import type { ClusterIdentity } from '../inventory/model.ts';
import { stateKey } from '../report/layout.ts';
import { sha256Of } from '../report/manifest.ts';
import { jsonLine } from '../report/rows.ts';
import { findingMembers } from './finding-members.ts';
import { gunzipLines, gzipLines } from './gzip.ts';
import type { ReportStore, VersionedObject } from './store.ts';

/**
 * Of the format below. A state of an earlier version is read all the same: version 1 did not say how many
 * rows follow. One of a later version belongs to a later program, and is neither read nor overwritten.
 */
const STATE_VERSION = 2;

const text = z.string();
const identity = z.object({
  name: text,
  arn: text.nullable(),
  accountId: text.nullable().default(null),
  region: text.nullable().default(null),
});

const HEADER = z.object({
  stateVersion: z.number().int().min(1),
  run: text,
  cluster: identity,
  /** How many rows follow. */
  findings: z.number().int().nonnegative().optional(),
});

/** What comparison, exemptions and reports take for granted; a row may hold more. */
const ROW = z.looseObject({
  id: text,
  check: text,
  status: z.enum(['new', 'open', 'exempt']),
  severity: z.enum(SEVERITIES),
  cluster: identity,
  workload: z.object({ namespace: text, kind: text, name: text }),
  container: text.nullable(),
  pods: z.object({ count: z.number(), examples: z.array(text), oldestStartedAt: text.nullable() }),
  evidence: z.looseObject({}),
  message: text,
  remediation: text,
  controls: z.array(text),
  firstSeen: text,
  lastSeen: text,
});

/** What a run left behind of a cluster. */
export interface ClusterState {
  readonly cluster: ClusterIdentity;
  /** The run that wrote it. Ids sort by time. */
  readonly run: string;
  /** The findings that were not resolved. */
  readonly findings: readonly Finding[];
}

export interface StoredState extends ClusterState {
  /** SHA-256 of the stored bytes: which state this is. */
  readonly sha256: string;
  /** For replacing it. */
  readonly version: string;
}

/**
 * What the last run left behind of a cluster; `null` when there is no state yet.
 *
 * @throws ReadError when there is one that cannot be understood, or that cannot be read: without it
 * everything would look new.
 */
export function readState(store: ReportStore, cluster: ClusterIdentity): Promise<StoredState | null> {
  return readStateAt(store, stateKey(cluster), cluster.name);
}

/** As {@link readState}, by its key. */
export async function readStateAt(
  store: ReportStore,
  key: string,
  name: string = key,
): Promise<StoredState | null> {
  let stored: VersionedObject | null;
  try {
    stored = await store.getVersioned(key);
  } catch (error) {
    if (!(error instanceof AuditorError)) throw error;
    throw new ReadError(
      'server-error',
      `What was known of cluster ${name} cannot be read: ${error.message}`,
      'Mend that and run again; until then nobody knows which of its findings are new or resolved.',
      error,
    );
  }
  if (stored === null) return null;
  try {
    const { bytes, version } = stored;
    return { ...(await parseState(bytes)), sha256: sha256Of(bytes), version };
  } catch (error) {
    if (error instanceof LaterFormat) {
      throw new ReadError(
        'malformed-object',
        `The state of cluster ${name} in ${store.location(key)} was written by a later version of the program (format ${error.format}, this one reads up to ${STATE_VERSION}).`,
        'Update this program, or delete the object to begin anew, with every finding counted as new.',
      );
    }
    throw new ReadError(
      'malformed-object',
      `The state of cluster ${name} in ${store.location(key)} cannot be read: ${reason(error)}.`,
      'Restore an earlier version of the object, or delete it to begin anew, with every finding counted as new.',
      error,
    );
  }
}

class LaterFormat extends Error {
  readonly format: number;

  constructor(format: number) {
    super('it is of a later version of the program');
    this.format = format;
  }
}

async function parseState(bytes: Uint8Array): Promise<ClusterState> {
  const lines = gunzipLines(bytes);
  const first = await lines.next();
  const { stateVersion, ...header } = HEADER.parse(JSON.parse(first.done ? '' : first.value));
  if (stateVersion > STATE_VERSION) {
    throw new LaterFormat(stateVersion);
  }
  const findings: Finding[] = [];
  const shared = shareParts();
  for await (const row of lines) findings.push(shared(toFinding(ROW.parse(JSON.parse(row)))));
  if (header.findings !== undefined && header.findings !== findings.length) {
    throw new Error(`it has ${findings.length} findings of ${header.findings}`);
  }
  return { cluster: header.cluster, run: header.run, findings };
}

/** Evidence and exemption are passed on as they are; both are decided anew where the finding stands. */
const toFinding = (row: z.infer<typeof ROW>): Finding => ({ exemption: null, ...row }) as Finding;

function reason(error: unknown): string {
  if (error instanceof z.ZodError) {
    const [issue] = error.issues;
    return `${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'not understood'}`;
  }
  return error instanceof Error ? error.message : String(error);
}

/** The bytes of a state: a header line, then a line for each finding that is not resolved, compressed. */
function stateBytes({ run, cluster, findings }: ClusterState): Uint8Array {
  const open = findings.filter(({ status }) => status !== 'resolved');
  // The findings themselves, if they are all: their lines have been made.
  const rows = open.length === findings.length ? findings : open;
  const header = jsonLine({ stateVersion: STATE_VERSION, run, cluster, findings: rows.length });
  return Buffer.concat([...gzipLines([`${header}\n`, findingMembers(rows)])]);
}

/**
 * Replaces the state that `expected` was read from (`null`: there was none). One that is the same already is
 * left alone.
 * @returns whether it was still that one; if not, nothing was stored
 */
export async function writeState(
  store: ReportStore,
  state: ClusterState,
  expected: Pick<StoredState, 'version' | 'sha256'> | null,
): Promise<boolean> {
  const bytes = stateBytes(state);
  if (expected !== null && sha256Of(bytes) === expected.sha256) return true;
  const written = await store.putIf(stateKey(state.cluster), [bytes], {
    contentType: 'application/gzip',
    expected: expected?.version ?? null,
  });
  return written !== null;
}
