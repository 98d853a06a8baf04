import * as z from 'zod';
import { manualRun, type RunIdentity, scheduledRun } from '../audit/run-identity.ts';
import type { Config } from '../config/model.ts';

const instant = z.iso.datetime({ offset: true });

/**
 * What starts a run. `scheduledTime` is filled in by EventBridge Scheduler (`<aws.scheduler.scheduled-time>`,
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html); `time` is that
 * of an event of an EventBridge rule. Without either somebody starts it by hand.
 */
export const SCHEDULE_EVENT = z.object({ scheduledTime: instant.optional(), time: instant.optional() });

export type ScheduleEvent = Readonly<z.infer<typeof SCHEDULE_EVENT>>;

export interface StartedRun {
  readonly run: RunIdentity;
  /** The event may come again, with the same meaning. */
  readonly once: boolean;
}

/** @param now Epoch milliseconds. */
export function startedBy({ scheduledTime, time }: ScheduleEvent, config: Config, now: number): StartedRun {
  const at = scheduledTime ?? time;
  if (at === undefined) return { run: manualRun(now, config, []), once: false };
  return { run: scheduledRun(Date.parse(at), config), once: true };
}
