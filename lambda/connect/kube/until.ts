import type { KubeApi } from './kube-api.ts';

/** The same access until a signal fires: then every request, and every wait for another one, ends with its reason. */
export function until(api: KubeApi, signal: AbortSignal): KubeApi {
  return {
    ...api,
    signal,
    request: (request) =>
      api.request({
        ...request,
        signal: request.signal ? AbortSignal.any([request.signal, signal]) : signal,
      }),
  };
}
