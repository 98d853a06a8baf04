import { beforeAll, describe, expect, test } from '@jest/globals';
import { openAwsAccess } from '../../../lambda/connect/aws/access.ts';
import type { EksEndpoint } from '../../../lambda/connect/eks/endpoint.ts';
import { eksKubelets } from '../../../lambda/connect/eks/kubelets.ts';
import { type AwsServerOptions, HUB, hubCredentials, startAwsServer } from '../../support/aws-server.ts';
import { type Authority, anAuthority } from '../../support/certificates.ts';
import { closedAfterEach } from '../../support/closed-after-each.ts';
import { aSummary, startKubeletServer, withJson } from '../../support/kubelet-server.ts';

let authority: Authority;
const cleanups = closedAfterEach();

beforeAll(async () => {
  authority = await anAuthority('prod');
});

const role = (name: string) => `arn:aws:iam::${HUB}:role/${name}`;

async function ask(roleName: string, { reader, ...aws }: AwsServerOptions & { reader: string | null }) {
  const kubelet = await startKubeletServer({ authority, answer: withJson(aSummary('a')) });
  const server = await startAwsServer(aws);
  const access = openAwsAccess({ region: 'eu-west-1', endpoint: server.url, credentials: hubCredentials });
  cleanups.push(kubelet.close, server.close, access.close);
  const target: EksEndpoint = {
    identity: {
      name: 'prod',
      arn: `arn:aws:eks:eu-west-1:${HUB}:cluster/prod`,
      accountId: HUB,
      region: 'eu-west-1',
    },
    endpoint: 'https://127.0.0.1:1',
    certificateAuthority: Buffer.from(authority.ca).toString('base64'),
    role: reader === null ? null : { arn: role(reader), externalId: 'drift-1', tags: { audit: 'drift' } },
    authenticationMode: 'API',
    access: { public: true, private: false, publicCidrs: ['0.0.0.0/0'] },
    vpcId: 'vpc-9',
  };
  const kubelets = eksKubelets(target, access, { roleName });
  const asked = kubelets.summary({ address: '127.0.0.1', port: kubelet.port }).then(
    ({ status }) => status,
    (error: unknown) => error,
  );
  return { answer: await asked, kubelet, server };
}

/** Whose credentials signed an EKS token, by the access key in it. */
const signerOf = (authorization: string | undefined): string => {
  const url = Buffer.from((authorization ?? '').replace('Bearer k8s-aws-v1.', ''), 'base64url').toString();
  return new URL(url).searchParams.get('X-Amz-Credential')?.split('/')[0] ?? '';
};

describe('kubelets of an EKS cluster', () => {
  test('kubelets get tokens of the measuring role in the account of the cluster, with the external id of the reader', async () => {
    const { answer, kubelet, server } = await ask('EksDriftAuditorMeasure', {
      reader: 'EksDriftAuditorMember',
    });
    expect(answer).toBe(200);
    const assumed = server.calls.filter(({ action }) => action === 'sts:AssumeRole');
    expect(
      assumed.map(({ parameters }) => [parameters.get('RoleArn'), parameters.get('ExternalId')]),
    ).toEqual([
      [role('EksDriftAuditorMember'), 'drift-1'],
      [role('EksDriftAuditorMeasure'), 'drift-1'],
    ]);
    // The second session of this server is that of the measuring role.
    expect(signerOf(kubelet.requests[0]?.headers.authorization)).toBe('ASIA2');
  });

  test('the role that reads the cluster is refused as measuring role, and no kubelet is asked', async () => {
    const { answer, kubelet } = await ask('EksDriftAuditorMember', { reader: 'EksDriftAuditorMember' });
    expect(answer).toMatchObject({ reason: 'unauthorized' });
    expect(String(answer)).toContain('must not be sent to nodes');
    expect(kubelet.requests).toEqual([]);
  });

  test('a measuring role that cannot be assumed is said, and the own credentials do not take its place', async () => {
    const { answer, kubelet } = await ask('EksDriftAuditorMeasure', {
      reader: null,
      fail: ({ action }) => (action === 'sts:AssumeRole' ? { status: 403, code: 'AccessDenied' } : null),
    });
    expect(answer).toMatchObject({ reason: 'forbidden' });
    expect(kubelet.requests).toEqual([]);
  });
});
