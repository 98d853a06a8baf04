import { beforeAll, describe, expect, test } from '@jest/globals';
import { openKubeApi } from '../../../lambda/connect/kube/kube-api.ts';
import { openKubelets } from '../../../lambda/connect/kube/kubelets.ts';
import { type Authority, anAuthority } from '../../support/certificates.ts';
import { closedAfterEach } from '../../support/closed-after-each.ts';
import { aSummary, startKubeletServer, withJson } from '../../support/kubelet-server.ts';

let authority: Authority;
const cleanups = closedAfterEach();

beforeAll(async () => {
  authority = await anAuthority('prod');
});

/** Listens at ::1, with a certificate for this address. */
async function aKubelet(address: string) {
  const server = await startKubeletServer({
    authority,
    address,
    listen: '::1',
    answer: withJson(aSummary('a')),
  });
  cleanups.push(server.close);
  return server;
}

const credentials = async () => ({ headers: { authorization: 'Bearer t' }, tls: { ca: authority.ca } });

describe('a node with an IPv6 address', () => {
  test('is measured: its kubelet is asked at [address]:port and verified by the address in its certificate', async () => {
    const { port, requests } = await aKubelet('::1');
    const { status } = await openKubelets({ credentials }).summary({ address: '::1', port });
    expect(status).toBe(200);
    expect(requests[0]?.headers.host).toBe(`[::1]:${port}`);
  });

  test('whatever way its address is written', async () => {
    const { port } = await aKubelet('::1');
    const { status } = await openKubelets({ credentials }).summary({ address: '0:0:0:0:0:0:0:1', port });
    expect(status).toBe(200);
  });

  test('whose certificate is of another address is not believed', async () => {
    const { port, requests } = await aKubelet('2001:db8::1');
    await expect(openKubelets({ credentials }).summary({ address: '::1', port })).rejects.toMatchObject({
      reason: 'unreachable',
    });
    expect(requests).toEqual([]);
  });

  test('that cannot be reached by IPv6 at all is not evaluated, with what lets the function do it', async () => {
    // A documentation prefix: there is no route to it.
    const kubelets = openKubelets({ credentials, limits: { connectMs: 300 } });
    const failed = await kubelets
      .summary({ address: '2001:db8::1', port: 10_250 })
      .catch((error: unknown) => error);
    expect(failed).toMatchObject({ remedy: expect.stringContaining('deployment.vpc.ipv6') });
  });
});

test('an API server at an IPv6 address is read, and verified by it', async () => {
  const { port } = await aKubelet('::1');
  const api = openKubeApi({ server: `https://[::1]:${port}`, environmentProxy: false, credentials });
  cleanups.push(() => api.close());
  expect((await api.request({ path: '/version' })).status).toBe(200);
});
