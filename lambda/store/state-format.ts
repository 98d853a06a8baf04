import * as z from 'zod';
import { CAUSE_KINDS } from '../findings/cause.ts';
import type { Finding } from '../findings/finding.ts';
import type { RecordedCoverage } from '../findings/former-coverage.ts';
import { isClosed } from '../findings/identity.ts';
import { GAP_CLASSES } from '../findings/not-evaluated.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import { parsed } from '../parsed-problem.ts';
import { jsonLine } from '../report/rows.ts';
import { SEVERITIES } from '../severity.ts';
import { findingMembers } from './finding-members.ts';
import { gunzipLines, gzipLines } from './gzip.ts';

/** What a run left behind of a cluster. */
export interface ClusterState {
  readonly cluster: ClusterIdentity;
  /** The run that wrote it. Ids sort by time. */
  readonly run: string;
  /** The findings that were not closed. */
  readonly findings: readonly Finding[];
  /** Findings that nobody asks for any more, so that they are as old as they were when somebody does. */
  readonly withdrawn?: readonly WithdrawnFinding[];
  /** The configuration of the run, with the version of the program whose configuration it is. */
  readonly config?: RecordedConfig;
  /** What the run could decide; absent in states of earlier versions. */
  readonly coverage?: RecordedCoverage;
}

/** What a state says before its findings. */
export interface StateHeader extends Omit<ClusterState, 'findings'> {
  /** How many findings it holds; `null` when it does not say. */
  readonly count: number | null;
}

export type WithdrawnFinding = Pick<Finding, 'id' | 'firstSeen' | 'lastSeen'>;

export interface RecordedConfig {
  readonly version: string;
  readonly effective: object;
}

/**
 * Of the format below. A state of an earlier version is read all the same: version 1 did not say how many
 * rows follow. Version 3 is read already and not yet written, so that the release that writes it can be rolled back
 * to this one (docs/decisions/0012). One of a later version belongs to a later program, and is neither read nor
 * overwritten.
 */
const STATE_VERSION = 2;
export const LATEST_READ = 3;

const text = z.string();
const identity = z.object({
  name: text,
  arn: text.nullable(),
  accountId: text.nullable().default(null),
  region: text.nullable().default(null),
  uid: text.nullish(),
});

/** Of the cluster as a whole, also what tells it from others of its name. */
const wholeIdentity = identity.extend({ createdAt: text.nullish(), incarnation: text.nullish() });

const HEADER = z.object({
  stateVersion: z.number().int().min(1),
  run: text,
  cluster: wholeIdentity,
  /** How many rows follow. */
  findings: z.number().int().nonnegative().optional(),
  /** Id, first seen, last seen; versions before this one pass over these members. */
  withdrawn: z.array(z.tuple([text, text, text])).optional(),
  config: z.object({ version: text, effective: z.looseObject({}) }).optional(),
  coverage: z
    .object({
      checks: z.array(text),
      seen: text,
      gaps: z.array(
        z.object({ checks: z.array(text), since: text, gap: z.enum(GAP_CLASSES), scopes: text.nullable() }),
      ),
      blocked: z.array(text).optional(),
    })
    .optional(),
});

/** Rows of earlier versions have none; one that is not understood is none. */
const CAUSE = z
  .object({
    id: text,
    kind: z.enum(CAUSE_KINDS),
    object: z.object({ kind: text, namespace: text.nullable(), name: text, part: text.nullable() }),
    content: text.optional(),
    rules: z.array(text).optional(),
  })
  .nullish()
  .catch(null);

/** What comparison, exemptions and reports take for granted; a row may hold more. */
const ROW = z.looseObject({
  id: text,
  check: text,
  status: z.enum(['new', 'open', 'exempt']),
  severity: z.enum(SEVERITIES),
  cluster: identity,
  workload: z.object({ namespace: text, kind: text, name: text }),
  owner: text.nullish(),
  managedBy: text.nullish(),
  container: text.nullable(),
  pods: z.object({ count: z.number(), examples: z.array(text), oldestStartedAt: text.nullable() }),
  evidence: z.looseObject({}),
  message: text,
  impliedBy: text.nullable().optional(),
  cause: CAUSE,
  remainsBy: CAUSE,
  remediation: text,
  controls: z.array(text),
  firstSeen: text,
  lastSeen: text,
  origin: z.object({ file: text, line: z.number() }).nullish(),
});

/** What a state says of itself, before its findings. @throws Error when it is none, {@link LaterFormat} */
export async function stateHeader(bytes: Uint8Array): Promise<StateHeader> {
  const lines = gunzipLines(bytes);
  const first = await lines.next();
  await lines.return(undefined);
  const header = parsed(HEADER, JSON.parse(first.done ? '' : first.value));
  if (header.stateVersion > LATEST_READ) throw new LaterFormat(header.stateVersion);
  const { findings: count = null, run, cluster, ...remembered } = header;
  return { run, cluster: knownOf(cluster), ...rememberedOf(remembered), count };
}

function rememberedOf({
  withdrawn = [],
  config,
  coverage,
}: Pick<z.infer<typeof HEADER>, 'withdrawn' | 'config' | 'coverage'>): Pick<
  ClusterState,
  'withdrawn' | 'config' | 'coverage'
> {
  return {
    withdrawn: withdrawn.map(([id, firstSeen, lastSeen]) => ({ id, firstSeen, lastSeen })),
    ...(config === undefined ? {} : { config }),
    ...(coverage === undefined ? {} : { coverage }),
  };
}

/** Without what is not known. */
function knownOf({
  uid,
  createdAt,
  incarnation,
  ...cluster
}: z.infer<typeof wholeIdentity>): ClusterIdentity {
  return {
    ...cluster,
    ...(uid ? { uid } : {}),
    ...(createdAt ? { createdAt } : {}),
    ...(incarnation ? { incarnation } : {}),
  };
}

/** The findings of a state. @throws Error when one is none, or when they are not as many as expected */
export async function* stateFindings(bytes: Uint8Array, expected: number | null): AsyncGenerator<Finding> {
  let lines = 0;
  for await (const line of gunzipLines(bytes)) {
    if (lines++ > 0) yield toFinding(parsed(ROW, JSON.parse(line)));
  }
  if (expected !== null && lines - 1 !== expected) {
    throw new Error(`it has ${lines - 1} findings of ${expected}`);
  }
}

/** Of a state that a later version of the program wrote. */
export class LaterFormat extends Error {
  readonly format: number;

  constructor(format: number) {
    super('it is of a later version of the program');
    this.format = format;
  }
}

/** Evidence and exemption are passed on as they are; both are decided again where the finding stands. */
const toFinding = (row: z.infer<typeof ROW>): Finding => ({ exemption: null, ...row }) as Finding;

/** The bytes of a state: a header line, then a line for each finding that is not closed, compressed. */
export function stateBytes(state: ClusterState): Uint8Array {
  const { run, cluster, findings, withdrawn = [], config, coverage } = state;
  const open = findings.filter((row) => !isClosed(row));
  // The findings themselves, if they are all: their lines have been made.
  const rows = open.length === findings.length ? findings : open;
  const header = jsonLine({
    stateVersion: STATE_VERSION,
    run,
    cluster,
    findings: rows.length,
    ...(withdrawn.length === 0
      ? {}
      : { withdrawn: withdrawn.map(({ id, firstSeen, lastSeen }) => [id, firstSeen, lastSeen]) }),
    ...(config === undefined ? {} : { config }),
    ...(coverage === undefined ? {} : { coverage }),
  });
  return Buffer.concat([...gzipLines([`${header}\n`, findingMembers(rows)])]);
}
