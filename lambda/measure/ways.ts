import type { KubeApi, KubeRequest } from '../connect/kube/kube-api.ts';
import { NO_ADDRESS, proxyStatusError } from '../connect/kube/kubelet-errors.ts';
import { type Kubelets, STATS_PATH } from '../connect/kube/kubelets.ts';
import type { MeasurableNode } from '../inventory/measurable-node.ts';

/**
 * Answers {@link statsPath} of each node, and throws a ReadError for anything but an answer of 200. Both ways are asked for
 * the same paths, so that a written snapshot answers as either.
 */
export type StatsWay = (server: KubeApi, nodes: readonly MeasurableNode[]) => StatsApi;

export interface StatsApi extends KubeApi {
  /** How many nodes are asked at the same time. */
  readonly atOnce: number;
}

/** Of the API server's proxy. */
export const statsPath = (node: string): string =>
  `/api/v1/nodes/${encodeURIComponent(node)}/proxy${STATS_PATH}`;

/** Each kubelet at the address of its node. */
export function directly(kubelets: Kubelets): StatsWay {
  return (server, nodes) => {
    const byPath = new Map(nodes.map((node) => [statsPath(node.name), node]));
    return {
      ...server,
      atOnce: 64,
      request({ path, signal }: KubeRequest) {
        const node = byPath.get(path);
        return node === undefined ? Promise.reject(NO_ADDRESS) : kubelets.summary(node, signal);
      },
    };
  };
}

/** Its connections to the API server are four; requests that wait for one would run out of their time. */
export const throughApiServer: StatsWay = (server) => ({
  ...server,
  atOnce: 4,
  async request(request) {
    const response = await server.request(request);
    if (response.status !== 200) throw proxyStatusError(response);
    return response;
  },
});

/** What a written snapshot holds, which is an answer of 200 or why there was none. */
export const asWritten: StatsWay = (server) => ({ ...server, atOnce: 1 });
