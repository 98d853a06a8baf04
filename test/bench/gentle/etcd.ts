import { syntheticPods } from '../data/cluster.ts';
import { bytesField, textField } from '../encoding/encode.ts';

/** Operations of one transaction (etcd `--max-txn-ops` allows 128); pods of 6 KB stay below its 1.5 MiB. */
const BATCH = 100;
const AT_ONCE = 4;

/**
 * Writes pods into etcd as a kube-apiserver stores them: `/registry/pods/NAMESPACE/NAME`, protobuf behind
 * four magic bytes. Through the API each would be admitted and encoded anew, which takes ten times as long.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding
 * @see https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/
 */
export async function fillEtcd(url: string, pods: number): Promise<void> {
  const source = syntheticPods('protobuf', pods);
  const starts = Array.from({ length: Math.ceil(pods / BATCH) }, (_, batch) => batch * BATCH).values();
  const worker = async (): Promise<void> => {
    for (const from of starts) {
      const to = Math.min(from + BATCH, pods);
      const page = source.page(from, to, { resourceVersion: '1' });
      await putAll(
        url,
        itemsOf(page).map((pod) => ({ key: keyOf(pod), value: stored(pod) })),
      );
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Name and namespace are the fields 1 and 3 of the metadata, which is field 1 of a pod. */
function keyOf(pod: Buffer): string {
  const [metadata = Buffer.alloc(0)] = fieldsOf(pod, 1);
  return `/registry/pods/${fieldsOf(metadata, 3)[0]}/${fieldsOf(metadata, 1)[0]}`;
}

const TYPE = bytesField(1, Buffer.concat([textField(1, 'v1'), textField(2, 'Pod')]));

/** runtime.Unknown: the type, and the object as raw bytes. */
const stored = (pod: Buffer): Buffer =>
  Buffer.concat([Buffer.from('k8s\0'), TYPE, bytesField(2, pod), textField(3, ''), textField(4, '')]);

/** Field 2 of PodList, which is field 2 of runtime.Unknown. */
const itemsOf = (page: Buffer): readonly Buffer[] => {
  const [list] = fieldsOf(page.subarray(4), 2);
  return list === undefined ? [] : fieldsOf(list, 2);
};

/** All length-delimited fields of one number. */
function fieldsOf(message: Buffer, wanted: number): readonly Buffer[] {
  const found: Buffer[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = message[at++] ?? 0;
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const length = varint();
    // Of wire type 0 it was the value itself.
    if (tag % 8 === 0) continue;
    const end = at + length;
    if (tag >> 3 === wanted) found.push(message.subarray(at, end));
    at = end;
  }
  return found;
}

async function putAll(
  url: string,
  entries: ReadonlyArray<{ readonly key: string; readonly value: Buffer }>,
): Promise<void> {
  const success = entries.map(({ key, value }) => ({
    requestPut: { key: Buffer.from(key).toString('base64'), value: value.toString('base64') },
  }));
  const response = await fetch(`${url}/v3/kv/txn`, { method: 'POST', body: JSON.stringify({ success }) });
  if (!response.ok) throw new Error(`etcd refused pods: ${await response.text()}`);
  await response.body?.cancel();
}
