import * as z from 'zod';
import { AuditorError } from '../errors.ts';
import { HOUR } from '../inventory/durations.ts';
import { jsonLine } from '../report/rows.ts';
import { isDone } from '../run/notify-run.ts';
import { FLEET_LOCK } from '../store/layout.ts';
import type { ReportStore } from '../store/store.ts';

/** Stands for an execution whose name is not known: that of a state machine which an earlier version deployed. */
const UNNAMED = '';

const LOCK = z
  .object({
    lockVersion: z.literal(1),
    run: z.string().min(1).nullable(),
    until: z.iso.datetime(),
    /** Executions that are at the run, each with the time at which it is over at the latest. */
    executions: z.record(z.string(), z.iso.datetime()).optional(),
  })
  .transform(({ run, until, executions }) => ({
    run,
    until,
    executions: new Map(Object.entries(executions ?? (run === null ? {} : { [UNNAMED]: until }))),
  }));

type Lock = z.infer<typeof LOCK>;

/** Who takes or gives back a lock. */
export interface LockHolder {
  readonly run: string;
  /** Name of the execution of the state machine. @defaultValue not known */
  readonly execution?: string | undefined;
}

/** As long as an execution of the state machine may take; what ended without a word holds the lock no longer. */
const LOCK_HOURS = 20;

const JSON_TYPE = { contentType: 'application/json' };
const ATTEMPTS = 5;

/**
 * Takes the lock of the store for a run of a fleet: two at once would compare with the same past, and notify twice.
 * Executions of the same run hold it together, since an event may be delivered twice and a run that was stopped is gone
 * on with by starting it again. It is free when that run is complete, all of them have given it back, or their time is
 * over.
 *
 * @param now Epoch milliseconds.
 * @throws AuditorError while another run holds it
 */
export async function lockFleet(store: ReportStore, holder: LockHolder, now: number): Promise<void> {
  const { run, execution = UNNAMED } = holder;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const found = await store.getVersioned(FLEET_LOCK);
    const lock = found === null ? null : parsed(found.bytes);
    const together = lock?.run === run;
    if (together && lock.executions.has(execution)) return;
    if (lock !== null && !together && (await isHeld(store, lock, { execution, now }))) {
      throw new AuditorError(
        `The run ${lock.run} of this fleet is not over, so the run ${run} was not begun; it holds ${store.location(FLEET_LOCK)} until ${lock.until} at most. Give the fleet more time between its runs, or delete the object if no execution of the state machine is running.`,
      );
    }
    const until = new Date(now + LOCK_HOURS * HOUR).toISOString();
    const executions = new Map([...(together ? lock.executions : []), [execution, until] as const]);
    if (await replace(store, { run, until, executions }, found?.version ?? null)) return;
  }
  throw new AuditorError(
    `Other runs kept changing ${store.location(FLEET_LOCK)}; run again when fewer of them run at once.`,
  );
}

/** By another execution: one that is begun again after its configuration changed is another run, and meets itself. */
async function isHeld(
  store: ReportStore,
  lock: Lock,
  { execution, now }: { readonly execution: string; readonly now: number },
): Promise<boolean> {
  if (lock.run === null || now >= Date.parse(lock.until)) return false;
  const others = [...lock.executions.keys()].filter((one) => one === UNNAMED || one !== execution);
  return others.length > 0 && !(await isDone(store, lock.run));
}

/** Gives the lock back, unless another execution holds it, too, or another run has taken it since. */
export async function unlockFleet(store: ReportStore, holder: LockHolder, now: number): Promise<void> {
  const { run, execution = UNNAMED } = holder;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const found = await store.getVersioned(FLEET_LOCK);
    const lock = found === null ? null : parsed(found.bytes);
    const isOwn = execution !== UNNAMED || lock?.run === run;
    if (found === null || lock === null || !isOwn || !lock.executions.has(execution)) return;
    const executions = new Map(lock.executions);
    executions.delete(execution);
    const untils = [...executions.values()].toSorted();
    const left = { run: executions.size === 0 ? null : lock.run, executions };
    const until = untils.at(-1) ?? new Date(now).toISOString();
    if (await replace(store, { ...left, until }, found.version)) return;
  }
}

/** @returns whether it was still the version that was read */
async function replace(
  store: ReportStore,
  { run, until, executions }: Lock,
  expected: string | null,
): Promise<boolean> {
  const content = { lockVersion: 1, run, until, executions: Object.fromEntries(executions) };
  const chunks = [Buffer.from(`${jsonLine(content)}\n`)];
  return (await store.putIf(FLEET_LOCK, chunks, { ...JSON_TYPE, expected })) !== null;
}

/** What cannot be understood is held by nobody. */
function parsed(bytes: Uint8Array): Lock | null {
  try {
    return LOCK.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    return null;
  }
}
