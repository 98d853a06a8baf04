import * as z from 'zod';
import type { Config } from '../config/config.ts';
import { UsageError } from '../errors.ts';
import { DAY } from '../inventory/durations.ts';
import type { RunStart } from '../run/run-context.ts';
import { manualRun, type RunIdentity, scheduledRun } from '../run/run-identity.ts';

const instant = z.iso.datetime({ offset: true });

/**
 * What starts a run. `scheduledTime` is filled in by EventBridge Scheduler (`<aws.scheduler.scheduled-time>`,
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html); `time` is that
 * of an event of an EventBridge rule, or of the command that the stack puts out. Without either somebody starts it by
 * hand, with an empty event: whatever else an event holds, it is one of another service.
 */
export const SCHEDULE_EVENT = z
  .looseObject({
    scheduledTime: instant.optional(),
    time: instant.optional(),
    source: z.unknown().optional(),
  })
  .refine(
    (event) => Object.keys(event).length === 0 || (event.scheduledTime ?? event.time) !== undefined,
    'has no time and is not empty, so it is not meant to start a run',
  )
  .transform(({ scheduledTime, time, source }) => ({ scheduledTime, time, ofRule: source === EVENTS }));

/** What to send where something else was sent. */
export const SEND_TIME = 'send {"time": "2026-11-21T06:00:00Z"} with the current time, or {}';

/** https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-scheduler.html: a rule with a schedule. */
const EVENTS = 'aws.events';

export type ScheduleEvent = Readonly<z.infer<typeof SCHEDULE_EVENT>>;

export interface StartedRun {
  readonly run: RunIdentity;
  /** The event may come again, with the same meaning. */
  readonly once: boolean;
  readonly start: RunStart;
}

/**
 * @param now Epoch milliseconds.
 * @throws UsageError for a time that has not come yet: the run would count as the latest one until then
 */
export function startedBy(
  { scheduledTime, time: sent, ofRule }: ScheduleEvent,
  config: Config,
  now: number,
): StartedRun {
  const at = scheduledTime ?? sent;
  if (at === undefined) return { run: manualRun(now, config, []), once: false, start: 'manual' };
  const time = Date.parse(at);
  if (time - now > DAY) {
    throw new UsageError(
      `The event is for ${at}, which is more than a day from now (${new Date(now).toISOString()}); send the time for which the run was scheduled.`,
    );
  }
  const start = scheduledTime !== undefined || ofRule ? 'scheduled' : 'manual';
  return { run: scheduledRun(time, config), once: true, start };
}
