import { describe, expect, test } from '@jest/globals';
import { aManifest, audited, type Fields } from './audited.ts';
import { applyJsonPatch, strategicMerge } from './patches.ts';
import { writtenFixes } from './written.ts';

const CONTAINER = { name: 'app', image: 'registry.example.com/app:1' };
const READ_ONLY = { ...CONTAINER, securityContext: { readOnlyRootFilesystem: true } };

/** What a pod spec must have for each kind of cause, and nothing else. */
const CAUSES: readonly (readonly [string, string, Fields])[] = [
  ['writable-root-filesystem', 'of a container', { containers: [CONTAINER] }],
  [
    'writable-root-filesystem',
    'of an init container beside a container of another name',
    { containers: [READ_ONLY], initContainers: [{ name: 'first', image: 'app:1' }] },
  ],
  [
    'writable-root-filesystem',
    'of a native sidecar',
    { containers: [READ_ONLY], initContainers: [{ name: 'side', image: 'app:1', restartPolicy: 'Always' }] },
  ],
  [
    'writable-root-filesystem',
    'of a container whose other settings stay',
    { containers: [{ ...CONTAINER, securityContext: { runAsUser: 7, capabilities: { drop: ['ALL'] } } }] },
  ],
  [
    'writable-host-path',
    'without mounts below it',
    {
      containers: [
        {
          ...READ_ONLY,
          volumeMounts: [
            { name: 'logs', mountPath: '/logs' },
            { name: 'pvc', mountPath: '/data' },
          ],
        },
      ],
      volumes: [
        { name: 'logs', hostPath: { path: '/var/log' } },
        { name: 'pvc', persistentVolumeClaim: { claimName: 'x' } },
      ],
    },
  ],
  [
    'writable-host-path',
    'with mounts below it, which readOnly alone does not cover',
    {
      containers: [{ ...READ_ONLY, volumeMounts: [{ name: 'root', mountPath: '/host', readOnly: true }] }],
      volumes: [{ name: 'root', hostPath: { path: '/' } }],
    },
  ],
  [
    'writable-host-path',
    'with mounts below it that come and go, as of an agent that watches the node',
    {
      containers: [
        {
          ...READ_ONLY,
          volumeMounts: [{ name: 'root', mountPath: '/host', mountPropagation: 'HostToContainer' }],
        },
      ],
      volumes: [{ name: 'root', hostPath: { path: '/' } }],
    },
  ],
  [
    'unbounded-empty-dir',
    'of two volumes',
    {
      containers: [READ_ONLY],
      volumes: [
        { name: 'a', emptyDir: {} },
        { name: 'b', emptyDir: { sizeLimit: '0' } },
      ],
    },
  ],
  ['egress-host-network', 'of the pod', { containers: [READ_ONLY], hostNetwork: true }],
];

const BUILT_IN: readonly (readonly [string, (spec: Fields) => Fields])[] = [
  ['Deployment', (spec) => aManifest('Deployment', 'apps/v1', spec)],
  ['StatefulSet', (spec) => aManifest('StatefulSet', 'apps/v1', spec)],
  ['DaemonSet', (spec) => aManifest('DaemonSet', 'apps/v1', spec)],
  ['ReplicaSet', (spec) => aManifest('ReplicaSet', 'apps/v1', spec)],
  ['ReplicationController', (spec) => aManifest('ReplicationController', 'v1', spec)],
  [
    'CronJob',
    (spec) => ({
      ...aManifest('CronJob', 'batch/v1'),
      spec: { schedule: '0 0 * * *', jobTemplate: { spec: aManifest('Job', 'batch/v1', spec)['spec'] } },
    }),
  ],
];

/** All objects in an object that look like mounts. */
const mountsIn = (value: unknown): readonly Fields[] =>
  typeof value !== 'object' || value === null
    ? []
    : [...('mountPath' in value ? [value as Fields] : []), ...Object.values(value).flatMap(mountsIn)];

/** What the API server says of a mount: pkg/apis/core/validation/validation.go, validateMountRecursiveReadOnly. */
function refusals({ readOnly, recursiveReadOnly = 'Disabled', mountPropagation = 'None' }: Fields): string[] {
  if (recursiveReadOnly === 'Disabled') return [];
  return [
    ...(readOnly === true ? [] : ['may only be specified when readOnly is true']),
    ...(mountPropagation === 'None' ? [] : ['may only be specified when mountPropagation is None']),
  ];
}

interface Case {
  readonly title: string;
  readonly check: string;
  readonly before: Fields;
}

const CASES: readonly Case[] = BUILT_IN.flatMap(([kind, make]) =>
  CAUSES.map(([check, what, spec]) => ({ title: `${kind}: ${check} ${what}`, check, before: make(spec) })),
);

describe('A strategic patch removes what it was made for and adds nothing', () => {
  test.each(CASES)('$title', async ({ check, before }) => {
    const known = await audited([before]);
    const found = known.filter((finding) => finding.check === check);
    expect(found).toHaveLength(1);
    const causes = new Set(found.map(({ cause }) => cause?.id));
    const [written] = (await writtenFixes([before])).filter(({ row }) =>
      row.causes.some(({ id }) => causes.has(id)),
    );
    const after = strategicMerge(before, written?.documents[0]) as Fields;
    for (const mount of mountsIn(after)) expect(refusals(mount)).toEqual([]);
    const then = (await audited([after])).map(({ id }) => id);
    expect(then).not.toContain(found[0]?.id);
    expect(then.filter((id) => !known.some((finding) => finding.id === id))).toEqual([]);
    expect(JSON.stringify(after)).toContain('registry.example.com/app:1');
  });
});

const rootOrNetwork = async (object: Fields) =>
  (await writtenFixes([object])).filter(
    ({ row: { kind } }) => kind === 'writable-root' || kind === 'host-network',
  );

describe('A JSON patch for kinds of others', () => {
  const rollout = (spec: Fields) => aManifest('Rollout', 'argoproj.io/v1alpha1', spec);
  const scaled = (spec: Fields): Fields => ({
    ...aManifest('ScaledJob', 'keda.sh/v1alpha1'),
    spec: { jobTargetRef: aManifest('Job', 'batch/v1', spec)['spec'] },
  });

  test.each([
    ['Rollout', rollout],
    ['CloneSet', (spec: Fields) => aManifest('CloneSet', 'apps.kruise.io/v1alpha1', spec)],
    // Kubernetes has kinds of these names, too.
    ['StatefulSet of Kruise', (spec: Fields) => aManifest('StatefulSet', 'apps.kruise.io/v1beta1', spec)],
    ['DaemonSet of Kruise', (spec: Fields) => aManifest('DaemonSet', 'apps.kruise.io/v1alpha1', spec)],
    ['Service', (spec: Fields) => aManifest('Service', 'serving.knative.dev/v1', spec)],
    ['DeploymentConfig', (spec: Fields) => aManifest('DeploymentConfig', 'apps.openshift.io/v1', spec)],
    ['ScaledJob', scaled],
  ])('of a %s is applied at the right container', async (_, make) => {
    const second = { name: 'second', image: 'b:1' };
    const before = make({ containers: [READ_ONLY, second], hostNetwork: true });
    const written = await rootOrNetwork(before);
    const after = written.reduce(
      (object, { documents }) => applyJsonPatch(object, documents[0] as never),
      before,
    );
    const left = (await audited([after])).map(({ check }) => check);
    expect(left).not.toContain('writable-root-filesystem');
    expect(left).not.toContain('egress-host-network');
    expect(written).toHaveLength(2);
  });

  test('is refused where another container is in its place', async () => {
    const [written] = await rootOrNetwork(rollout({ containers: [CONTAINER] }));
    const moved = rollout({ containers: [{ name: 'other', image: 'b:1' }, CONTAINER] });
    expect(() => applyJsonPatch(moved, written?.documents[0] as never)).toThrow('test');
  });

  test('is refused where it would replace a security context that it does not know', async () => {
    const [written] = await rootOrNetwork(rollout({ containers: [CONTAINER] }));
    const secured = rollout({
      containers: [{ ...CONTAINER, securityContext: { capabilities: { drop: ['ALL'] } } }],
    });
    expect(() => applyJsonPatch(secured, written?.documents[0] as never)).toThrow('securityContext');
  });

  test('keeps the settings of a security context of which some are known', async () => {
    const before = rollout({
      containers: [
        { ...CONTAINER, securityContext: { runAsNonRoot: true, capabilities: { drop: ['ALL'] } } },
      ],
    });
    const [written] = await rootOrNetwork(before);
    const after = applyJsonPatch(before, written?.documents[0] as never);
    expect(JSON.stringify(after)).toContain('"capabilities":{"drop":["ALL"]},"readOnlyRootFilesystem":true');
  });

  test('is not made for volumes, whose places are not known', async () => {
    const before = rollout({ containers: [READ_ONLY], volumes: [{ name: 'a', emptyDir: {} }] });
    expect((await writtenFixes([before])).filter(({ row }) => row.kind === 'unbounded-volume')).toEqual([]);
  });
});

test.each([
  ['Job', 'batch/v1'],
  ['Job', 'batch.volcano.sh/v1alpha1'],
  ['Cassandra', 'db.example.com/v1'],
  ['Rollout', 'example.com/v1'],
  ['Deployment', 'example.com/v1'],
])('no patch is written for a %s, whose template cannot be changed or found', async (kind, apiVersion) => {
  expect(
    (await writtenFixes([aManifest(kind, apiVersion)])).filter(({ row }) => row.kind === 'writable-root'),
  ).toEqual([]);
});
