import { setTimeout as sleep } from 'node:timers/promises';
import { MEASURE_GROUP } from '../environment/cluster.ts';
import type { Environment } from '../environment/environment.ts';
import { REAL_NAMESPACE, RUNNING_CONTAINERS, realPods } from '../seed/real-pods.ts';
import { seed } from '../seed/seed.ts';
import { grantGroup } from './access.ts';
import { eksToken } from './eks-token.ts';
import { askKubelet, type KubeletTarget } from './kubelet-request.ts';
import { rootfsOf, type Summary } from './summary.ts';

const SUMMARY = '/stats/summary';
/** Against waiting for ever; on a busy machine pods take a minute. */
const SETTLED_WITHIN = 180_000;
/** Access entries take about ten seconds to be known to all, rights one or two; longer on a busy machine. */
const ANSWER_WITHIN = 120_000;
const POLL_EVERY = 200;

/** What the tests ask a real node, with the token of the role that measures. */
export interface NodeClient {
  readonly target: KubeletTarget;
  readonly token: string;
  /** Grants the group of that role to get these subresources of nodes, and no others. */
  grant(...subresources: readonly string[]): Promise<void>;
  /** The body, once the kubelet answers with this status: it remembers for a second what was allowed. */
  answerOnce(path: string, status: number): Promise<string>;
  summary(): Promise<Summary>;
  /** The first summary that is as wanted. */
  summaryThat(isWanted: (summary: Summary) => boolean): Promise<Summary>;
}

export async function openNodeClient(environment: Environment): Promise<NodeClient> {
  const { aws, cluster, realNode, measureCredentials } = environment;
  const target = { port: realNode?.port ?? 0, ca: cluster.ca };
  const token = await eksToken({
    credentials: measureCredentials,
    region: aws.region,
    cluster: cluster.name,
  });
  const answerOnce = async (path: string, expected: number): Promise<string> => {
    for (let attempt = 0; attempt < ANSWER_WITHIN / POLL_EVERY; attempt++) {
      const { status, body } = await askKubelet(target, { path, token });
      if (status === expected) {
        return body;
      }
      await sleep(POLL_EVERY);
    }
    throw new Error(`The kubelet never answered ${expected} to ${path}.`);
  };
  const summary = async (): Promise<Summary> => JSON.parse(await answerOnce(SUMMARY, 200));
  return {
    target,
    token,
    grant: async (...subresources) => {
      const rules = subresources.map((name) => ({ group: '', resource: `nodes/${name}`, verbs: ['get'] }));
      await grantGroup(cluster, MEASURE_GROUP, rules);
    },
    answerOnce,
    summary,
    summaryThat: async (isWanted) => {
      const deadline = Date.now() + SETTLED_WITHIN;
      for (;;) {
        const answer = await summary();
        if (isWanted(answer)) {
          return answer;
        }
        if (Date.now() > deadline) {
          throw new Error(`The node does not settle: ${JSON.stringify(readingsIn(answer))}`);
        }
        await sleep(POLL_EVERY);
      }
    },
  };
}

/** Starts the pods of the tests and waits until the API server shows them all at work, those from files too. */
export async function startRealPods({ cluster }: Environment): Promise<void> {
  for (const each of realPods()) {
    await seed(cluster.admin, each);
  }
  const deadline = Date.now() + SETTLED_WITHIN;
  for (;;) {
    const { body } = await cluster.admin.request('GET', `/api/v1/namespaces/${REAL_NAMESPACE}/pods`);
    const running = new Set(
      (body as PodList).items
        .filter((one) => one.status.phase === 'Running' && hasRestarted(one))
        .map(nameOf),
    );
    const missing = RUNNING_CONTAINERS.filter(({ pod }) => !running.has(pod));
    if (missing.length === 0) {
      return;
    }
    if (Date.now() > deadline) {
      throw new Error(`These pods do not run: ${missing.map(({ pod }) => pod).join(', ')}.`);
    }
    await sleep(POLL_EVERY);
  }
}

interface PodList {
  readonly items: ReadonlyArray<{
    readonly metadata: { readonly name: string };
    readonly status: {
      readonly phase: string;
      readonly containerStatuses?: ReadonlyArray<{ readonly restartCount: number }>;
    };
  }>;
}

const nameOf = ({ metadata }: PodList['items'][number]): string => metadata.name;

/** The one that crashes once must have done so: before, its layer is that of the container that will crash. */
const hasRestarted = ({ metadata, status }: PodList['items'][number]): boolean =>
  metadata.name !== 'restarts' || (status.containerStatuses?.[0]?.restartCount ?? 0) > 0;

/** Since when each of them was measured, for the answers that are asked for. */
let settledSince: number | null = null;

/** Longer than the second in which a start and a measurement cannot be told apart, and than two samples. */
const SETTLED_FOR = 6_000;

/** Whether every container that keeps running has been measured for some seconds. */
export function isSettled(summary: Summary): boolean {
  const isMeasured = RUNNING_CONTAINERS.every(
    ({ pod, container }) => (rootfsOf(summary, pod, container)?.inodesUsed ?? 0) > 0,
  );
  settledSince = isMeasured ? (settledSince ?? Date.now()) : null;
  return settledSince !== null && Date.now() - settledSince >= SETTLED_FOR;
}

/** Bytes and inodes of every container, for people. */
export function readingsIn({ pods }: Summary): Readonly<Record<string, string>> {
  return Object.fromEntries(
    pods.flatMap(({ podRef, containers = [] }) =>
      containers.map(({ name, rootfs }) => [
        `${podRef.name}/${name}`,
        `${rootfs?.usedBytes} B, ${rootfs?.inodesUsed} inodes`,
      ]),
    ),
  );
}
