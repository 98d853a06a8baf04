import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  createPodDecoder,
  decodePodList,
  decodeSinglePod,
} from '../../../lambda/collect/pods/protobuf/decode-pods.ts';
import { type PodReading, readPod } from '../../../lambda/collect/pods/read-pod.ts';
import type { PodRecord } from '../../../lambda/inventory/pod.ts';
import { encodeEnvelope, encodePod, encodePodList, type JsonObject } from '../../bench/encoding/encode.ts';
import { runs } from '../../support/runs.ts';
import { anyPod, anyReplicas } from './pods.ts';

function decodeAll(pods: readonly JsonObject[], asked: PodReading = {}): readonly PodRecord[] {
  const found: PodRecord[] = [];
  decodePodList(encodePodList(pods), (pod) => found.push(pod), createPodDecoder('default', asked));
  return found;
}

function withAnnotation(pod: JsonObject, key: string, value: string): JsonObject {
  const metadata = pod['metadata'] as JsonObject;
  const annotations = (metadata['annotations'] ?? {}) as JsonObject;
  return { ...pod, metadata: { ...metadata, annotations: { ...annotations, [key]: value } } };
}

describe('pods in protobuf and in JSON', () => {
  test('pods in protobuf and in JSON give equal records, field for field and in the same order of fields', () => {
    fc.assert(
      fc.property(fc.array(anyPod, { maxLength: 4 }), (pods) => {
        const expected = pods.map((pod) => readPod(pod));
        expect(decodeAll(pods)).toEqual(expected);
        // The order decides the text of a class: pods must meet in it however they were read.
        const ordered = (records: readonly PodRecord[]) => records.map(({ spec }) => JSON.stringify(spec));
        expect(ordered(decodeAll(pods))).toEqual(ordered(expected));
      }),
      { numRuns: runs(100) },
    );
  });

  test('replicas in protobuf and in JSON give equal records where facts are taken over from one another', () => {
    fc.assert(
      fc.property(anyReplicas, (pods) => {
        const expected = pods.map((pod) => readPod(pod));
        expect(decodeAll(pods)).toEqual(expected);
        const ordered = (records: readonly PodRecord[]) => records.map(({ spec }) => JSON.stringify(spec));
        expect(ordered(decodeAll(pods))).toEqual(ordered(expected));
      }),
      { numRuns: runs(150) },
    );
  });

  test('pods in protobuf and in JSON give equal addresses on request, and none otherwise', () => {
    const asked = { addresses: true };
    fc.assert(
      fc.property(fc.oneof(fc.array(anyPod, { maxLength: 4 }), anyReplicas), (pods) => {
        expect(decodeAll(pods, asked)).toEqual(pods.map((pod) => readPod(pod, asked)));
        expect(decodeAll(pods).some((pod) => 'addresses' in pod)).toBe(false);
      }),
      { numRuns: runs(150) },
    );
  });

  test('pods in protobuf and in JSON give equal annotations on request, and none otherwise', () => {
    const key = 'exämple.com/team';
    const asked = { annotations: [key] };
    fc.assert(
      fc.property(fc.array(anyPod, { minLength: 1, maxLength: 4 }), fc.string(), (pods, team) => {
        const owned = pods.map((pod) => withAnnotation(pod, key, team));
        expect(decodeAll(owned, asked)).toEqual(owned.map((pod) => readPod(pod, asked)));
        expect(decodeAll(owned, asked).every(({ spec }) => spec.annotations?.[key] === team)).toBe(true);
        expect(decodeAll(owned).some(({ spec }) => Object.hasOwn(spec.annotations ?? {}, key))).toBe(false);
      }),
      { numRuns: runs(50) },
    );
  });

  test('a single pod is read like one in a list', () => {
    fc.assert(
      fc.property(anyPod, (pod) => {
        const bytes = encodeEnvelope({ apiVersion: 'v1', kind: 'Pod' }, encodePod(pod));
        expect(decodeSinglePod(bytes)).toEqual(readPod(pod));
      }),
      { numRuns: runs(50) },
    );
  });
});

describe('a pod of very many containers', () => {
  const names = Array.from({ length: 40 }, (_, index) => `c${index}`);
  const statuses = (image: string) => names.map((name) => ({ name, imageID: `${image}${name}`, state: {} }));
  const pod = {
    metadata: { name: 'many' },
    spec: { containers: names.map((name) => ({ name })) },
    status: {
      containerStatuses: statuses('sha256:'),
      ephemeralContainerStatuses: statuses('later:').slice(5),
    },
  };

  test('a pod of very many containers is read as from JSON', () => {
    expect(decodeAll([pod])).toEqual([readPod(pod)]);
  });
});

describe('the frame of a page', () => {
  test('a page has its continue token and the number of remaining items', () => {
    const meta = { resourceVersion: '77', continue: 'abc', remainingItemCount: 5_000_000_000 };
    expect(decodePodList(encodePodList([], meta), () => undefined)).toEqual(meta);
    expect(decodePodList(encodePodList([], { resourceVersion: '1' }), () => undefined)).toEqual({
      resourceVersion: '1',
      continue: '',
      remainingItemCount: null,
    });
  });

  test('an empty list has no pods', () => {
    expect(decodeAll([])).toEqual([]);
  });

  test('bytes that lie within a larger buffer are read in place', () => {
    const page = encodePodList([{ metadata: { name: 'a' }, spec: { containers: [{ name: 'app' }] } }]);
    const around = new Uint8Array(page.length + 20).fill(0xff);
    around.set(page, 7);
    const names: string[] = [];
    decodePodList(around.subarray(7, 7 + page.length), ({ name }) => names.push(name));
    expect(names).toEqual(['a']);
  });
});

const PROJECTED = { projected: { sources: [] } };

function replica(
  index: number,
  change: (spec: Record<string, unknown>) => void = () => undefined,
): JsonObject {
  const token = `kube-api-access-${String(index).padStart(5, 'x')}`;
  const spec = {
    volumes: [
      { name: 'tmp', emptyDir: {} },
      { name: `data`, persistentVolumeClaim: { claimName: `data-${'9'.repeat(index)}` } },
      { name: token, ...PROJECTED },
    ],
    containers: [
      {
        name: 'app',
        image: 'app:1',
        volumeMounts: [
          { name: 'tmp', mountPath: '/tmp' },
          { name: token, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true },
        ],
      },
    ],
    nodeName: `node-${'0'.repeat(index)}`,
  };
  change(spec);
  return {
    metadata: {
      name: `web-${index}`,
      labels: { app: 'web' },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-5d9', uid: 'u', controller: true },
      ],
    },
    spec,
    status: {
      phase: 'Running',
      containerStatuses: [
        { name: 'app', imageID: 'sha256:1', state: { running: { startedAt: '2026-01-01T00:00:00Z' } } },
      ],
    },
  };
}

describe('replicas of one template', () => {
  test('replicas share spec, owner and labels as objects although node, claim and token volume differ', () => {
    const [first, ...others] = decodeAll([1, 2, 3].map((index) => replica(index)));
    for (const other of others) {
      expect(other.spec).toBe(first?.spec);
      expect(other.owner).toBe(first?.owner);
      expect(other.labels).toBe(first?.labels);
      expect(other.nodeName).not.toBe(first?.nodeName);
    }
  });

  test('replicas share facts also where required affinity names the node of each, as in a DaemonSet', () => {
    const onNode = (index: number, os: string) =>
      replica(index, (spec) => {
        spec['affinity'] = {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [
                {
                  matchExpressions: [{ key: 'kubernetes.io/os', operator: 'In', values: [os] }],
                  matchFields: [{ key: 'metadata.name', operator: 'In', values: [`node-${index}`] }],
                },
              ],
            },
          },
        };
      });
    const [a, b, other, c] = decodeAll([
      onNode(1, 'windows'),
      onNode(2, 'windows'),
      onNode(3, 'linux'),
      replica(4),
    ]);
    expect(b?.spec).toBe(a?.spec);
    expect([a, other, c].map((pod) => pod?.spec.os)).toEqual(['windows', 'linux', null]);
  });

  test('pods with another outcome of recursiveReadOnly: IfPossible are distinguished', () => {
    const mounting = (index: number, recursive: string | null): JsonObject => {
      const pod = replica(index, (spec) => {
        spec['volumes'] = [{ name: 'host', hostPath: { path: '/' } }];
        spec['containers'] = [
          {
            name: 'app',
            volumeMounts: [
              { name: 'host', mountPath: '/host', readOnly: true, recursiveReadOnly: 'IfPossible' },
            ],
          },
        ];
      });
      const volumeMounts =
        recursive === null ? [] : [{ name: 'host', mountPath: '/host', recursiveReadOnly: recursive }];
      return { ...pod, status: { containerStatuses: [{ name: 'app', imageID: 'sha256:1', volumeMounts }] } };
    };
    const pods = ['Enabled', 'Disabled', null, 'Enabled'].map((said, index) => mounting(index, said));
    expect(decodeAll(pods)).toEqual(pods.map((pod) => readPod(pod)));
    expect(
      decodeAll(pods).map(({ spec }) => spec.containers[0]?.mounts[0]?.recursiveReadOnly ?? 'no'),
    ).toEqual(['Enabled', 'no', 'IfPossible', 'Enabled']);
  });

  test('replicas have separate addresses and share their facts all the same', () => {
    const pods = [1, 2, 3].map((index) => ({
      ...replica(index),
      status: {
        phase: 'Running',
        podIP: `10.0.1.${index}`,
        podIPs: [{ ip: `10.0.1.${index}` }, { ip: 'fd00::1' }],
      },
    }));
    const found = decodeAll(pods, { addresses: true });
    expect(found.map(({ addresses }) => addresses)).toEqual(
      [1, 2, 3].map((index) => [`10.0.1.${index}`, 'fd00::1']),
    );
    expect(new Set(found.map(({ spec }) => spec)).size).toBe(1);
  });

  test('replicas are recognised from page to page of one list', () => {
    const decoder = createPodDecoder();
    const specs = new Set<unknown>();
    for (const index of [1, 2])
      decodePodList(encodePodList([replica(index)]), (pod) => specs.add(pod.spec), decoder);
    expect(specs.size).toBe(1);
  });

  test('pods with another image running are distinguished, and found again', () => {
    const other = replica(2);
    (other['status'] as { containerStatuses: { imageID: string }[] }).containerStatuses[0] = {
      name: 'app',
      imageID: 'sha256:2',
    } as never;
    const [a, b, c] = decodeAll([replica(1), other, replica(3)]);
    expect(a?.spec.containers[0]?.imageId).toBe('sha256:1');
    expect(b?.spec.containers[0]?.imageId).toBe('sha256:2');
    expect(c?.spec).toBe(a?.spec);
  });

  test('pods with another service account are distinguished', () => {
    const pods = ['web', 'admin', 'web', ''].map((serviceAccountName, index) =>
      replica(index, (spec) => Object.assign(spec, { serviceAccountName })),
    );
    expect(decodeAll(pods).map(({ serviceAccount }) => serviceAccount)).toEqual([
      'web',
      'admin',
      'web',
      'default',
    ]);
  });

  test('a container is distinguished from an init container with the same bytes', () => {
    const side = { name: 'side', image: 'side:1' };
    const beside = replica(1, (spec) => {
      spec['containers'] = [{ name: 'app' }, side];
    });
    const before = replica(2, (spec) => {
      spec['containers'] = [{ name: 'app' }];
      spec['initContainers'] = [side];
    });
    expect(decodeAll([beside, before])).toEqual([readPod(beside), readPod(before)]);
  });

  test('a writable host path in place of the token volume is noticed', () => {
    const disguised = replica(2, (spec) => {
      const volumes = spec['volumes'] as { name: string }[];
      volumes[2] = { name: volumes[2]?.name, hostPath: { path: '/' } } as never;
    });
    const [, pod] = decodeAll([replica(1), disguised]);
    expect(pod).toEqual(readPod(disguised));
    expect(pod?.spec.volumes).toContainEqual({ type: 'hostPath', name: 'kube-api-access-xxxx2', path: '/' });
    expect(pod?.spec.containers[0]?.mounts).toHaveLength(2);
  });

  test('a mount of the disk under a name like that of a token volume is noticed', () => {
    const withDisk = (index: number, mounted: string) =>
      replica(index, (spec) => {
        spec['volumes'] = [
          { name: 'kube-api-access-aaaaa', hostPath: { path: '/' } },
          { name: 'kube-api-access-bbbbb', ...PROJECTED },
        ];
        spec['containers'] = [{ name: 'app', volumeMounts: [{ name: mounted, mountPath: '/m' }] }];
      });
    const [token, disk] = decodeAll([
      withDisk(1, 'kube-api-access-bbbbb'),
      withDisk(2, 'kube-api-access-aaaaa'),
    ]);
    expect(token?.spec.containers[0]?.mounts).toEqual([]);
    expect(disk?.spec.containers[0]?.mounts).toEqual([
      { volume: 'kube-api-access-aaaaa', path: '/m', readOnly: false },
    ]);
  });
});
