import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { Agent, request } from 'undici';
import { onLoopback } from '../../support/on-loopback.ts';
import type { TestCluster } from '../environment/cluster.ts';

/**
 * The load balancer in front of an API server: it passes requests and answers on as they are, and lets a
 * test act at a certain one. Behind it the real API server answers, or nobody does.
 */
export interface Gate {
  readonly url: string;
  /** Every request for pods so far, in order. */
  readonly pages: readonly Page[];
  /** Acts once, before the second page of the next list of pods is asked for. */
  atSecondPage(action: () => Promise<void>): void;
  /** Holds every later request back until then. */
  holdUntil(ready: Promise<void>): void;
  close(): Promise<void>;
}

export interface Page {
  readonly continued: boolean;
  /** `null` when nobody answered. */
  readonly status: number | null;
}

const PODS = '/api/v1/pods';

export async function openGate({ url, ca, certificates }: TestCluster): Promise<Gate> {
  const upstream = new Agent({ connect: { ca } });
  const pages: Page[] = [];
  let action: (() => Promise<void>) | undefined;
  let held: Promise<void> = Promise.resolve();

  const forward = async (incoming: IncomingMessage, response: ServerResponse): Promise<number> => {
    const { accept, authorization } = incoming.headers;
    const answer = await request(new URL(incoming.url ?? '/', url), {
      dispatcher: upstream,
      headers: {
        ...(accept !== undefined && { accept }),
        ...(authorization !== undefined && { authorization }),
      },
    });
    response.writeHead(answer.statusCode, answer.headers);
    await pipeline(answer.body, response);
    return answer.statusCode;
  };
  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(incoming.url ?? '/', url);
    const continued = searchParams.has('continue');
    const due = pathname === PODS && continued ? action : undefined;
    if (due !== undefined) action = undefined;
    await held;
    await due?.();
    const status = await forward(incoming, response).catch(() => null);
    if (pathname === PODS) pages.push({ continued, status });
    if (status === null) response.destroy();
  };

  const server = createServer(await certificates.pair('apiserver'), (incoming, response) => {
    handle(incoming, response).catch((error: unknown) => response.destroy(error as Error));
  });
  const { host, close } = await onLoopback(server);
  return {
    url: `https://${host}`,
    pages,
    atSecondPage: (next) => {
      action = next;
    },
    holdUntil: (ready) => {
      held = ready;
    },
    close: async () => {
      await close();
      await upstream.destroy();
    },
  };
}
