import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type ApiAnswer, failure } from './kube-server/api-answers.ts';
import { type ApiServer, type ApiServerOptions, send, startApiServer } from './kube-server/api-server.ts';

/** One way to misbehave in the place of a right answer. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: string }
  /** The continue token is no longer good. */
  | { readonly kind: 'gone' }
  /** The connection breaks before a byte is sent. */
  | { readonly kind: 'reset' }
  /** The connection breaks in the middle of the body. */
  | { readonly kind: 'reset-in-body' }
  /** Half of the body, sent as if it were the whole. */
  | { readonly kind: 'cut-off' }
  | { readonly kind: 'slow'; readonly ms: number }
  /** Begins the body, and never goes on. */
  | { readonly kind: 'stall' }
  /** A byte now and then, without end. */
  | { readonly kind: 'drip'; readonly everyMs: number }
  /** Headers and all, from something that is no API server. */
  | { readonly kind: 'page'; readonly status?: number; readonly type: string; readonly body: string }
  /** Changes a right answer. */
  | { readonly kind: 'edit'; readonly edit: (body: string) => string };

export interface FaultyServer extends ApiServer {
  /** Everything that was asked, in order. */
  readonly requests: readonly IncomingMessage[];
}

/**
 * An API server that misbehaves by plan.
 * @param plan the fault for the n-th request (from 0), `null` for a right answer
 */
export async function startFaultyServer(
  options: ApiServerOptions,
  plan: (index: number, request: IncomingMessage) => Fault | null,
): Promise<FaultyServer> {
  const requests: IncomingMessage[] = [];
  const server = await startApiServer(options, async (request, response, answer) => {
    const fault = plan(requests.push(request) - 1, request);
    if (fault === null) send(request, response, answer);
    else await misbehave(fault, { request, response, answer });
  });
  return { ...server, requests };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly answer: ApiAnswer;
}

const EXPIRED =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.';

async function misbehave(fault: Fault, { request, response, answer }: Exchange): Promise<void> {
  const half = answer.body.slice(0, Math.floor(answer.body.length / 2));
  switch (fault.kind) {
    case 'status': {
      const status = failure(fault.status, 'InternalError', 'as planned');
      const retryAfter = fault.retryAfter === undefined ? {} : { 'retry-after': fault.retryAfter };
      return send(request, response, { ...status, headers: { ...status.headers, ...retryAfter } });
    }
    case 'gone':
      return send(request, response, failure(410, 'Expired', EXPIRED));
    case 'reset':
      request.socket.resetAndDestroy();
      return;
    case 'reset-in-body':
      response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length });
      response.write(half, () => request.socket.resetAndDestroy());
      return;
    case 'cut-off':
      return send(request, response, { ...answer, body: half });
    case 'slow':
      await delay(fault.ms);
      return send(request, response, answer);
    case 'stall':
      response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length });
      response.write(half);
      return;
    case 'drip': {
      const timer = setInterval(() => response.write(' '), fault.everyMs);
      response.on('close', () => clearInterval(timer));
      return;
    }
    case 'page': {
      const { status = 200, type, body } = fault;
      return send(request, response, { status, headers: type === '' ? {} : { 'content-type': type }, body });
    }
    case 'edit':
      return send(request, response, { ...answer, body: fault.edit(answer.body) });
  }
}
