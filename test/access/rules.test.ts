import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { awsAuthEntry, createAccessEntry } from '../../lambda/access/access-entry.ts';
import { manifestFiles } from '../../lambda/access/files.ts';
import { clusterAccess, clusterAccessYaml } from '../../lambda/access/manifests.ts';
import { EXCESS, permissionsOf, reviewOf, verdictOf } from '../../lambda/access/review.ts';
import { accessRules, MESH_CONFIG_RULE } from '../../lambda/access/rules.ts';
import { CATALOGUE, CHECK_IDS } from '../../lambda/checks/catalogue.ts';
import { CILIUM_NODE_CONFIGS, NODE_CLASSES } from '../../lambda/collect/engines/engine-sources.ts';
import { PATHS } from '../../lambda/collect/paths.ts';
import { policyReads } from '../../lambda/collect/policies/policy-kinds.ts';
import { SECURITY_GROUP_POLICIES } from '../../lambda/collect/policies/security-group-policies.ts';
import { isPolicyResource } from '../../lambda/inventory/resources.ts';

const rules = accessRules();
const named = (name: string) => rules.find(({ resource, group }) => `${resource}.${group}`.startsWith(name));

describe('the rules', () => {
  const read = [
    ...Object.values(PATHS).map((path) => {
      const [, group = '', resource = ''] = /^\/(?:api|apis\/([^/]+))\/[^/]+\/([^/]+)$/.exec(path) ?? [];
      return `${resource}.${group}`;
    }),
    ...policyReads().map(({ group, resource }) => `${resource}.${group}`),
    ...[NODE_CLASSES, CILIUM_NODE_CONFIGS, SECURITY_GROUP_POLICIES].map(
      ({ group, resource }) => `${resource}.${group}`,
    ),
  ];
  const lists = rules.filter(({ verbs }) => verbs.includes('list'));
  const ruled = lists.map(({ group, resource }) => `${resource}.${group}`);

  test('the rules hold every list that the collector asks for, and nothing else', () => {
    expect([...ruled].sort()).toEqual([...new Set(read)].sort());
  });

  test('the rules allow listing and reading two ConfigMaps: no wildcard, no Secret, no write, no proxy', () => {
    const others = rules.filter(({ verbs }) => verbs.join() !== 'list');
    expect(others).toEqual([
      expect.objectContaining({
        resource: 'configmaps',
        verbs: ['get'],
        namespace: 'kube-system',
        names: ['amazon-vpc-cni', 'cilium-config'],
      }),
    ]);
    const names = rules.flatMap(({ group, resource }) => [group, resource]);
    expect(names.filter((name) => /\*|secret|proxy|\//.test(name))).toEqual([]);
  });

  test('the rules say for each check which permissions it needs', () => {
    expect(named('pods')?.checks).toEqual(CHECK_IDS);
    expect(named('globalnetworkpolicies.crd.projectcalico.org')?.checks).not.toEqual([]);
    for (const check of CATALOGUE.filter(({ needs }) => needs.some(isPolicyResource))) {
      expect(named('networkpolicies.networking.k8s.io')?.checks).toContain(check.id);
    }
  });

  test('the rules of the auditor allow no subresource of a node, not even its statistics, which another role reads', () => {
    expect(rules.filter(({ resource }) => resource.startsWith('nodes/'))).toEqual([]);
  });
});

describe('the manifests', () => {
  const yaml = clusterAccessYaml(accessRules());

  test('the manifests contain the rules with their reasons', () => {
    expect(parseAllDocuments(yaml).map((document) => document.toJS())).toEqual(clusterAccess(accessRules()));
    expect(yaml).not.toMatch(/[&*]a\d/);
    expect(yaml).toContain('# age, containers and labels of every pod: every check\n');
    expect(yaml.match(/^ {2}# /gm)).toHaveLength(rules.length);
  });

  test('the manifests allow reading the mesh ConfigMap in a separate Role', () => {
    expect(clusterAccess([MESH_CONFIG_RULE])).toMatchObject([
      {
        kind: 'Role',
        metadata: { namespace: 'istio-system' },
        rules: [{ apiGroups: [''], resources: ['configmaps'], resourceNames: ['istio'], verbs: ['get'] }],
      },
      {
        kind: 'RoleBinding',
        metadata: { namespace: 'istio-system' },
        subjects: [{ name: 'eks-drift-auditor' }],
      },
    ]);
    expect(rules).not.toContain(MESH_CONFIG_RULE);
  });

  test('the manifests bind the group that access entries give', () => {
    const [role, binding, ...inNamespace] = clusterAccess(rules);
    expect(binding).toMatchObject({
      kind: 'ClusterRoleBinding',
      roleRef: { kind: 'ClusterRole', name: role?.metadata.name },
      subjects: [{ kind: 'Group', name: 'eks-drift-auditor' }],
    });
    expect(inNamespace).toMatchObject([
      {
        kind: 'Role',
        metadata: { namespace: 'kube-system' },
        rules: [
          {
            resources: ['configmaps'],
            resourceNames: ['amazon-vpc-cni', 'cilium-config'],
            verbs: ['get'],
          },
        ],
      },
      {
        kind: 'RoleBinding',
        metadata: { namespace: 'kube-system' },
        roleRef: { kind: 'Role' },
        subjects: [{ kind: 'Group', name: 'eks-drift-auditor' }],
      },
    ]);
    const admission = {
      cluster: 'c',
      region: 'eu-west-1',
      principalArn: 'arn:aws:iam::111122223333:role/a/b',
    };
    expect(createAccessEntry(admission)).toMatch(
      /--principal-arn \S+role\/a\/b --kubernetes-groups eks-drift-auditor$/,
    );
  });

  test('aws-auth names the role without its path, as the authenticator asks', () => {
    const entry = awsAuthEntry({ principalArn: 'arn:aws:iam::111122223333:role/team/audit/Auditor' });
    expect(entry).toContain('rolearn: arn:aws:iam::111122223333:role/Auditor\n');
  });
});

describe('reviews', () => {
  test('access reviews ask about all namespaces and name subresources separately', () => {
    const review = reviewOf({ group: '', resource: 'nodes/stats', verb: 'get' }, 'self');
    expect(review).toEqual({
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { group: '', resource: 'nodes', subresource: 'stats', verb: 'get' } },
      },
    });
  });

  test('access reviews of single objects name the object and its namespace', () => {
    const asked = rules.filter(({ names }) => names !== undefined).flatMap(permissionsOf);
    expect(asked.map(({ name }) => name)).toEqual(['amazon-vpc-cni', 'cilium-config']);
    expect(asked.map((permission) => reviewOf(permission, 'self').body)).toMatchObject([
      { spec: { resourceAttributes: { namespace: 'kube-system', name: 'amazon-vpc-cni', verb: 'get' } } },
      { spec: { resourceAttributes: { namespace: 'kube-system', name: 'cilium-config', verb: 'get' } } },
    ]);
  });

  test('reviews of a group ask about a user who is in no other group', () => {
    const { path, body } = reviewOf({ group: '', resource: 'pods', verb: 'list' }, { group: 'auditors' });
    expect(path).toMatch(/\/subjectaccessreviews$/);
    expect(body).toMatchObject({ spec: { groups: ['auditors', 'system:authenticated'] } });
  });

  test.each([
    [{ allowed: true }, true],
    [{ allowed: false }, false],
    [{ allowed: true, evaluationError: 'webhook failed' }, true],
  ])('the review status %j is an answer', (status, verdict) => {
    const type = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview' };
    expect(verdictOf(201, JSON.stringify({ ...type, status }))).toBe(verdict);
  });

  test.each([
    [201, '{"status":{"allowed":false,"evaluationError":"webhook failed"}}'],
    [201, '{"status":{}}'],
    [201, '{"status":{"allowed":true}}'],
    [201, '{"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","status":{"allowed":true}}'],
    [201, '<html>'],
    [200, '{"status":{"allowed":true}}'],
    [403, '{"status":"Failure"}'],
    [500, ''],
  ])('the response %d %s is no answer and reads as neither allowed nor denied', (status, body) => {
    expect(() => verdictOf(status, body)).toThrow(/did not say clearly what is allowed/);
  });

  test('a grant of nodes/proxy is reported as too much', () => {
    expect(EXCESS).toContainEqual({ group: '', resource: 'nodes/proxy', verb: 'get' });
  });
});

describe('the files in manifests/', () => {
  test.each(Object.entries(manifestFiles()))(
    'the file manifests/%s matches the code (if not: npm run manifests)',
    (name, text) => {
      expect(readFileSync(new URL(`../../manifests/${name}`, import.meta.url), 'utf8')).toBe(text);
    },
  );
});
