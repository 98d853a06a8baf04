import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Agent, request } from 'undici';
import type { KubernetesObject, ListPage } from './environment/api-client.ts';
import { type Environment, start } from './environment/environment.ts';
import { customResourceDefinitions } from './seed/custom-kinds.ts';
import { seedFleet } from './seed/fleet.ts';

let environment: Environment;

beforeAll(async () => {
  environment = await start();
});

afterAll(() => environment?.stop());

async function list(path: string): Promise<ListPage> {
  const { status, body } = await environment.cluster.admin.request('GET', path);
  expect(status).toBe(200);
  return body as ListPage;
}

describe('The API server', () => {
  test('is the one that EKS describes, with an authority that verifies it', async () => {
    const { aws, cluster } = environment;
    const { status, body } = await aws.request({
      service: 'eks',
      method: 'GET',
      path: `/clusters/${cluster.name}`,
      accessKeyId: environment.auditorCredentials.accessKeyId,
    });
    expect(status).toBe(200);
    const described = JSON.parse(body).cluster;
    expect(described).toMatchObject({
      arn: cluster.arn,
      status: 'ACTIVE',
      accessConfig: { authenticationMode: 'API' },
    });

    const ca = Buffer.from(described.certificateAuthority.data, 'base64').toString();
    expect(ca).toMatch(/^-----BEGIN CERTIFICATE-----/);
    const dispatcher = new Agent({ connect: { ca } });
    const answer = await request(`${described.endpoint}/version`, { dispatcher });
    expect(await answer.body.json()).toMatchObject({ gitVersion: cluster.version });
    expect(cluster.version).toMatch(new RegExp(`^v${described.version}\\.`));
    await dispatcher.close();
  });

  test('pages lists, and all pages together are the whole', async () => {
    const { admin } = environment.cluster;
    await seedFleet(admin, { now: new Date(), pods: 520 });
    const namesOf = (page: ListPage) =>
      page.items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);

    const pages: ListPage[] = [];
    do {
      const next = encodeURIComponent(pages.at(-1)?.metadata.continue ?? '');
      pages.push(await list(`/api/v1/pods?limit=500&continue=${next}`));
    } while (pages.at(-1)?.metadata.continue);
    expect(pages.map(({ items }) => items.length)).toEqual([500, expect.any(Number)]);
    expect(pages.flatMap(namesOf)).toEqual(namesOf(await list('/api/v1/pods')));
    await admin.request('DELETE', '/api/v1/namespaces/fleet/pods?gracePeriodSeconds=0');
  });
});

describe('The cluster is worth auditing', () => {
  const pods = async (): Promise<readonly PodView[]> =>
    (await list('/api/v1/pods')).items.map((pod) => pod as unknown as PodView);

  test('pods have every kind of owner', async () => {
    const owners = (await pods()).flatMap(({ metadata }) =>
      (metadata.ownerReferences ?? []).map(({ kind }) => kind),
    );
    expect(new Set(owners)).toEqual(new Set(['ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'Node']));
    const ownersOf = async (path: string) =>
      new Set(
        (await list(path)).items
          .flatMap(({ metadata }) => (metadata.ownerReferences as Owner[] | undefined) ?? [])
          .map(({ kind }) => kind),
      );
    expect(await ownersOf('/apis/apps/v1/replicasets')).toEqual(new Set(['Deployment', 'Rollout']));
    expect(await ownersOf('/apis/batch/v1/jobs')).toEqual(new Set(['CronJob']));
  });

  test('pods are old and young, running, finished, waiting and terminating', async () => {
    const all = await pods();
    expect(new Set(all.map(({ status }) => status.phase))).toEqual(
      new Set(['Running', 'Succeeded', 'Failed', 'Pending']),
    );
    const ages = all
      .flatMap(({ status }) => status.startTime ?? [])
      .map((start) => Date.now() - Date.parse(start));
    expect(Math.max(...ages)).toBeGreaterThan(365 * 86_400_000);
    expect(Math.min(...ages)).toBeLessThan(86_400_000);
    expect(
      all
        .filter(({ metadata }) => metadata.deletionTimestamp !== undefined)
        .map(({ metadata }) => metadata.name),
    ).toEqual(['stuck']);
  });

  test('pods have ephemeral, native-sidecar and restarted containers', async () => {
    const all = await pods();
    const named = (name: string) => all.find(({ metadata }) => metadata.name === name);
    expect(named('erp')?.spec.ephemeralContainers?.map(({ name }) => name)).toEqual(['debugger-x1']);
    const sidecars = all
      .flatMap(({ spec }) => spec.initContainers ?? [])
      .filter(({ restartPolicy }) => restartPolicy === 'Always');
    expect(sidecars.map(({ name }) => name)).toEqual(['istio-proxy']);
    const erp = named('erp')?.status;
    expect(erp?.containerStatuses?.[0]?.state.running?.startedAt).not.toBe(erp?.startTime);
  });

  test('pods run on Windows, on Fargate, in the host network and from a file', async () => {
    const all = await pods();
    const nodes = (await list('/api/v1/nodes')).items;
    expect(
      nodes.map(({ metadata }) => (metadata.labels as Record<string, string>)['kubernetes.io/os']).sort(),
    ).toEqual(['linux', 'linux', 'linux', 'windows']);
    expect(new Set(all.flatMap(({ spec }) => spec.nodeName ?? []))).toEqual(
      new Set(nodes.map(({ metadata }) => metadata.name)),
    );
    expect(all.some(({ spec }) => spec.hostNetwork === true)).toBe(true);
    expect(
      all.some(({ metadata }) => metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined),
    ).toBe(true);
  });

  test('there is an object of every custom kind', async () => {
    for (const definition of customResourceDefinitions()) {
      const { group, names, versions } = definition.spec as CustomKindSpec;
      const { items } = await list(`/apis/${group}/${versions[0]?.name}/${names.plural}`);
      expect([names.plural, items.length > 0]).toEqual([names.plural, true]);
    }
  });
});

interface PodView {
  readonly metadata: KubernetesObject['metadata'] & {
    readonly ownerReferences?: readonly Owner[];
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly spec: {
    readonly nodeName?: string;
    readonly hostNetwork?: boolean;
    readonly initContainers?: ReadonlyArray<{ readonly name: string; readonly restartPolicy?: string }>;
    readonly ephemeralContainers?: ReadonlyArray<{ readonly name: string }>;
  };
  readonly status: {
    readonly phase: string;
    readonly startTime?: string;
    readonly containerStatuses?: ReadonlyArray<{
      readonly state: { readonly running?: { readonly startedAt: string } };
    }>;
  };
}

interface Owner {
  readonly kind: string;
}

interface CustomKindSpec {
  readonly group: string;
  readonly names: { readonly plural: string };
  readonly versions: ReadonlyArray<{ readonly name: string }>;
}
