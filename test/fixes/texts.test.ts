import { describe, expect, test } from '@jest/globals';
import { ruleFix } from '../../lambda/fixes/texts/egress.ts';
import { aManifest, aPodOf, audited, fixOf } from './audited.ts';
import { writtenFixes } from './written.ts';

const OLD = '2026-01-01T00:00:00Z';

describe('How pods that are too old are started anew depends on what makes them', () => {
  test.each([
    ['StatefulSet', 'apps/v1', 'kubectl -n shop rollout restart statefulsets.apps/web'],
    ['DaemonSet', 'apps/v1', 'kubectl -n shop rollout restart daemonsets.apps/web'],
    ['Rollout', 'argoproj.io/v1alpha1', 'kubectl argo rollouts restart web -n shop'],
    ['CloneSet', 'apps.kruise.io/v1alpha1', 'kubectl -n shop delete pod web-0'],
    ['StrimziPodSet', 'core.strimzi.io/v1', 'kubectl -n shop delete pod web-0'],
    // Kinds of Kruise and others have names that Kubernetes has, too: its own object may be another one.
    ['StatefulSet', 'apps.kruise.io/v1beta1', 'kubectl -n shop delete pod web-0'],
    ['DaemonSet', 'apps.kruise.io/v1alpha1', 'kubectl -n shop delete pod web-0'],
    ['Job', 'batch/v1', null],
  ])('a %s has the command that works for it', async (kind, apiVersion, command) => {
    expect(await fixOf('pod-too-old', [aPodOf({ kind, apiVersion, startTime: OLD })])).toMatchObject({
      command,
      risk: expect.any(String),
    });
  });

  test('a Deployment is told from its pods and restarted', async () => {
    const labels = { 'pod-template-hash': '7d9f' };
    const pod = aPodOf({ kind: 'ReplicaSet', name: 'web-7d9f', labels, startTime: OLD });
    expect(await fixOf('pod-too-old', [pod])).toEqual({
      text: 'Restart Deployment shop/web on a schedule shorter than the limit, from a current image.',
      command: 'kubectl -n shop rollout restart deployments.apps/web',
      risk: 'It replaces all pods as its update strategy says. With one replica it is away until the new pod is ready. A tag that has moved since then starts another image.',
    });
  });

  test('nothing creates a bare pod again, which the fix says instead of deleting it', async () => {
    const { text, command } = await fixOf('pod-too-old', [aPodOf({ startTime: OLD })]);
    expect(text).toContain('Pod shop/web has no controller, so nothing will create it again');
    expect(command).toBeNull();
  });

  test('the node of a static pod is replaced, since deleting its mirror changes nothing', async () => {
    const annotations = { 'kubernetes.io/config.mirror': 'x' };
    const { text, command } = await fixOf('pod-too-old', [aPodOf({ annotations, startTime: OLD })]);
    expect(text).toContain('static pod of its node');
    expect(command).toBeNull();
  });

  test('the pods and the containers of a workload that are too old have one fix', async () => {
    const pod = aPodOf({ kind: 'StatefulSet', startTime: OLD });
    const status = {
      phase: 'Running',
      startTime: OLD,
      containerStatuses: [{ name: 'app', state: { running: { startedAt: OLD } } }],
    };
    const both = [{ ...pod, status }];
    expect(await fixOf('container-too-old', both)).toEqual(await fixOf('pod-too-old', both));
  });
});

describe('Where a template is changed', () => {
  const root = (pod: Parameters<typeof aPodOf>[0]) =>
    fixOf('writable-root-filesystem', [aPodOf({ kind: 'StatefulSet', ...pod })]);

  test('the object is named, with what will fail and how to see it before', async () => {
    expect(await root({})).toEqual({
      text: 'In StatefulSet shop/web, set securityContext.readOnlyRootFilesystem: true for container app. Mount an emptyDir where the program writes, mostly at /tmp.',
      command: null,
      risk: 'Writes outside of volumes will fail. See first what it has written, in the container: find / -xdev -type f -newer /etc/hostname. It restarts the pods. If Helm, Argo CD or Flux manages it, change its source: they undo changes of the object.',
    });
  });

  test.each([
    [
      { 'helm.sh/chart': 'web-1.2.0', 'app.kubernetes.io/managed-by': 'Helm' },
      'in the values of the Helm chart web-1.2.0',
    ],
    [{ 'app.kubernetes.io/managed-by': 'Helm' }, 'in the values of its Helm chart'],
    [
      { 'argocd.argoproj.io/instance': 'shop', 'helm.sh/chart': 'web-1' },
      'in the Git source of the Argo CD application shop',
    ],
    [{ 'kustomize.toolkit.fluxcd.io/name': 'apps' }, 'in the Git source of the Flux Kustomization apps'],
    [
      { 'helm.toolkit.fluxcd.io/name': 'web', 'helm.sh/chart': 'web-1' },
      'in the values of the Flux HelmRelease web',
    ],
  ])('what installed it is the place to change it: %j', async (labels, where) => {
    const { text, risk } = await root({ labels });
    expect(text).toContain(`For StatefulSet shop/web, ${where}, set`);
    expect(risk).not.toContain('If Helm');
  });

  test.each([
    [{ 'app.kubernetes.io/managed-by': 'strimzi-cluster-operator' }],
    [{ 'app.kubernetes.io/instance': 'web' }],
  ])('other labels name no tool: %j', async (labels) => {
    expect((await root({ labels })).text).toContain('In StatefulSet shop/web');
  });

  test.each([
    ['Job', 'batch/v1', 'In the manifest of Job shop/web, which must be created again, set'],
    ['Cassandra', 'db.example.com/v1', 'In the object that makes the pods of Cassandra shop/web, set'],
    ['StatefulSet', 'db.example.com/v1', 'In the object that makes the pods of StatefulSet shop/web, set'],
    ['StatefulSet', 'apps.kruise.io/v1beta1', 'In StatefulSet shop/web, set'],
    ['Rollout', 'example.com/v1', 'In the object that makes the pods of Rollout shop/web, set'],
  ])('a %s is changed in its own way', async (kind, apiVersion, place) => {
    expect((await root({ kind, apiVersion })).text).toContain(place);
  });

  test('an image that several containers run is one change of them all, and that of a debug container none', async () => {
    const image = 'registry.example.com/app:latest';
    const spec = {
      containers: [
        { name: 'app', image },
        { name: 'worker', image },
        { name: 'other', image: 'registry.example.com/other:latest' },
      ],
      initContainers: [{ name: 'migrate', image }],
      ephemeralContainers: [{ name: 'dbg', image: 'busybox:latest' }],
    };
    const found = (await audited([aPodOf({ kind: 'StatefulSet', spec })])).filter(
      ({ check }) => check === 'image-tag-mutable',
    );
    const changes = new Map(
      found.map(({ cause, container }) => [`${cause?.kind} ${cause?.object.part}`, container]),
    );
    expect(found).toHaveLength(5);
    expect([...changes.keys()].sort()).toEqual([
      'debug-left container dbg',
      `image-behind image ${image}`,
      'image-behind image registry.example.com/other:latest',
    ]);
    const digest = `sha256:${'a'.repeat(64)}`;
    const statuses = (names: readonly string[]) =>
      names.map((name) => ({ name, image, imageID: `registry.example.com/app@${digest}` }));
    const pod = aPodOf({ kind: 'StatefulSet', spec });
    const running = {
      ...pod,
      status: {
        ...(pod['status'] as object),
        containerStatuses: statuses(['app', 'worker']),
        initContainerStatuses: statuses(['migrate']),
      },
    };
    const [written, ...others] = (await writtenFixes([running])).filter(
      ({ row }) => row.kind === 'image-behind',
    );
    expect(others).toEqual([]);
    expect(JSON.stringify(written?.documents).match(/app:latest@sha256/g)).toHaveLength(3);
  });

  test('a label that a controller may add names no tool', async () => {
    const { text } = await fixOf('writable-root-filesystem', [aManifest('Rollout', 'argoproj.io/v1alpha1')]);
    expect(text).toMatch(/^In line 1 of standard input, Rollout shop\/web, set/);
    const [written] = (await writtenFixes([aManifest('Rollout', 'argoproj.io/v1alpha1')])).filter(
      ({ row }) => row.kind === 'writable-root',
    );
    expect(written?.text).not.toContain('Argo CD');
  });

  test('a container that a webhook adds is changed at the injector, and the others in the template', async () => {
    const spec = {
      containers: [
        { name: 'istio-proxy', image: 'proxy:1' },
        { name: 'app', image: 'app:1', securityContext: { readOnlyRootFilesystem: true } },
      ],
    };
    const { text } = await root({ spec });
    expect(text).toContain('A webhook adds container istio-proxy');
  });

  test('a proxy that is alone in its pod, as in a gateway, is in the template', async () => {
    const spec = { containers: [{ name: 'istio-proxy', image: 'proxy:1' }] };
    expect((await root({ spec })).text).toContain('In StatefulSet shop/web, set');
  });

  test('a debug container goes with its own pod, not with another one of the workload', async () => {
    const [one, other] = [aPodOf({ kind: 'StatefulSet' }), aPodOf({ kind: 'StatefulSet' })];
    const debugged = {
      ...other,
      metadata: { ...(other['metadata'] as object), name: 'web-1' },
      spec: { ...(other['spec'] as object), ephemeralContainers: [{ name: 'dbg', image: 'busybox' }] },
    };
    expect(await fixOf('debug-container-attached', [one, debugged])).toMatchObject({
      text: expect.stringMatching(/^Delete the pod web-1: /),
      command: 'kubectl -n shop delete pod web-1',
    });
  });

  test('what AWS makes is updated as an add-on, if EKS lists it', async () => {
    const spec = {
      containers: [
        { name: 'kube-proxy', image: '602401143452.dkr.ecr.eu-west-1.amazonaws.com/eks/kube-proxy:v1.33' },
      ],
    };
    const { text } = await root({ kind: 'DaemonSet', name: 'kube-proxy', namespace: 'kube-system', spec });
    expect(text).toContain('Where EKS lists the add-on');
    expect(text).toContain('aws eks update-addon --addon-name kube-proxy');
  });
});

describe('An image that can change is pinned to what runs', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const pinned = async (image: string, imageID: string) => {
    const pod = aPodOf({ kind: 'StatefulSet', spec: { containers: [{ name: 'app', image }] } });
    const status = {
      ...(pod['status'] as object),
      containerStatuses: [
        { name: 'app', imageID, state: { running: { startedAt: '2026-11-20T12:00:00Z' } } },
      ],
    };
    return (await fixOf('image-tag-mutable', [{ ...pod, status }])).text;
  };

  test.each([
    ['nginx', `docker.io/library/nginx@${digest}`, `nginx@${digest}`],
    ['nginx:latest', `docker-pullable://nginx@${digest}`, `nginx:latest@${digest}`],
    ['registry:5000/a/b', `registry:5000/a/b@${digest}`, `registry:5000/a/b@${digest}`],
  ])('%s that runs as %s', async (image, id, to) => {
    expect(await pinned(image, id)).toContain(`pin container app to the image that runs: ${to}.`);
  });

  test.each([
    ['nginx', digest],
    ['nginx', `mirror.example.com/nginx@${digest}`],
    ['nginx', ''],
  ])('%s is not where only %s is known', async (image, id) => {
    expect(await pinned(image, id)).not.toContain('sha256');
  });
});

test('of a manifest the file and the line of the container are named, and nothing that would undo it', async () => {
  const fix = await fixOf('writable-root-filesystem', [aManifest('Deployment', 'apps/v1')]);
  expect(fix).toEqual({
    text: 'In line 1 of standard input, Deployment shop/web, set securityContext.readOnlyRootFilesystem: true for container app. Mount an emptyDir where the program writes, mostly at /tmp.',
    command: null,
    risk: 'Writes outside of volumes will fail. See first what it has written, in the container: find / -xdev -type f -newer /etc/hostname.',
  });
});

test('several pods are deleted one by one, since they may be all that there are', async () => {
  const debugged = (name: string) => {
    const pod = aPodOf({ kind: 'StatefulSet' });
    return {
      ...pod,
      metadata: { ...(pod['metadata'] as object), name },
      spec: { ...(pod['spec'] as object), ephemeralContainers: [{ name: 'dbg', image: 'busybox' }] },
    };
  };
  expect(await fixOf('debug-container-attached', [debugged('web-0'), debugged('web-1')])).toMatchObject({
    text: expect.stringMatching(/^Delete the pods web-0 and web-1 one by one: /),
    command: 'kubectl -n shop delete pod web-0',
  });
});

test('a debug container of a workload that AWS makes is nothing that an update of the add-on removes', async () => {
  const pod = aPodOf({
    kind: 'DaemonSet',
    name: 'kube-proxy',
    namespace: 'kube-system',
    spec: {
      containers: [
        {
          name: 'kube-proxy',
          image: '602401143452.dkr.ecr.eu-west-1.amazonaws.com/eks/kube-proxy:v1.33',
          securityContext: { readOnlyRootFilesystem: true },
        },
      ],
      ephemeralContainers: [{ name: 'dbg', image: 'busybox' }],
    },
  });
  const found = await audited([pod]);
  const ofDebugger = found.filter(({ container }) => container === 'dbg');
  expect(ofDebugger.length).toBeGreaterThan(1);
  expect(ofDebugger.map(({ managedBy }) => managedBy)).toEqual(ofDebugger.map(() => null));
  const root = ofDebugger.find(({ check }) => check === 'writable-root-filesystem');
  expect(root?.fix?.text).toMatch(/^Delete the pod kube-proxy-0: .*A debug container cannot be removed/);
});

test('a text that holds a command holds no name that is none, nor a part of one', () => {
  const textOf = (name: string): string =>
    ruleFix({
      cause: {
        kind: 'rule-too-wide',
        object: { kind: 'NetworkPolicy', namespace: 'shop', name: 'all', part: null },
      },
      workload: { namespace: 'shop', kind: 'StatefulSet', name },
    }).text;
  expect(textOf('web')).toContain('eks-drift-audit egress shop/web --explain');
  for (const name of ['$(touch pwned)', '-w', `w${'x'.repeat(100)}`]) {
    expect(textOf(name)).toBe('Narrow shop/NetworkPolicy/all to what its pods need.');
  }
});

test('no command holds a name that no API server would take', async () => {
  const pod = aPodOf({ kind: 'StatefulSet', name: "web'; rm -rf ~ #", startTime: OLD });
  expect((await fixOf('pod-too-old', [pod])).command).toBeNull();
});

test('texts are short, whatever a file calls its objects', async () => {
  const long = 'x'.repeat(5000);
  const spec = { containers: [{ name: long, image: long }], volumes: [{ name: long, emptyDir: {} }] };
  const pods = [aPodOf({ kind: 'StatefulSet', name: long, namespace: long, spec })];
  for (const check of ['writable-root-filesystem', 'unbounded-empty-dir', 'image-tag-mutable']) {
    const { text, risk } = await fixOf(check, pods);
    expect(text.length).toBeLessThan(500);
    expect((risk ?? '').length).toBeLessThan(500);
  }
});
