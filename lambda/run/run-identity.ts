import * as z from 'zod';
import type { Config } from '../config/config.ts';
import { configHash } from '../config/hash.ts';
import { clusterKey, runId } from '../findings/identity.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import type { RunKey } from '../store/layout.ts';

/** Which run this is, before anything of it is known. */
export type RunIdentity = RunKey;

/** As events and objects of a fleet hand it on. */
export const RUN_IDENTITY = z.object({ id: z.string().min(1), startedAt: z.iso.datetime() });

/**
 * A run that somebody starts: its own each time, unless time, configuration and targets are the same.
 *
 * @param now Epoch milliseconds.
 */
export function manualRun(now: number, config: Config, targets: readonly ClusterIdentity[]): RunIdentity {
  return identity(now, JSON.stringify([configHash(config), targets.map(clusterKey).sort()]));
}

/**
 * A run of the schedule: the same however often, and whenever, its event is delivered. Targets are no part of
 * it, since a cluster may come or go between two deliveries.
 *
 * @param scheduledTime Epoch milliseconds.
 */
export function scheduledRun(scheduledTime: number, config: Config): RunIdentity {
  return identity(scheduledTime, JSON.stringify([configHash(config), 'schedule']));
}

const identity = (time: number, seed: string): RunIdentity => ({
  id: runId(time, seed),
  startedAt: new Date(time).toISOString(),
});
