import type { KubeApi, KubeResponse } from '../../connect/kube/kube-api.ts';
import { statusError } from '../../connect/kube/status-errors.ts';
import { TransientReadError } from '../../connect/kube/transport-errors.ts';
import { systemTiming } from '../../connect/timing.ts';
import type { ReadError } from '../../errors.ts';

import { type Attempt, DEFAULT_RETRY, parseRetryAfter, retrying, WORTH_ANOTHER } from './retry.ts';

export interface GetRequest {
  /** Such as `/apis`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** What to say of a body that is no JSON. */
  readonly damaged: (server: string, path: string, cause: SyntaxError) => ReadError;
}

/**
 * Gets one document.
 * @throws ReadError for any answer but 200
 */
export async function getJson(api: KubeApi, request: GetRequest): Promise<unknown> {
  return getOptionalJson(api, request, () => false);
}

/**
 * @param isAbsent whether an answer says that there is no such thing
 * @returns `undefined` then, which no JSON is: a body `null` is an answer, and says nothing of absence
 * @throws ReadError for any other answer but 200
 */
export async function getOptionalJson(
  api: KubeApi,
  { path, query = {}, damaged }: GetRequest,
  isAbsent: (response: KubeResponse) => boolean,
): Promise<unknown> {
  const timing = api.timing ?? systemTiming;
  return retrying(
    async (): Promise<Attempt<unknown>> => {
      let response: KubeResponse;
      try {
        response = await api.request({ path, query });
      } catch (error) {
        if (error instanceof TransientReadError) return { failed: error, retryAfterMs: null };
        throw error;
      }
      if (response.status === 200) return parse(response, (cause) => damaged(api.server, path, cause));
      if (isAbsent(response)) return { done: undefined };
      const failed = statusError(api.server, path, response);
      if (!WORTH_ANOTHER.has(response.status)) throw failed;
      return { failed, retryAfterMs: parseRetryAfter(response.retryAfter, timing.now()) };
    },
    { policy: DEFAULT_RETRY, timing },
  );
}

function parse(response: KubeResponse, damaged: (cause: SyntaxError) => ReadError): Attempt<unknown> {
  try {
    return { done: response.json() };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { failed: damaged(error), retryAfterMs: null };
  }
}
