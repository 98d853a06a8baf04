import { describe, expect, test } from '@jest/globals';
import { CATALOGUE } from '../../../../lambda/checks/catalogue.ts';
import { AGENT } from '../../../../lambda/collect/pods/facts/agent.ts';
import { CONTAINER as CONTAINER_FIELDS } from '../../../../lambda/collect/pods/facts/container.ts';
import { CONTAINER_STATUS } from '../../../../lambda/collect/pods/facts/container-status.ts';
import { OBJECT_META } from '../../../../lambda/collect/pods/facts/metadata.ts';
import { REPLICA, TEMPLATE } from '../../../../lambda/collect/pods/facts/spec.ts';
import { POD_STATUS_WITH_ADDRESSES } from '../../../../lambda/collect/pods/facts/status.ts';
import { createPodDecoder, decodePodList } from '../../../../lambda/collect/pods/protobuf/decode-pods.ts';
import { readPod } from '../../../../lambda/collect/pods/read-pod.ts';
import { podFacts } from '../../../../lambda/collect/tape/facts.ts';
import { KEPT_ANNOTATIONS } from '../../../../lambda/inventory/annotations.ts';
import type { PodRecord } from '../../../../lambda/inventory/pod.ts';
import { encodePodList, type JsonObject } from '../../../bench/encoding/encode.ts';
import { SCHEMA } from '../../../bench/encoding/schema.ts';
import { aContext, classesOf } from '../../../support/builders.ts';
import {
  BASE,
  type Change,
  CONTAINER,
  changed,
  EMPTY_DIR,
  HOST_PATH,
  MOUNT,
  OTHER_FIELDS,
  ofContainer,
  PORT,
  RECORD,
  SPEC,
  set,
} from './changes.ts';

const asked = { addresses: true };
const fromJson = (...pods: readonly JsonObject[]): readonly PodRecord[] =>
  pods.map((pod) => readPod(pod, asked));

/** As replicas in one list: what was learnt from the first is used for the second. */
function fromProtobuf(...pods: readonly JsonObject[]): readonly PodRecord[] {
  const found: PodRecord[] = [];
  decodePodList(encodePodList(pods), (pod) => found.push(pod), createPodDecoder('default', asked));
  return found;
}

const FACTS = {
  'a mount': MOUNT,
  'a port': PORT,
  'a host path': HOST_PATH,
  'an empty directory': EMPTY_DIR,
  'a container': CONTAINER,
  'the spec': SPEC,
  'several fields': OTHER_FIELDS,
};
const changes = Object.entries(FACTS).flatMap(([of, table]) =>
  Object.entries(table).map(([name, change]) => [of, name, change] as const),
);

describe('a change of one fact alone', () => {
  test.each(changes)(
    'a change of one fact of %s: %s is seen in JSON, in protobuf, by replicas and by classes',
    (_, __, change) => {
      const pod = changed(change);
      const [before, after] = fromJson(BASE, pod);
      expect(after?.spec).not.toEqual(before?.spec);
      expect(fromProtobuf(pod)).toEqual([after]);
      // Whichever of the two comes first, the other is not given its facts.
      expect(fromProtobuf(BASE, pod, BASE)).toEqual([before, after, before]);
      expect(fromProtobuf(pod, BASE, pod)).toEqual([after, before, after]);
      for (const read of [fromJson, fromProtobuf]) expect(classesOf(read(BASE, pod))).toHaveLength(2);
    },
  );

  test.each(Object.entries(RECORD))(
    'a change of one fact of the pod: %s is seen in JSON, in protobuf and by replicas',
    (name, change) => {
      const pod = changed(change);
      const [before, after] = fromJson(BASE, pod);
      const differing = Object.keys({ ...before, ...after }).filter(
        (key) =>
          JSON.stringify(before?.[key as keyof PodRecord]) !==
          JSON.stringify(after?.[key as keyof PodRecord]),
      );
      expect(differing).toContain(name);
      expect(differing).not.toContain('spec');
      expect(fromProtobuf(BASE, pod, BASE)).toEqual([before, after, before]);
      expect(fromProtobuf(pod, BASE, pod)).toEqual([after, before, after]);
    },
  );

  test('the same pod in either encoding, or twice, is one class', () => {
    expect(classesOf([...fromJson(BASE, BASE), ...fromProtobuf(BASE, BASE)])).toHaveLength(1);
  });
});

const both =
  (one: Change, other: Change): Change =>
  (pod) => {
    one(pod);
    other(pod);
  };

/** Pods in which checks read a fact that does not count, or less, in the others. */
const GIVEN: readonly Change[] = [
  () => undefined,
  // Either of the two is enough, and that of the pod counts where the container has none.
  ...[{ runAsUser: 1000 }, { runAsNonRoot: true }].flatMap((security): readonly Change[] => [
    both(set({}, 'spec', 'securityContext'), ofContainer(security, 'securityContext')),
    both(set(security, 'spec', 'securityContext'), ofContainer({}, 'securityContext')),
  ]),
  set('2026-01-01T00:00:00Z', 'status', 'startTime'),
];

/** What is read by something else than the checks of single pods. */
const NOT_JUDGED: readonly string[] = [
  // By nothing so far.
  'a container: ports',
  'a port: name',
  'a port: port',
  'a port: protocol',
  // By the mesh and by exemptions.
  'the spec: annotations',
  // By the question whether policies are enforced.
  'the spec: policyAgent',
  'several fields: agent by arguments',
  // By the inventory.
  'a container: imageId',
];

describe('a change of one fact that checks of pods read', () => {
  const verdicts = (pod: JsonObject): unknown =>
    classesOf(fromProtobuf(pod)).map((subject) =>
      CATALOGUE.map((check) => ('evaluate' in check ? check.evaluate(subject, aContext(subject)) : [])),
    );
  const judged = changes.filter(([of, name]) => !NOT_JUDGED.includes(`${of}: ${name}`));

  test.each(judged)('a change of one fact of %s: %s changes a verdict of some pod', (_, __, change) => {
    const pods = GIVEN.map((given) => changed(given));
    expect(pods.map((pod) => verdicts(changed(change, pod)))).not.toEqual(pods.map(verdicts));
  });
});

describe('the tables of fields', () => {
  const facts = fromJson(BASE, ...changes.map(([, , change]) => changed(change)));

  test('every fact that is read has a change in this test', () => {
    const names = (of: readonly object[]) => new Set(of.flatMap((one) => Object.keys(one)));
    const containers = facts.flatMap(({ spec }) => spec.containers);
    const volumes = facts.flatMap(({ spec }) => spec.volumes);
    const ofType = (type: string) => volumes.filter((volume) => volume.type === type);
    expect(names(facts.map(({ spec }) => spec))).toEqual(new Set(Object.keys(SPEC)));
    expect(names(containers)).toEqual(new Set(Object.keys(CONTAINER)));
    expect(names(containers.flatMap(({ mounts }) => mounts))).toEqual(new Set(Object.keys(MOUNT)));
    expect(names(containers.flatMap(({ ports }) => ports))).toEqual(new Set(Object.keys(PORT)));
    expect(names(ofType('hostPath'))).toEqual(new Set(Object.keys(HOST_PATH)));
    expect(names(ofType('emptyDir'))).toEqual(new Set(Object.keys(EMPTY_DIR)));
    const records = names(fromJson(BASE, ...Object.values(RECORD).map((change) => changed(change))));
    expect(records).toEqual(new Set([...Object.keys(RECORD), 'spec', 'source']));
  });

  test('a recorded snapshot names every fact, so that one of a version that did not read it is refused', () => {
    const below = (prefix: string, ...tables: readonly object[]) =>
      tables.flatMap((table) => Object.keys(table).map((name) => `${prefix}${name}`));
    expect(podFacts()).toEqual(
      expect.arrayContaining([
        ...below('', RECORD),
        ...below('spec.', SPEC),
        ...below('spec.containers.', CONTAINER),
        ...below('spec.containers.mounts.', MOUNT),
        ...below('spec.containers.ports.', PORT),
        ...below('spec.volumes.', HOST_PATH, EMPTY_DIR),
        ...KEPT_ANNOTATIONS.map((key) => `spec.annotations.${key}`),
      ]),
    );
  });

  test.each([
    ['PodSpec', { ...TEMPLATE.numbers, ...REPLICA.numbers }],
    ['Container', { ...CONTAINER_FIELDS.numbers, ...AGENT.numbers }],
    ['ContainerStatus', CONTAINER_STATUS.numbers],
    ['PodStatus', POD_STATUS_WITH_ADDRESSES.numbers],
    ['ObjectMeta', OBJECT_META.numbers],
  ])('the field table of %s has the numbers of the .proto file', (name, numbers) => {
    const schema = Object.entries(SCHEMA[name] ?? {}).map(([field, [number]]) => [field, number] as const);
    expect(Object.fromEntries(schema)).toMatchObject(numbers);
  });

  test('every field of a spec is changed in this test, and no field is of the template and of the replica', () => {
    const specs = [...changes.map(([, , change]) => change), ...Object.values(RECORD)].map(
      (change) => changed(change)['spec'],
    );
    const touched = new Set(
      [...Object.keys(TEMPLATE.numbers), ...Object.keys(REPLICA.numbers)].filter((field) =>
        specs.some((spec) => textOf(spec, field) !== textOf(BASE['spec'], field)),
      ),
    );
    const missing = Object.keys({ ...TEMPLATE.numbers, ...REPLICA.numbers }).filter(
      (field) => !touched.has(field),
    );
    // Its deprecated alias, which counts only where the service account has no other name.
    expect(missing).toEqual(['serviceAccount']);
    expect(Object.keys(TEMPLATE.numbers).filter((field) => field in REPLICA.numbers)).toEqual([]);
  });
});

const textOf = (spec: unknown, field: string): string => JSON.stringify((spec as JsonObject)[field]) ?? '';
