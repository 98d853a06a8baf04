import { setTimeout as delay } from 'node:timers/promises';
import {
  type EventBridgeClient,
  PutEventsCommand,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import { AuditorError } from '../errors.ts';
import { isNews } from '../findings/changed.ts';
import type { Finding } from '../findings/finding.ts';
import { isClosed } from '../findings/identity.ts';
import { findingRow, jsonLine, runRow } from '../report/rows.ts';
import { summarize } from '../report/summary.ts';
import { isAtLeast, type Severity } from '../severity.ts';
import { batches, type Refused, type SendBatch, sendWithRetries } from './batches.ts';
import type { Notice, Notifier } from './notifier.ts';

export interface EventBusOptions {
  readonly client: EventBridgeClient;
  /** Name or ARN. */
  readonly eventBus: string;
  /** Changes of findings below it are not sent. */
  readonly minSeverity: Severity;
  /** What is sent: of a fleet, findings follow when their cluster's turn comes. @defaultValue all */
  readonly only?: 'findings' | 'run' | undefined;
  /** Waits between attempts; milliseconds. */
  readonly sleep?: (ms: number) => Promise<unknown>;
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html */
const LIMITS = { items: 10, bytes: 256 * 1024 };
const ATTEMPTS = 4;

const SOURCE = 'eks-drift-auditor';
/** A finding that is new, fixed, gone or withdrawn. */
const FINDING = 'EKS Drift Finding Changed';
/** One a run, after those of its findings. */
const RUN = 'EKS Drift Audit Finished';

/** Codes of PutEvents that no further attempt changes. */
const FINAL = new Set([
  'InvalidArgument',
  'MalformedDetail',
  'NotAuthorizedForSourceException',
  'NotAuthorizedForDetailTypeException',
  'AccessDeniedException',
]);

/** Puts an event for each finding that is new or resolved, and one for the run. Needs `events:PutEvents`. */
export function eventBusNotifier({
  client,
  eventBus,
  minSeverity,
  only,
  sleep = delay,
}: EventBusOptions): Notifier {
  return {
    name: 'event-bridge',
    async notify(notice, signal) {
      const lost: Refused<PutEventsRequestEntry>[] = [];
      let count = 0;
      try {
        for (const batch of batches(eventsOf(notice, { eventBus, minSeverity, only }), sizeOf, LIMITS)) {
          signal?.throwIfAborted();
          count += batch.length;
          lost.push(...(await sendWithRetries(batch, putting(client), { attempts: ATTEMPTS, sleep })));
        }
      } catch (error) {
        const { name = 'unknown error', message = '' } = (error ?? {}) as { name?: string; message?: string };
        throw new AuditorError(
          `Events could not be put on the bus ${eventBus} (${name}: ${message}); check its name and allow events:PutEvents.`,
        );
      }
      const [first] = lost;
      if (first === undefined) return;
      throw new AuditorError(
        `The event bus ${eventBus} did not accept ${lost.length} of ${count} events (${first.reason}).`,
      );
    },
  };
}

function* eventsOf(
  notice: Notice,
  { eventBus, minSeverity, only }: Pick<EventBusOptions, 'eventBus' | 'minSeverity' | 'only'>,
): Generator<PutEventsRequestEntry> {
  const { run, digest, location, firstRun, now, anchor } = notice;
  const common = { EventBusName: eventBus, Source: SOURCE, Time: new Date(now) };
  const { id } = run.run;
  for (const { cluster, findings } of only === 'run' ? [] : run.clusters) {
    const Resources = cluster.arn === null ? [] : [cluster.arn];
    for (const finding of findings) {
      const changed = isNews(finding) || isClosed(finding);
      if (!changed || !isAtLeast(finding.severity, minSeverity)) continue;
      yield { ...common, DetailType: FINDING, Resources, Detail: findingDetail(id, finding) };
    }
  }
  if (only === 'findings') return;
  const detail = {
    run: runRow(run),
    firstRun,
    ...digest.attributes,
    summary: summarize(run),
    location,
    manifest: anchor,
  };
  yield {
    ...common,
    DetailType: RUN,
    Detail: fitting(detail, { ...detail, clusters: [], owners: [], shortened: true }),
  };
}

/** Evidence can be long; the report has it. */
function findingDetail(run: string, finding: Finding): string {
  const row = findingRow(finding);
  return fitting({ run, finding: row }, { run, finding: { ...row, evidence: {} }, shortened: true });
}

/** Leaves room for the other fields of the entry. */
const LONGEST_DETAIL = LIMITS.bytes - 4096;

function fitting(detail: object, shorter: object): string {
  const text = jsonLine(detail);
  return Buffer.byteLength(text) <= LONGEST_DETAIL ? text : jsonLine(shorter);
}

/** As EventBridge counts (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html). */
function sizeOf({
  Detail = '',
  DetailType = '',
  Source = '',
  Resources = [],
}: PutEventsRequestEntry): number {
  return (
    14 + [Detail, DetailType, Source, ...Resources].reduce((sum, part) => sum + Buffer.byteLength(part), 0)
  );
}

function putting(client: EventBridgeClient): SendBatch<PutEventsRequestEntry> {
  return async (batch) => {
    const { Entries = [] } = await client.send(new PutEventsCommand({ Entries: [...batch] }));
    return Entries.flatMap(({ ErrorCode, ErrorMessage = '' }, index) => {
      const item = batch[index];
      if (ErrorCode === undefined || item === undefined) return [];
      return [{ item, reason: `${ErrorCode}: ${ErrorMessage}`, final: FINAL.has(ErrorCode) }];
    });
  };
}
