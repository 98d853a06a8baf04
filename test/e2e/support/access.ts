import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseAllDocuments } from 'yaml';
import type { KubernetesObject } from '../environment/api-client.ts';
import {
  AUDITOR_GROUP,
  type AuditedRequest,
  type MEASURE_GROUP,
  type TestCluster,
} from '../environment/cluster.ts';
import { type AccessRule, groupAccess } from '../environment/cluster-role.ts';

const MANIFEST = new URL('../../../manifests/cluster-role.yaml', import.meta.url);
const GRANTED_WITHIN = 90_000;

/** The right to do something with one resource. */
export interface Right {
  /** API group; empty for the core group. */
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
}

interface ClusterRole extends KubernetesObject {
  readonly rules: ReadonlyArray<{
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
  }>;
}

/** The rest lets the auditor get single objects in kube-system. */
const [ROLE, BINDING, ...IN_NAMESPACES] = parseAllDocuments(readFileSync(MANIFEST, 'utf8')).map((document) =>
  document.toJS(),
) as [ClusterRole, KubernetesObject, ...KubernetesObject[]];

/** What the ClusterRole grants that users are given to apply, right by right. */
export const SHIPPED_RIGHTS: readonly Right[] = ROLE.rules.flatMap(({ apiGroups, resources, verbs }) =>
  apiGroups.flatMap((group) =>
    resources.flatMap((resource) => verbs.map((verb) => ({ group, resource, verb }))),
  ),
);

/** `pods`, `jobs.batch`: a resource as kubectl names it in full. */
export function nameOf({ group, resource }: Omit<Right, 'verb'>): string {
  return group === '' ? resource : `${resource}.${group}`;
}

/** The lists that were asked for, each once, by their full names. */
export function listsIn(requests: readonly AuditedRequest[]): ReadonlySet<string> {
  return new Set(
    requests
      .filter(({ verb }) => verb === 'list')
      .map(({ requestURI }) => {
        const [, api, ...parts] = new URL(requestURI, 'https://cluster').pathname.split('/');
        return nameOf({ group: api === 'api' ? '' : (parts[0] ?? ''), resource: parts.at(-1) ?? '' });
      }),
  );
}

/** A right to something that the cluster serves, and where it is. */
export interface ServedRight extends Right {
  readonly path: string;
}

/** The rights that concern what the cluster serves; kubectl refuses to ask for anything else. */
export async function servedRights({ admin }: TestCluster): Promise<readonly ServedRight[]> {
  const { groups } = (await admin.request('GET', '/apis')).body as Groups;
  const versions = groups.flatMap((group) => group.versions.map(({ groupVersion }) => groupVersion));
  const served = await Promise.all(
    ['/api/v1', ...versions.map((version) => `/apis/${version}`)].map(async (root) => {
      const { resources } = (await admin.request('GET', root)).body as Resources;
      const group = root === '/api/v1' ? '' : (root.split('/')[2] ?? '');
      return resources.map(({ name }) => [nameOf({ group, resource: name }), `${root}/${name}`] as const);
    }),
  );
  // The first version that has a resource is the one that the server prefers.
  const paths = new Map(served.flat().reverse());
  return SHIPPED_RIGHTS.flatMap((right) => {
    const path = paths.get(nameOf(right));
    return path === undefined ? [] : [{ ...right, path }];
  });
}

interface Groups {
  readonly groups: ReadonlyArray<{ readonly versions: ReadonlyArray<{ readonly groupVersion: string }> }>;
}

interface Resources {
  readonly resources: ReadonlyArray<{ readonly name: string }>;
}

/** Grants the auditor's group exactly these rights, and waits until the API server decides by them. */
export async function grant({ admin }: TestCluster, rights: readonly Right[]): Promise<void> {
  const rules = rights.map(({ group, resource, verb }) => ({
    apiGroups: [group],
    resources: [resource],
    verbs: [verb],
  }));
  await admin.apply({ ...ROLE, rules });
  for (const object of [BINDING, ...IN_NAMESPACES]) await admin.apply(object);
  const deadline = Date.now() + GRANTED_WITHIN;
  for (const right of SHIPPED_RIGHTS) {
    while ((await isAllowed(admin, right)) !== rights.includes(right)) {
      if (Date.now() > deadline)
        throw new Error(`The right to ${right.verb} ${nameOf(right)} did not change.`);
      await sleep(20);
    }
  }
}

/** What the Role in kube-system lets the auditor get. */
const CONFIG_MAP = {
  verb: 'get',
  group: '',
  resource: 'configmaps',
  namespace: 'kube-system',
  name: 'amazon-vpc-cni',
};

/** Takes the right to get single objects; {@link grant} gives it back. */
export async function withholdObjects({ admin }: TestCluster): Promise<void> {
  for (const object of IN_NAMESPACES) if (object.kind === 'Role') await admin.apply({ ...object, rules: [] });
  const deadline = Date.now() + GRANTED_WITHIN;
  while (await isAllowed(admin, CONFIG_MAP)) {
    if (Date.now() > deadline) throw new Error('The right to get the ConfigMap did not change.');
    await sleep(20);
  }
}

/** Grants a group of its own exactly these rights, and waits until the API server decides by them. */
export async function grantGroup(
  { admin }: TestCluster,
  group: typeof AUDITOR_GROUP | typeof MEASURE_GROUP,
  rules: readonly AccessRule[],
): Promise<void> {
  for (const object of groupAccess(group, rules)) await admin.apply(object);
  const deadline = Date.now() + GRANTED_WITHIN;
  for (const { verbs, resource: full, ...rule } of rules) {
    const [resource = '', subresource] = full.split('/');
    for (const verb of verbs) {
      const right = { ...rule, verb, resource, ...(subresource === undefined ? {} : { subresource }) };
      while (!(await isAllowed(admin, right, group))) {
        if (Date.now() > deadline) throw new Error(`The right to ${verb} ${full} did not come.`);
        await sleep(20);
      }
    }
  }
}

/** Authorizers follow changes of roles a moment later. */
async function isAllowed(
  admin: TestCluster['admin'],
  resourceAttributes: Right & { readonly subresource?: string },
  group = AUDITOR_GROUP,
): Promise<boolean> {
  const { body } = await admin.request('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    contentType: 'application/json',
    content: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user: 'security-engineer', groups: [group], resourceAttributes },
    },
  });
  return (body as { status: { allowed: boolean } }).status.allowed;
}
