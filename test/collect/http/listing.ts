import { afterEach, expect } from '@jest/globals';
import { type ListHandlers, type ListRequest, listAll } from '../../../lambda/collect/http/list.ts';
import type { ListItem } from '../../../lambda/collect/http/list-page.ts';
import { type KubeApiLimits, openKubeApi } from '../../../lambda/connect/kube/kube-api.ts';
import type { Timing } from '../../../lambda/connect/timing.ts';
import { ReadError } from '../../../lambda/errors.ts';
import { type Fault, startFaultyServer } from '../../support/faulty-server.ts';
import type { ApiServerOptions } from '../../support/kube-server/api-server.ts';

export const PODS = '/api/v1/pods';

export function pods(count: number): readonly object[] {
  return Array.from({ length: count }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `pod-${String(index).padStart(4, '0')}`,
      namespace: `team-${index % 3}`,
      uid: `uid-${index}`,
    },
    spec: { nodeName: `node-${index}` },
  }));
}

/** Time that passes only when somebody sleeps. */
export function aClock(random = 0.5): Timing & { readonly slept: number[] } {
  const slept: number[] = [];
  let now = Date.parse('2026-03-01T12:00:00Z');
  return {
    slept,
    now: () => now,
    random: () => random,
    async sleep(ms) {
      slept.push(ms);
      now += ms;
    },
  };
}

const cleanups: (() => Promise<unknown>)[] = [];

/** Clients before servers. */
export async function closeAll(): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
}

afterEach(closeAll);

export type Plan = (index: number) => Fault | null;

export async function serve(
  plan: Plan,
  options: Partial<ApiServerOptions> = {},
  limits: Partial<KubeApiLimits> = {},
) {
  const server = await startFaultyServer({ objects: pods(10), ...options }, plan);
  const api = openKubeApi({
    server: server.url,
    credentials: async () => ({ headers: {}, tls: {} }),
    limits,
  });
  cleanups.push(
    () => server.close(),
    () => api.close(),
  );
  return { server, api };
}

/** Handlers as the collector has them: what was taken is forgotten at a restart. */
export function aShelf(): ListHandlers & { names: string[]; restarts: number } {
  return {
    names: [],
    restarts: 0,
    onPage(items: readonly ListItem[]) {
      this.names.push(...items.map((item) => (item['metadata'] as { name: string }).name));
    },
    onRestart() {
      this.names = [];
      this.restarts++;
    },
  };
}

export interface Outcome {
  readonly names: readonly string[];
  readonly restarts: number;
  readonly result: Awaited<ReturnType<typeof listAll>> | null;
  readonly error: ReadError | null;
  readonly queries: readonly string[];
  readonly slept: readonly number[];
}

export interface Setting {
  readonly options?: Partial<ApiServerOptions>;
  readonly limits?: Partial<KubeApiLimits>;
  readonly request?: Partial<ListRequest>;
}

export async function listUnder(plan: Plan, { options, limits, request }: Setting = {}): Promise<Outcome> {
  const { server, api } = await serve(plan, options, limits);
  const shelf = aShelf();
  const clock = aClock();
  let result: Outcome['result'] = null;
  let error: ReadError | null = null;
  try {
    result = await listAll(api, { path: PODS, kind: 'Pod', limit: 4, ...request }, shelf, clock);
  } catch (thrown) {
    if (!(thrown instanceof ReadError)) throw thrown;
    expect(thrown.message).toMatch(/^[^\n]+\.$/);
    expect(thrown.remedy).toMatch(/^[^\n]+\.$/);
    error = thrown;
  }
  const { names, restarts } = shelf;
  return {
    names,
    restarts,
    result,
    error,
    queries: server.requests.map(({ url }) => url ?? ''),
    slept: clock.slept,
  };
}

export const none: Plan = () => null;
export const only =
  (at: number, fault: Fault): Plan =>
  (index) =>
    index === at ? fault : null;
