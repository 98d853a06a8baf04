import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { decodeSinglePod } from '../../../lambda/collect/pods/protobuf/decode-pods.ts';
import { readPod } from '../../../lambda/collect/pods/read-pod.ts';
import { bytesField, encodeMessage } from '../../bench/encoding/encode.ts';
import { SCHEMA } from '../../bench/encoding/schema.ts';

/**
 * The serialisation test data that Kubernetes publishes (kubernetes/api, testdata/): a pod with every
 * field set, in both encodings, for several versions. Not part of this repository.
 */
const ORACLES =
  process.env['KUBERNETES_API_ORACLES'] ??
  join(import.meta.dirname, '../../../../shared/oracles/kubernetes-api');

const versions = existsSync(ORACLES)
  ? readdirSync(ORACLES).filter((version) => existsSync(join(ORACLES, version, 'core.v1.Pod.pb')))
  : [];

const read = (version: string, file: string) => readFileSync(join(ORACLES, version, file));
const readJson = (version: string) => JSON.parse(read(version, 'core.v1.Pod.json').toString('utf8'));

if (versions.length === 0) {
  test(`Kubernetes' own pairs of pods were not compared: there are none at KUBERNETES_API_ORACLES`, () => {
    expect(versions).toEqual([]);
  });
} else {
  describe("Kubernetes' own pairs of pods", () => {
    test.each(versions)(
      'the recorded pod of Kubernetes %s gives the same record in protobuf and JSON',
      (version) => {
        const record = decodeSinglePod(read(version, 'core.v1.Pod.pb'));
        expect(record).toEqual(readPod(readJson(version)));
        // Every field is set in this data: nothing may be read as absent.
        expect(record).toMatchObject({
          name: 'nameValue',
          labels: { labelsKey: 'labelsValue' },
          owner: { kind: 'kindValue' },
          nodeName: 'nodeNameValue',
          serviceAccount: 'serviceAccountNameValue',
          spec: { runAsUser: 2, hostNetwork: true, volumes: [{ type: 'hostPath' }] },
        });
        expect(record.spec.containers.map(({ type }) => type)).toEqual(['init', 'container', 'ephemeral']);
      },
    );

    test('another kind than pods is refused', () => {
      for (const kind of ['core.v1.Node', 'apps.v1.ReplicaSet']) {
        expect(() => decodeSinglePod(read(versions[0] as string, `${kind}.pb`))).toThrow(
          /should be a v1 Pod/,
        );
      }
    });

    test.each(versions)(
      'the encoder of the tests sends what Kubernetes %s sends, as far as its schema goes',
      (version) => {
        const raw = rawOf(read(version, 'core.v1.Pod.pb'));
        const encoded = onlyKnown('Pod', encodeMessage('Pod', readJson(version)));
        const older = onlyKnown('Pod', raw);
        // An older version lacks fields that are sent even when they are zero today.
        if (version === 'HEAD') expect(encoded.equals(older)).toBe(true);
        else expect(encoded.length).toBeGreaterThanOrEqual(older.length);
      },
    );
  });
}

interface Field {
  readonly number: number;
  readonly bytes: Buffer;
  readonly value: Buffer | null;
}

/** A walk over a message, apart from the decoder under test. */
function fieldsOf(message: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const number = (): number => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++] ?? 0;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(value);
    }
  };
  while (at < message.length) {
    const start = at;
    const tag = number();
    let value: Buffer | null = null;
    if ((tag & 7) === 2) {
      const length = number();
      value = message.subarray(at, at + length);
      at += length;
    } else number();
    fields.push({ number: tag >>> 3, bytes: message.subarray(start, at), value });
  }
  return fields;
}

function rawOf(envelope: Buffer): Buffer {
  return fieldsOf(envelope.subarray(4)).find((field) => field.number === 2)?.value ?? Buffer.alloc(0);
}

/** The message without the fields that the schema does not know. */
function onlyKnown(name: string, message: Buffer): Buffer {
  const types = new Map(Object.values(SCHEMA[name] ?? {}));
  return Buffer.concat(
    fieldsOf(message).flatMap(({ number, bytes, value }) => {
      const type = types.get(number)?.replace(/[*!@]/g, '');
      if (type === undefined) return [];
      return value !== null && SCHEMA[type] ? [bytesField(number, onlyKnown(type, value))] : [bytes];
    }),
  );
}
