import { auditCluster } from '../../lambda/audit/audit-cluster.ts';
import { collectCluster } from '../../lambda/collect/collect-cluster.ts';
import { defaultConfig } from '../../lambda/config/load.ts';
import { type KubeApi, openKubeApi } from '../../lambda/connect/kube/kube-api.ts';
import type { Timing } from '../../lambda/connect/timing.ts';
import type { ClusterResult } from '../../lambda/findings/run-result.ts';
import { encodePodList, type JsonObject, type ListMeta } from '../bench/encoding/encode.ts';
import { NOW } from '../support/builders.ts';
import type { ApiAnswer } from '../support/kube-server/api-answers.ts';
import { type ApiServer, send, startApiServer } from '../support/kube-server/api-server.ts';
import type { FaultCluster } from './cluster.ts';
import { type Exchange, formOf, type NamedFault } from './faults.ts';

/** Decides which fault the n-th request of a path meets (from 0), if any; `count` runs over all paths. */
export type Schedule = (asked: {
  readonly path: string;
  readonly index: number;
  readonly count: number;
}) => NamedFault | null;

export interface Outcome {
  readonly result: ClusterResult;
  /** Names of the faults that a request met. */
  readonly met: readonly string[];
  /** What was asked, in that order, and how often. */
  readonly paths: ReadonlyMap<string, number>;
}

/** One API server for many audits, each under its own schedule. */
export interface FaultBench {
  /** @param patienceMs real time after which a request that stalls is given up */
  audit(schedule: Schedule, patienceMs?: number): Promise<Outcome>;
  close(): Promise<void>;
}

const PROTOBUF = 'application/vnd.kubernetes.protobuf';
/** So that lists have several pages. */
const PAGE = 15;

/** Waits pass at once and only move the clock. */
function virtualClock(): Timing {
  let now = NOW;
  return {
    now: () => now,
    random: () => 0.5,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      now += ms;
    },
  };
}

export async function startFaultBench(cluster: FaultCluster): Promise<FaultBench> {
  let current = newRun(() => null);
  const server = await startApiServer({ objects: cluster.objects }, (request, response, answer) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const { index, count, first } = current.next(path, answer);
    const fault = current.schedule({ path, index, count });
    const exchange: Exchange = { request, response, path, answer, first };
    if (fault !== null && fits(fault, path) && fault.misbehave(exchange))
      current.met.push(`${fault.name} at ${path}`);
    else sendSound(exchange, cluster.protobuf);
  });
  return {
    async audit(schedule, patienceMs = 30_000) {
      const own = newRun(schedule);
      current = own;
      const api = slowlyPaged(server, patienceMs);
      try {
        const identity = { name: cluster.name, arn: null, accountId: null, region: null };
        const result = await auditCluster(
          {
            identity,
            collect: (hooks) => collectCluster(identity, api, { ...hooks, vpc: async () => cluster.vpc }),
          },
          { config: defaultConfig(), now: NOW },
        );
        return { result, met: own.met, paths: own.paths() };
      } finally {
        await api.close();
      }
    },
    close: () => server.close(),
  };
}

const fits = ({ form }: NamedFault, path: string): boolean => form === undefined || form === formOf(path);

function newRun(schedule: Schedule) {
  const seen = new Map<string, { count: number; readonly first: ApiAnswer }>();
  const met: string[] = [];
  let count = 0;
  return {
    schedule,
    met,
    paths: (): ReadonlyMap<string, number> => new Map([...seen].map(([path, asked]) => [path, asked.count])),
    next(path: string, answer: ApiAnswer) {
      const known = seen.get(path) ?? { count: 0, first: answer };
      seen.set(path, known);
      return { index: known.count++, count: count++, first: known.first };
    },
  };
}

function slowlyPaged({ url }: ApiServer, totalMs: number): KubeApi {
  const api = openKubeApi({
    server: url,
    credentials: async () => ({ headers: {}, tls: {} }),
    limits: { totalMs },
  });
  return {
    ...api,
    timing: virtualClock(),
    request: ({ query = {}, ...request }) => {
      const limit = query['limit'] === '500' ? { limit: String(PAGE) } : {};
      return api.request({ ...request, query: { ...query, ...limit } });
    },
  };
}

function sendSound({ request, response, answer }: Exchange, protobuf: boolean): void {
  const wanted = protobuf && answer.status === 200 && request.headers.accept?.startsWith(PROTOBUF);
  if (!wanted) {
    send(request, response, answer);
    return;
  }
  const { items, metadata } = JSON.parse(answer.body) as { items: JsonObject[]; metadata: ListMeta };
  const body = encodePodList(items, metadata);
  response.writeHead(200, { 'content-type': PROTOBUF, 'content-length': body.length });
  response.end(body);
}
