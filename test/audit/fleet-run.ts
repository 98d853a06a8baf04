import type { Config } from '../../lambda/config/config.ts';
import { configHash } from '../../lambda/config/hash.ts';
import type { ClusterTarget } from '../../lambda/discover/target.ts';
import type { ClusterResult } from '../../lambda/findings/run-result.ts';
import {
  endPlace,
  finishFleet,
  markJoined,
  PLACE_ITEM,
  placesKey,
  writePlaces,
} from '../../lambda/fleet/end-place.ts';
import { joinFleet } from '../../lambda/fleet/join.ts';
import type { FleetPlan } from '../../lambda/fleet/plan.ts';
import { storeResult } from '../../lambda/fleet/results.ts';
import { readParts, settleCluster } from '../../lambda/fleet/settle.ts';
import type { Notice, Notifier } from '../../lambda/notify/notifier.ts';
import { type CompletedRun, completeRun } from '../../lambda/run/complete-run.ts';
import type { RunIdentity } from '../../lambda/run/run-identity.ts';
import type { ReportStore } from '../../lambda/store/store.ts';
import { config as defaults } from './recording.ts';

export const identityOf = (name: string, accountId = '111122223333') => ({
  name,
  arn: `arn:aws:eks:eu-west-1:${accountId}:cluster/${name}`,
  accountId,
  region: 'eu-west-1',
});

export const targetOf = (name: string, accountId?: string): ClusterTarget => ({
  identity: identityOf(name, accountId),
  endpoint: `https://${name}.example.com`,
  certificateAuthority: 'LS0t',
  role: null,
  authenticationMode: 'API',
  access: { public: true, private: false, publicCidrs: [] },
  vpcId: null,
  facts: {
    version: '1.36',
    platformVersion: null,
    createdAt: null,
    ipFamily: 'ipv4',
    autoMode: null,
    vpcCni: null,
    fargateProfiles: null,
    unread: [],
  },
});

export interface FleetOptions {
  readonly store: ReportStore;
  readonly plan: FleetPlan;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly config?: Config;
}

export const planOf = (
  { id, startedAt }: RunIdentity,
  targets: readonly ClusterTarget[],
  rest: Partial<FleetPlan> = {},
): FleetPlan => ({
  run: { id, startedAt },
  config: configHash(defaults),
  shards: {},
  targets,
  gaps: [],
  excluded: [],
  ...rest,
});

/** What the function of one cluster does when it has read it. */
export async function auditOne(
  result: ClusterResult,
  { store, plan, now, config = defaults }: FleetOptions,
): Promise<void> {
  const { run } = plan;
  await storeResult(store, { run, shard: null }, { result, inventory: null, shortfalls: [] });
  const options = { store, run, config, now, clusters: plan.targets.length };
  await settleCluster(result.cluster, () => readParts(result.cluster, [null], options), options);
}

export interface EndOptions extends FleetOptions {
  readonly mails?: Notice[];
  readonly tell?: (notice: Notice) => Promise<void>;
  readonly attempt?: string;
  /** Targets beside the mail. */
  readonly others?: readonly Notifier[];
}

/** The state that sends the digest. */
export async function join(options: EndOptions): Promise<CompletedRun> {
  const { store, plan, now, config = defaults, mails = [], attempt = 'a' } = options;
  const tell = options.tell ?? (async (notice: Notice) => void mails.push(notice));
  const completed = await completeRun(() => joinFleet(plan, { store, config, now }), {
    store,
    run: plan.run,
    once: true,
    attempt,
    sleep: async () => {},
    notifiers: [{ name: 'sns', notify: tell }],
    isLast: false,
    onRecorded: (recorded) => writePlaces(store, recorded, []),
  });
  if (completed.outcome === 'done') await markJoined(store, plan.run.id);
  return completed;
}

/** The map that ends the run, one item after the other. */
export async function endPlaces({ store, plan, attempt = 'a', others = [] }: EndOptions): Promise<void> {
  const items = PLACE_ITEM.array().parse(
    JSON.parse(Buffer.from((await store.get(placesKey(plan.run.id))) ?? []).toString()),
  );
  for (const item of items) {
    await endPlace(item, { store, attempt, notifiers: others, sleep: async () => {} });
  }
}

/** From the results on. */
export async function runFleet(
  results: readonly ClusterResult[],
  options: EndOptions,
): Promise<CompletedRun> {
  for (const result of results) await auditOne(result, options);
  const completed = await join(options);
  await endPlaces(options);
  await finishFleet(options.store, options.plan.run.id);
  return completed;
}
