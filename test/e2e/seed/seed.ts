import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient, KubernetesObject } from '../environment/api-client.ts';
import { applications } from './applications.ts';
import { customResourceDefinitions } from './custom-kinds.ts';
import { customPolicies } from './custom-policies.ts';
import { namespaces, serviceAccounts } from './namespaces.ts';
import { networkPolicies } from './network-policies.ts';
import { LINUX_NODE, NODES, nodeObject } from './nodes.ts';
import { mirrorPod, platform, platformConfig } from './platform.ts';
import type { Seeded } from './seeded.ts';

export interface SeedOptions {
  /** The instant that ages count back from. */
  readonly now: Date;
  readonly kubelets: ReadonlyArray<{ readonly nodeName: string; readonly port: number }>;
}

/** Where a kubelet listens by default; nothing answers there for nodes without one. */
const KUBELET_PORT = 10_250;
const ESTABLISHED_WITHIN = 120_000;

/**
 * Fills a cluster through its API: manifests by server-side apply, and then, in place of controllers
 * and kubelets, what they would create and report.
 */
export async function seedCluster(api: ApiClient, { now, kubelets }: SeedOptions): Promise<void> {
  const definitions = customResourceDefinitions();
  await applyAll(api, [...definitions, ...namespaces()]);
  await Promise.all(definitions.map((definition) => established(api, definition)));

  const nodes = await Promise.all(
    NODES.map((node) => {
      const port = kubelets.find(({ nodeName }) => nodeName === node.name)?.port;
      return seed(api, nodeObject(node, port ?? KUBELET_PORT));
    }),
  );
  const linuxNode = nodes.find(({ metadata }) => metadata.name === LINUX_NODE);
  await applyAll(api, [...networkPolicies(), ...customPolicies(), ...platformConfig(), ...serviceAccounts()]);
  await Promise.all(
    [...applications(now), ...platform(now), mirrorPod(now, linuxNode?.metadata.uid ?? '')].map((each) =>
      seed(api, each),
    ),
  );
}

/** Applies an object, what is reported about it, and what it owns. */
export async function seed(api: ApiClient, { object, ...rest }: Seeded): Promise<KubernetesObject> {
  const stored = await api.apply(object);
  for (const [name, patch] of Object.entries(rest.subresources ?? {})) {
    await api.patchSubresource(object, name, patch);
  }
  if (rest.status !== undefined) {
    await api.applyStatus(object, rest.status);
  }
  if (rest.terminating) {
    await api.delete(object);
  }
  await Promise.all((rest.owns ?? []).map((owned) => seed(api, ownedBy(stored, owned))));
  return stored;
}

/** What a controller creates names it as its owner, by UID. */
function ownedBy(owner: KubernetesObject, owned: Seeded): Seeded {
  const { apiVersion, kind, metadata } = owner;
  const reference = {
    apiVersion,
    kind,
    name: metadata.name,
    uid: metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
  const { object } = owned;
  return { ...owned, object: { ...object, metadata: { ...object.metadata, ownerReferences: [reference] } } };
}

async function applyAll(api: ApiClient, objects: readonly KubernetesObject[]): Promise<void> {
  await Promise.all(objects.map((object) => api.apply(object)));
}

/** Custom objects are accepted from the moment their definition is established. */
async function established(api: ApiClient, definition: KubernetesObject): Promise<void> {
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${definition.metadata.name}`;
  const deadline = Date.now() + ESTABLISHED_WITHIN;
  while (Date.now() < deadline) {
    const { body } = await api.request('GET', path);
    const conditions = (body as { status?: { conditions?: Condition[] | null } }).status?.conditions;
    if (conditions?.some(({ type, status }) => type === 'Established' && status === 'True')) {
      return;
    }
    await sleep(50);
  }
  throw new Error(`${definition.metadata.name} was not established within ${ESTABLISHED_WITHIN / 1000} s.`);
}

interface Condition {
  readonly type: string;
  readonly status: string;
}
