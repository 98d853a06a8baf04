import { describe, expect, test } from '@jest/globals';
import { readSnapshot } from '../../../lambda/collect/snapshot/read.ts';
import { jsonPod, messagesOf, namesOf, noStdin, pod, read, write } from './reading.ts';

describe('objects', () => {
  test('objects without a namespace are in default, if their kind has namespaces', async () => {
    const deployment = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d, namespace: ""}\n';
    const node = 'apiVersion: v1\nkind: Node\nmetadata: {name: n}\n';
    const { objects } = await read(`${pod('a')}---\n${deployment}---\n${node}`);
    expect(objects.map(({ object }) => (object['metadata'] as { namespace?: string }).namespace)).toEqual([
      'default',
      'default',
      undefined,
    ]);
  });

  test('objects with generateName are known by its prefix, each separately', async () => {
    const job = 'apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: import-}\n';
    const snapshot = await read(`${job}---\n${job}`);
    expect(namesOf(snapshot)).toEqual(['Job import-', 'Job import-']);
  });

  test('objects of kinds that no check reads are counted, and not kept', async () => {
    const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {password: aHVudGVyMg==}\n';
    const rollout = 'apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: r}\n';
    const imposter = 'apiVersion: example.com/v1\nkind: Pod\nmetadata: {name: p}\n';
    const snapshot = await read([secret, rollout, secret, imposter, pod('a')].join('---\n'));
    expect(namesOf(snapshot)).toEqual(['Pod a']);
    expect(JSON.stringify(snapshot)).not.toContain('aHVudGVyMg');
    expect(snapshot.gaps).toEqual([]);
    expect(snapshot.notes).toEqual([
      '4 objects of kinds that no check reads: 1 AppProject (argoproj.io/v1alpha1), 1 Pod (example.com/v1), 2 Secret (v1).',
    ]);
  });

  test.each([
    ['v1', 'pod', 'Pod', 'pods'],
    ['v1', 'POD', 'Pod', 'pods'],
    ['v1', 'node', 'Node', 'nodes'],
    ['networking.k8s.io/v1', 'networkPolicy', 'NetworkPolicy', 'networkpolicies'],
    ['cilium.io/v2', 'CiliumNetworkpolicy', 'CiliumNetworkPolicy', 'ciliumnetworkpolicies.cilium.io'],
  ])(
    'a kind that is written in another case is not passed over: %s %s',
    async (version, kind, meant, resource) => {
      const { objects, gaps, notes } = await read(
        `apiVersion: ${version}\nkind: ${kind}\nmetadata: {name: a}\n---\n${pod('b')}`,
      );
      expect([objects.length, notes]).toEqual([1, []]);
      expect(gaps).toMatchObject([
        {
          resource,
          reason: 'malformed-object',
          message: expect.stringContaining(`its kind is "${kind}"; write ${meant}.`),
        },
      ]);
    },
  );

  test('a kind of another group is not taken for one that is written in another case', async () => {
    const { gaps } = await read(
      `apiVersion: example.com/v1\nkind: pod\nmetadata: {name: a}\n---\n${pod('b')}---\napiVersion: v1\nkind: configmap\nmetadata: {name: c}\n`,
    );
    expect(gaps).toEqual([]);
  });

  test('ConfigMaps are kept only where a policy engine has its settings in them', async () => {
    const configMap = (name: string, namespace: string) =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: ${namespace}}\ndata: {a: secret}\n`;
    const snapshot = await read(
      [
        configMap('amazon-vpc-cni', 'kube-system'),
        configMap('cilium-config', 'kube-system'),
        configMap('amazon-vpc-cni', 'shop'),
        configMap('settings', 'kube-system'),
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: [a]}\n',
        'apiVersion: v1\nkind: ConfigMap\n',
      ].join('---\n'),
    );
    expect(namesOf(snapshot)).toEqual(['ConfigMap amazon-vpc-cni', 'ConfigMap cilium-config']);
    expect(snapshot.gaps).toEqual([]);
    expect(snapshot.notes).toEqual(['4 objects of kinds that no check reads: 4 ConfigMap (v1).']);
  });

  test('objects of every policy kind are kept', async () => {
    const kinds = [
      'networking.k8s.io/v1 NetworkPolicy',
      'crd.projectcalico.org/v1 NetworkPolicy',
      'projectcalico.org/v3 GlobalNetworkPolicy',
      'policy.networking.k8s.io/v1alpha1 AdminNetworkPolicy',
      'policy.networking.k8s.io/v1alpha1 BaselineAdminNetworkPolicy',
      'policy.networking.k8s.io/v1alpha2 ClusterNetworkPolicy',
      'networking.k8s.aws/v1alpha1 ClusterNetworkPolicy',
      'networking.k8s.aws/v1alpha1 ApplicationNetworkPolicy',
      'cilium.io/v2 CiliumNetworkPolicy',
      'cilium.io/v2 CiliumClusterwideNetworkPolicy',
    ].map((type) => type.split(' '));
    const documents = kinds.map(
      ([apiVersion, kind]) => `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: p}\n`,
    );
    const snapshot = await read(documents.join('---\n'));
    expect(snapshot.notes).toEqual([]);
    expect(namesOf(snapshot)).toEqual(kinds.map(([, kind]) => `${kind} p`));
  });

  test.each<[string, string, string | null]>([
    ['no kind', 'apiVersion: v1\nmetadata: {name: a}\n', null],
    [
      'no kind and no apiVersion, but what a manifest has',
      'metadata: {name: a}\nspec: {containers: []}\n',
      null,
    ],
    ['a kind that is a number', 'apiVersion: v1\nkind: 7\n', null],
    ['no apiVersion', 'kind: Pod\nmetadata: {name: a}\n', null],
    ['no metadata', 'apiVersion: v1\nkind: Pod\n', 'pods'],
    ['metadata that are a list', 'apiVersion: v1\nkind: Node\nmetadata: []\n', 'nodes'],
    ['no name', 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {}\n', 'networkpolicies'],
    [
      'a namespace that is a number',
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: 7}\n',
      'pods',
    ],
    ['only text', 'hello\n', null],
  ])(
    'a document with %s is a gap that names the document; the others are read',
    async (_name, document, resource) => {
      const snapshot = await read(`${pod('before')}---\n${document}---\n${pod('after')}`);
      expect(namesOf(snapshot)).toEqual(['Pod before', 'Pod after']);
      expect(snapshot.gaps).toMatchObject([{ resource, reason: 'malformed-object' }]);
      expect(messagesOf(snapshot)[0]).toMatch(
        /^objects\.yaml \(document 2\) is not a Kubernetes object that can be read: /,
      );
    },
  );

  test('objects of a wrong shape in a list are a gap that names the item', async () => {
    const items = [jsonPod('a'), null, 7, jsonPod('b')];
    const snapshot = await read(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }), 'pods.json');
    expect(namesOf(snapshot)).toEqual(['Pod a', 'Pod b']);
    expect(messagesOf(snapshot)).toEqual([
      'pods.json (item 2) is not a Kubernetes object that can be read: it is null, not an object.',
      'pods.json (item 3) is not a Kubernetes object that can be read: it is a number, not an object.',
    ]);
  });

  test('manifests are distinguished from other files, which are noted', async () => {
    const snapshot = await read(`replicaCount: 3\nimage: {tag: latest}\n---\n${pod('a')}`, 'values.yaml');
    expect(snapshot.gaps).toEqual([]);
    expect(snapshot.notes[0]).toMatch(
      /^1 document ignored as not a Kubernetes manifest: .*values\.yaml \(document 1\)\.$/,
    );
  });
});

describe('objects that are there twice', () => {
  test('equal objects that occur twice are one, without a note', async () => {
    const a = await write('a.yaml', pod('x', 'spec: {a: [1, {b: 2}]}\n'));
    const b = await write('b.json', JSON.stringify(jsonPod('x', { spec: { a: [1, { b: 2 }] } })));
    const snapshot = await readSnapshot([a, b], noStdin);
    expect(namesOf(snapshot)).toEqual(['Pod x']);
    expect(snapshot.notes).toEqual([]);
  });

  test.each([
    ['another value', '{a: 1}', '{a: 2}'],
    ['a key more', '{a: 1}', '{a: 1, b: 1}'],
    ['another key', '{a: 1}', '{b: 1}'],
    ['a list for an object', '{"0": 1}', '[1]'],
    ['null for nothing', '{a: ~}', '{}'],
  ])('objects that occur twice and differ by %s are both kept, with a note', async (_name, first, second) => {
    const a = await write('a.yaml', pod('x', `spec: ${first}\n`));
    const b = await write('b.yaml', pod('x', `spec: ${second}\n`));
    const snapshot = await readSnapshot([a, b], noStdin);
    expect(snapshot.objects.map(({ origin, differs }) => [origin, differs])).toEqual([
      [a, `${a} and ${b}`],
      [b, `${a} and ${b}`],
    ]);
    expect(snapshot.notes).toEqual([
      `Pod default/x differs between ${a} and ${b}: a check passes only if it passes with each of them.`,
    ]);
  });

  test('objects that differ only by managed fields of the API server are one', async () => {
    const read = (manager: string) =>
      JSON.stringify(jsonPod('x', { metadata: { name: 'x', uid: 'u', managedFields: [{ manager }] } }));
    const a = await write('a.json', read('kubectl'));
    const b = await write('b.json', read('helm'));
    expect((await readSnapshot([a, b], noStdin)).notes).toEqual([]);
  });

  test.each([
    ['the later version counts', 'u', ['9', '10'], ['10']],
    ['wherever it is', 'u', ['10', '9'], ['10']],
    ['both are there where one was made anew', 'v', ['9', '10'], ['9', '10']],
    ['both are there where versions cannot be compared', 'u', ['a9', 'a10'], ['a9', 'a10']],
  ])('objects that were read at two times: %s', async (_name, uid, [first = '', second = ''], expected) => {
    const read = (own: string, resourceVersion: string) =>
      JSON.stringify(jsonPod('x', { metadata: { name: 'x', uid: own, resourceVersion } }));
    const a = await write('a.json', read('u', first));
    const b = await write('b.json', read(uid, second));
    const { objects } = await readSnapshot([a, b], noStdin);
    expect(
      objects.map(({ object }) => (object['metadata'] as { resourceVersion: string }).resourceVersion),
    ).toEqual(expected);
  });

  test('objects that occur too often to compare them all are all kept', async () => {
    const many = Array.from({ length: 30 }, (_, index) => pod('x', `spec: {a: ${index}}\n`));
    const { objects, notes } = await read(many.join('---\n'));
    expect(objects).toHaveLength(30);
    expect(notes[0]).toMatch(/and 25 more: /);
  });

  test('objects in different namespaces, or of kinds that only share their name, are two', async () => {
    const other = pod('x').replace('name: x', 'name: x\n  namespace: other');
    const calico = 'apiVersion: crd.projectcalico.org/v1\nkind: NetworkPolicy\nmetadata: {name: p}\n';
    const core = 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\n';
    expect((await read([pod('x'), other, calico, core].join('---\n'))).objects).toHaveLength(4);
  });

  test('objects that occur twice are named one by one only up to five', async () => {
    const documents = Array.from({ length: 8 }, (_, index) => [
      pod(`p${index}`, 'a: 1\n'),
      pod(`p${index}`, 'a: 2\n'),
    ]);
    const { notes } = await read(documents.flat().join('---\n'));
    expect(notes).toHaveLength(6);
    expect(notes[5]).toMatch(/^3 more objects differ/);
  });
});

describe('a page of a list', () => {
  const page = (metadata: string, ...names: readonly string[]) =>
    `apiVersion: v1\nkind: PodList\nmetadata: {resourceVersion: "4"${metadata}}\nitems: [${names
      .map((name) => `{metadata: {name: ${name}, uid: ${name}}, spec: {containers: []}}`)
      .join(', ')}]\n`;

  test('a page with a continue token leaves what follows it not evaluated', async () => {
    const { gaps } = await read(page(', continue: abc', 'a'));
    expect(gaps.map(({ resource, reason }) => [resource, reason])).toEqual([['pods', 'list-incomplete']]);
    const counted = await read(page(', remainingItemCount: 3', 'a'));
    expect(counted.gaps.map(({ reason }) => reason)).toEqual(['list-incomplete']);
  });

  const first = page(', continue: abc, remainingItemCount: 3', 'a', 'b');
  const second = page(', continue: def, remainingItemCount: 1', 'c', 'd');
  const last = page('', 'e');
  const gapsOf = async (...pages: readonly string[]) => (await read(pages.join('---\n'))).gaps;

  test('a list is whole with all its pages in any order, and a page without a continue token is whole by itself', async () => {
    expect(await gapsOf(first, second, last)).toEqual([]);
    expect(await gapsOf(last, second, first, second)).toEqual([]);
    expect(await gapsOf(page(', continue: ""', 'a'))).toEqual([]);
  });

  test.each([
    ['one in between is missing', [first, last], /after which 3 more objects come/],
    ['the last one is missing', [first, second], /after which 1 more object comes/],
    ['it is there twice instead', [first, first], /after which 3 more objects come/],
    ['the numbers do not add up', [first, second, page('', 'e', 'f')], /after which 1 more object comes/],
    ['it does not count', [page(', continue: abc', 'a'), last], /does not say how many/],
    ['the next one does not count', [first, page(', continue: def', 'c', 'd'), last], /after which 3 more/],
    ['the next one is of another read', [second, last.replace('"4"', '"5"')], /after which 1 more object/],
    ['an empty one follows', [second, page(', continue: ghi, remainingItemCount: 1')], /after which 1 more/],
  ])('a page leaves the others not evaluated where %s', async (_name, pages, message) => {
    const gaps = await gapsOf(...pages);
    expect(gaps.map(({ resource, reason }) => [resource, reason])).toEqual([['pods', 'list-incomplete']]);
    expect(gaps[0]?.message).toMatch(message);
  });

  test('a page of a list of any kind leaves everything not evaluated', async () => {
    const { gaps } = await read('apiVersion: v1\nkind: List\nmetadata: {continue: abc}\nitems: []\n');
    expect(gaps.map(({ resource, reason }) => [resource, reason])).toEqual([[null, 'list-incomplete']]);
  });

  test('a page of kinds that no check reads gives no gap', async () => {
    const secrets = 'apiVersion: v1\nkind: SecretList\nmetadata: {continue: abc}\nitems: []\n';
    expect((await read(secrets)).gaps).toEqual([]);
  });
});

test('an error of an API server is no empty answer', async () => {
  const { gaps } = await read(
    `${pod('a')}---\napiVersion: v1\nkind: Status\nstatus: Failure\nmessage: networkpolicies is forbidden\ncode: 403\n`,
  );
  expect(gaps.map(({ resource }) => resource)).toEqual([null]);
  expect(gaps[0]?.message).toContain('networkpolicies is forbidden');
});
