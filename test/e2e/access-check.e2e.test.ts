import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { EXCESS } from '../../lambda/access/review.ts';
import { accessRules } from '../../lambda/access/rules.ts';
import { run } from '../cli/run.ts';
import type { KubernetesObject } from './environment/api-client.ts';
import { AUDITOR_GROUP } from './environment/cluster.ts';
import { type Environment, start } from './environment/environment.ts';

/** `access` prints what lets the auditor in, and `access check` asks a real API server what that came to. */
interface Role extends KubernetesObject {
  readonly rules: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
    readonly resourceNames?: readonly string[];
  }[];
}

interface Checked {
  readonly code: number;
  readonly stderr: string;
  readonly complete: boolean;
  readonly missing: readonly string[];
  readonly excess: readonly string[];
}

type Asked = Readonly<Record<'group' | 'resource' | 'verb', string>> & { readonly name?: string };

const nameOf = ({ verb, resource, group, name }: Asked): string =>
  `${verb} ${group === '' ? resource : `${resource}.${group}`}${name === undefined ? '' : ` ${name}`}`;

let environment: Environment;

beforeAll(async () => {
  environment = await start();
});

afterAll(async () => {
  await environment?.stop();
});

/** The objects that `access` prints for `kubectl apply -f -`. */
async function printed(): Promise<readonly KubernetesObject[]> {
  const { code, stdout } = await run(['access', '--cluster', 'prod-1']);
  expect(code).toBe(0);
  return parseAllDocuments(stdout).map((document) => document.toJS() as KubernetesObject);
}

async function apply(objects: readonly KubernetesObject[]): Promise<void> {
  for (const object of objects) await environment.cluster.admin.apply(object);
}

type Who = 'auditorKubeconfig' | 'adminKubeconfig';

async function check(who: Who, ...options: readonly string[]): Promise<Checked> {
  const kubeconfig = environment.cluster[who];
  const { code, stdout, stderr } = await run([
    ...['access', 'check', '--kubeconfig', kubeconfig, '-o', 'json'],
    ...options,
  ]);
  if (stdout === '') return { code, stderr, complete: false, missing: [], excess: [] };
  const { complete, rules, excess } = JSON.parse(stdout) as {
    readonly complete: boolean;
    readonly rules: readonly (Asked & { readonly allowed: boolean })[];
    readonly excess: readonly Asked[];
  };
  const missing = rules.filter(({ allowed }) => !allowed).map(nameOf);
  return { code, stderr, complete, missing, excess: excess.map(nameOf) };
}

/** Authorizers follow changes of roles a moment later. */
async function eventually(look: () => Promise<Checked>, wanted: Partial<Checked>): Promise<void> {
  const deadline = Date.now() + 90_000;
  for (;;) {
    const found = await look();
    try {
      expect(found).toMatchObject(wanted);
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(50);
    }
  }
}

const NOTHING_MISSING = { code: 0, complete: true, missing: [], excess: [] };
/** As the auditor itself, and as an administrator who asks about its group. */
const ways = [
  ['the auditor', () => check('auditorKubeconfig')],
  ['an administrator', () => check('adminKubeconfig', '--group')],
] as const;

describe.each(ways)('asked by %s', (_, look) => {
  test('everything is missing before anything is applied, then nothing, and nothing is too much', async () => {
    for (const object of await printed())
      await environment.cluster.admin.delete(object).catch(() => undefined);
    const all = accessRules().flatMap(({ names, ...rule }) =>
      rule.verbs.flatMap((verb) =>
        (names ?? [undefined]).map((name) =>
          nameOf({ ...rule, verb, ...(name === undefined ? {} : { name }) }),
        ),
      ),
    );
    await eventually(look, { code: 3, complete: false, missing: all, excess: [] });
    await apply(await printed());
    await eventually(look, NOTHING_MISSING);
  });

  test('each rule that is taken away is missing, and no other', async () => {
    const objects = await printed();
    for (const [at, role] of objects.entries()) {
      const { rules = [] } = role as Partial<Role>;
      for (const [index, rule] of rules.entries()) {
        await apply(objects.with(at, { ...role, rules: rules.toSpliced(index, 1) }));
        const { apiGroups, resources, verbs, resourceNames } = rule;
        const missing = (resourceNames ?? [undefined]).map((name) =>
          nameOf({
            group: apiGroups[0] ?? '',
            resource: resources[0] ?? '',
            verb: verbs[0] ?? '',
            ...(name === undefined ? {} : { name }),
          }),
        );
        await eventually(look, { code: 3, complete: false, missing, excess: [] });
      }
    }
    await apply(objects);
    await eventually(look, NOTHING_MISSING);
  });
});

describe('what is granted beyond it', () => {
  const wide: Role = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'too-much' },
    rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
  };
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'too-much' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'too-much' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: AUDITOR_GROUP }],
  };

  test('is named, nodes/proxy among it', async () => {
    await apply([...(await printed()), wide, binding]);
    const excess = EXCESS.map(nameOf);
    expect(excess).toContain('get nodes/proxy');
    await eventually(() => check('auditorKubeconfig'), { code: 0, complete: true, missing: [], excess });
    for (const object of [binding, wide]) await environment.cluster.admin.delete(object);
    await eventually(() => check('auditorKubeconfig'), NOTHING_MISSING);
  });
});

test('an identity that may not ask about a group gets an error, and nothing reads as granted', async () => {
  const { code, complete, stderr } = await check('auditorKubeconfig', '--group');
  expect([code, complete]).toEqual([4, false]);
  expect(stderr).toMatch(
    /^error: .*did not say clearly what is allowed \(403\).* Check your own permissions, without --group/,
  );
});
