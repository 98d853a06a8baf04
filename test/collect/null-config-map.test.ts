import { expect, test } from '@jest/globals';
import { readConfigMap } from '../../lambda/collect/engines/read-setting.ts';
import type { KubeApi } from '../../lambda/connect/kube/kube-api.ts';

const answering = (status: number, body: string): KubeApi => ({
  server: 'https://cluster.example',
  request: async () => ({
    status,
    contentType: 'application/json',
    retryAfter: null,
    body: Buffer.from(body),
    text: () => body,
    json: () => JSON.parse(body),
  }),
  close: async () => undefined,
});
const name = { namespace: 'kube-system', name: 'amazon-vpc-cni' };

test('a ConfigMap whose answer is null is unread, and not absent', async () => {
  expect(await readConfigMap(answering(200, 'null'), name)).toMatchObject({
    unread: { reason: 'server-error' },
  });
  const absent = JSON.stringify({ kind: 'Status', details: { name: name.name } });
  expect(await readConfigMap(answering(404, absent), name)).toEqual({ known: null });
});
