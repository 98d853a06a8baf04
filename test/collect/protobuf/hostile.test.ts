import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MalformedObject } from '../../../lambda/collect/fields.ts';
import {
  decodePodList,
  decodeSinglePod,
  nameOfPod,
} from '../../../lambda/collect/pods/protobuf/decode-pods.ts';
import { framePodList } from '../../../lambda/collect/pods/protobuf/pod-list.ts';
import type { PodRecord } from '../../../lambda/inventory/pod.ts';
import {
  bytesField,
  encodeEnvelope,
  encodeMessage,
  encodePodList,
  numberField,
  textField,
  varint,
} from '../../bench/encoding/encode.ts';
import { every, runs } from '../../support/runs.ts';

const POD_LIST = { apiVersion: 'v1', kind: 'PodList' };
const POD = { apiVersion: 'v1', kind: 'Pod' };

function pod(name: string, token: string) {
  return {
    metadata: {
      name,
      namespace: 'shop',
      labels: { app: 'web', tier: 'front' },
      annotations: { note: 'x'.repeat(200) },
      creationTimestamp: '2026-01-01T00:00:00Z',
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-5d9', uid: 'u', controller: true },
      ],
      managedFields: [{ manager: 'kubelet', operation: 'Update', apiVersion: 'v1', fieldsV1: { 'f:x': {} } }],
    },
    spec: {
      volumes: [
        { name: 'tmp', emptyDir: { sizeLimit: '1Gi' } },
        { name: token, projected: { sources: [] } },
      ],
      initContainers: [{ name: 'setup', image: 'setup:1' }],
      containers: [
        {
          name: 'app',
          image: 'app:1',
          ports: [{ containerPort: 8080, protocol: 'TCP' }],
          volumeMounts: [
            { name: 'tmp', mountPath: '/tmp' },
            { name: token, mountPath: '/t', readOnly: true },
          ],
          securityContext: { runAsUser: 1000, readOnlyRootFilesystem: true },
        },
      ],
      nodeName: 'node-a',
      os: { name: 'linux' },
    },
    status: {
      phase: 'Running',
      startTime: '2026-01-01T00:00:01Z',
      containerStatuses: [
        { name: 'app', imageID: 'sha256:1', state: { running: { startedAt: '2026-01-01T00:00:02Z' } } },
      ],
    },
  };
}

const page = encodePodList([pod('web-a', 'kube-api-access-aaaaa'), pod('web-b', 'kube-api-access-bbbbb')], {
  resourceVersion: '7',
  continue: 'more',
});

function decode(bytes: Uint8Array): PodRecord[] {
  const found: PodRecord[] = [];
  decodePodList(bytes, (record) => found.push(record));
  return found;
}

/** What is there, or null for the one kind of error that may come. */
function decodeOrRefuse(bytes: Uint8Array): PodRecord[] | null {
  try {
    return decode(bytes);
  } catch (error) {
    if (error instanceof MalformedObject) return null;
    throw error;
  }
}

describe('damaged pages', () => {
  test('a page cut off at any byte is refused before any pod is handed over, or read whole', () => {
    const whole = decode(page);
    let refused = 0;
    for (let length = 0; length < page.length; length++) {
      const handed: PodRecord[] = [];
      try {
        decodePodList(page.subarray(0, length), (record) => handed.push(record));
        // Only the empty fields after the list itself may be missing.
        expect(handed).toEqual(whole);
        expect(length).toBeGreaterThan(page.length - 5);
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedObject);
        expect(handed).toEqual([]);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(page.length - 5);
  });

  test('an item cut off at any byte within a sound frame never gives another pod', () => {
    const item = encodeMessage('Pod', pod('web-a', 'kube-api-access-aaaaa'));
    const [sound] = decode(page);
    for (let length = 0; length < item.length; length++) {
      const found = decodeOrRefuse(pageOf(item.subarray(0, length)));
      if (found === null) continue;
      // A cut between two fields leaves a sound message that says less, never something else.
      const { status: _, ...kept } = pod('web-a', 'kube-api-access-aaaaa');
      expect(kept.metadata.name).toBe(found[0]?.name);
      expect(found[0]?.spec.containers.map(({ imageId, ...facts }) => facts)).toEqual(
        sound?.spec.containers.map(({ imageId, ...facts }) => facts),
      );
    }
  });

  test('a page with any single byte set to an edge value gives a list or an error, and soon', () => {
    for (let at = 0; at < page.length; at += every(20)) {
      for (const value of [0x00, 0x7f, 0xff]) {
        const damaged = Buffer.from(page);
        damaged[at] = value;
        decodeOrRefuse(damaged);
      }
    }
  });

  test('a page with many random bytes gives a list or an error', () => {
    const damage = fc.array(fc.tuple(fc.nat(page.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(damage, (bytes) => {
        const damaged = Buffer.from(page);
        for (const [at, value] of bytes) damaged[at] = value;
        decodeOrRefuse(damaged);
      }),
      { numRuns: runs(2000) },
    );
  });

  test('noise after the magic bytes gives a list or an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        const bytes = Buffer.concat([Buffer.from('k8s\0'), noise]);
        decodeOrRefuse(bytes);
        decodeOrRefuse(pageOf(Buffer.from(noise)));
      }),
      { numRuns: runs(2000) },
    );
  });
});

const META = bytesField(1, textField(2, '7'));

/** A list of items given as bytes. */
function pageOf(...items: Buffer[]): Buffer {
  return encodeEnvelope(POD_LIST, Buffer.concat([META, ...items.map((item) => bytesField(2, item))]));
}

/** A list of one pod whose parts are given as bytes. */
function listOf(parts: { metadata?: Buffer; spec?: Buffer; status?: Buffer; more?: Buffer }): Buffer {
  const metadata = parts.metadata ?? textField(1, 'a');
  const spec = parts.spec ?? bytesField(2, textField(1, 'app'));
  const fields = [
    bytesField(1, metadata),
    bytesField(2, spec),
    bytesField(3, parts.status ?? Buffer.alloc(0)),
  ];
  return pageOf(Buffer.concat([...fields, parts.more ?? Buffer.alloc(0)]));
}

const container = (...fields: Buffer[]) => bytesField(2, Buffer.concat([textField(1, 'app'), ...fields]));

describe('what a newer server may send', () => {
  test.each([
    ['a number', numberField(999, -1)],
    ['text', textField(536_870_911, 'x')],
    ['eight bytes', Buffer.from([...varint((999 << 3) | 1), ...Array(8).fill(1)])],
    ['four bytes', Buffer.from([...varint((999 << 3) | 5), ...Array(4).fill(1)])],
    [
      'nested groups',
      Buffer.from([...varint((99 << 3) | 3), 0x0b, 0x08, 0x01, 0x0c, ...varint((99 << 3) | 4)]),
    ],
  ])('unknown fields with %s are stepped over', (_, unknown) => {
    const everywhere = listOf({
      metadata: Buffer.concat([unknown, textField(1, 'a'), unknown]),
      spec: Buffer.concat([
        unknown,
        container(unknown, bytesField(15, Buffer.concat([unknown, numberField(4, 7)]))),
      ]),
      status: Buffer.concat([textField(1, 'Running'), unknown]),
      more: unknown,
    });
    const [found] = decode(everywhere);
    expect(found).toMatchObject({ name: 'a', phase: 'Running' });
    expect(found?.spec.containers[0]?.runAsUser).toBe(7);
  });
});

describe('what protobuf allows although no server does it', () => {
  const entry = (key: string, value: string) =>
    bytesField(11, Buffer.concat([textField(1, key), textField(2, value)]));
  const owner = (name: string, controller: number) =>
    bytesField(
      13,
      Buffer.concat([
        textField(1, 'Job'),
        textField(3, name),
        textField(5, 'batch/v1'),
        numberField(6, controller),
      ]),
    );

  test('the same bytes in another field are not taken for the template of a replica', () => {
    const metadata = bytesField(1, Buffer.concat([textField(1, 'pod'), owner('job', 1)]));
    const pair = Buffer.concat([textField(1, 'kubernetes.io/os'), textField(2, 'windows')]);
    const specs = [2, 7].map((field) => bytesField(2, Buffer.concat([container(), bytesField(field, pair)])));
    const found = decode(pageOf(...specs.map((spec) => Buffer.concat([metadata, spec]))));
    expect(found.map(({ spec }) => [spec.containers.length, spec.os])).toEqual([
      [2, null],
      [1, 'windows'],
    ]);
  });

  test('labels and owners that are not adjacent are all read, the same the second time', () => {
    const metadata = Buffer.concat([
      entry('a', '1'),
      owner('none', 0),
      textField(1, 'pod'),
      entry('b', '2'),
      owner('first', 1),
      textField(3, 'shop'),
      owner('second', 1),
      entry('a', '3'),
    ]);
    const item = Buffer.concat([bytesField(1, metadata), bytesField(2, container())]);
    for (const found of decode(pageOf(item, item))) {
      expect(found.labels).toEqual({ a: '3', b: '2' });
      expect(found.owner?.name).toBe('first');
    }
    const other = Buffer.concat([entry('c', '4'), textField(1, 'pod'), entry('b', '2')]);
    const [, found] = decode(pageOf(item, Buffer.concat([bytesField(1, other), bytesField(2, container())])));
    expect(found?.labels).toEqual({ c: '4', b: '2' });
  });
});

describe('malformed pages and pods', () => {
  test.each([
    ['a name as number', { metadata: numberField(1, 1) }, /field 1 in the wrong wire type/],
    ['containers as number', { spec: numberField(2, 1) }, /field 2 in the wrong wire type/],
    [
      'readOnlyRootFilesystem as text',
      { spec: container(bytesField(15, textField(6, 'true'))) },
      /field 6 in the wrong wire type/,
    ],
    [
      'runAsUser as text',
      { spec: container(bytesField(15, textField(4, '0'))) },
      /field 4 in the wrong wire type/,
    ],
    [
      'labels as number',
      { metadata: Buffer.concat([textField(1, 'a'), numberField(11, 1)]) },
      /field 11 in the wrong wire type/,
    ],
    ['a time as number', { status: numberField(7, 1) }, /field 7 in the wrong wire type/],
    ['no name', { metadata: textField(3, 'shop') }, /metadata\.name is missing/],
    ['no containers', { spec: textField(10, 'node') }, /spec\.containers is missing/],
    [
      'a container without a name',
      { spec: bytesField(2, textField(2, 'image')) },
      /spec\.containers\[0\]\.name is missing/,
    ],
    [
      'a volume without a name',
      { spec: bytesField(1, Buffer.alloc(0)) },
      /spec\.volumes\[0\]\.name is missing/,
    ],
    [
      'a mount without a name',
      { spec: container(bytesField(9, textField(3, '/tmp'))) },
      /spec\.containers\[0\]\.volumeMounts\[0\]\.name is missing/,
    ],
    [
      'a status without a name',
      { status: bytesField(8, Buffer.alloc(0)) },
      /status\.containerStatuses\[0\]\.name is missing/,
    ],
    [
      'a controller without a kind',
      { metadata: Buffer.concat([textField(1, 'a'), bytesField(13, numberField(6, 1))]) },
      /metadata\.ownerReferences\[0\]\.\w+ is missing/,
    ],
    [
      'a time after the year 9999',
      { status: bytesField(7, numberField(1, 2 ** 52)) },
      /a time is out of range/,
    ],
    ['two specs', { more: bytesField(2, container()) }, /spec is there twice/],
    ['a length beyond its message', { metadata: Buffer.from([0x0a, 0x7f, 0x61]) }, /ends within a field/],
    [
      'a length beyond its message but within the page',
      { metadata: Buffer.concat([textField(1, 'a'), Buffer.from([0x1a, 0x04, 0x61])]) },
      /ends within a field/,
    ],
    ['a length of 2^64 - 1', { metadata: Buffer.from([0x0a, ...varint(-1)]) }, /ends within a field/],
    [
      'a number of eleven bytes',
      { status: Buffer.from([0x48, ...Array(10).fill(0xff), 1]) },
      /more than 64 bits/,
    ],
    ['field number zero', { metadata: Buffer.from([0x02, 0x01, 0x61]) }, /field without a number/],
    [
      'a group that does not end',
      { metadata: Buffer.concat([textField(1, 'a'), Buffer.from([0x7b])]) },
      /ends within/,
    ],
    ['the end of a group that did not begin', { metadata: Buffer.from([0x7c]) }, /unknown wire type 4/],
    ['wire type 7', { metadata: Buffer.from([0x7f]) }, /unknown wire type 7/],
  ])('a damaged pod is refused by name: %s', (_, parts, message) => {
    expect(() => decode(listOf(parts))).toThrow(message);
    expect(() => decode(listOf(parts))).toThrow(MalformedObject);
  });

  test.each([
    ['JSON', Buffer.from('{"kind":"PodList"}'), /magic bytes/],
    ['nothing', Buffer.alloc(0), /magic bytes/],
    [
      'another kind',
      encodeEnvelope({ apiVersion: 'v1', kind: 'Status' }, Buffer.alloc(0)),
      /should be a v1 PodList but is a v1 Status/,
    ],
    [
      'another version',
      encodeEnvelope({ apiVersion: 'v2', kind: 'PodList' }, Buffer.alloc(0)),
      /but is a v2 PodList/,
    ],
    ['no type', Buffer.from('k8s\0'), /nameless kind/],
    ['without content', encodeEnvelope(POD_LIST, Buffer.alloc(0)).subarray(0, -6), /envelope is empty/],
    ['without metadata', encodeEnvelope(POD_LIST, Buffer.alloc(0)), /the list has no metadata/],
    [
      'another encoding',
      Buffer.concat([encodeEnvelope(POD_LIST, Buffer.alloc(0)), textField(3, 'gzip')]),
      /other than plain protobuf/,
    ],
    [
      'two objects',
      Buffer.concat([encodeEnvelope(POD_LIST, Buffer.alloc(0)), bytesField(2, Buffer.alloc(0))]),
      /two objects/,
    ],
  ])('a damaged page is refused by name: %s', (_, bytes, message) => {
    expect(() => decode(bytes)).toThrow(message);
    expect(() => decodeSinglePod(bytes)).toThrow(MalformedObject);
  });

  test('a broken pod is named as well as it can be, and the others are read', () => {
    const broken = encodeMessage('Pod', {
      ...pod('web-c', 'kube-api-access-ccccc'),
      spec: { containers: [] },
    });
    const sound = encodeMessage('Pod', pod('web-d', 'kube-api-access-ddddd'));
    const { items } = framePodList(pageOf(broken, sound, Buffer.from([0xff])));
    expect(items.map((item) => nameOfPod(item))).toEqual([
      { namespace: 'shop', kind: 'Pod', name: 'web-c' },
      { namespace: 'shop', kind: 'Pod', name: 'web-d' },
      { namespace: null, kind: 'Pod', name: '(without name)' },
    ]);
  });

  test('a list in place of a single pod is refused', () => {
    expect(() => decodeSinglePod(page)).toThrow(/should be a v1 Pod but is a v1 PodList/);
    expect(() => decode(encodeEnvelope(POD, Buffer.alloc(0)))).toThrow(/should be a v1 PodList/);
  });

  test('groups nested a hundred thousand deep do not overflow the stack', () => {
    const deep = Buffer.alloc(100_000, 0x7b);
    expect(() => decode(listOf({ metadata: deep }))).toThrow(/ends within/);
  });
});
