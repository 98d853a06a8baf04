import type { PodRecord, PodSpecFacts } from '../../../lambda/inventory/pod.ts';
import { NOW } from '../data/values.ts';
import { CLASSES, classLabels, isOnNodeNetwork, namespaceName, namespaceOf } from './cluster.ts';

const DAY_MS = 86_400_000;

const specOf = (image: string, hostNetwork: boolean): PodSpecFacts => ({
  containers: [
    {
      name: 'app',
      type: 'container',
      image,
      imageId: null,
      readOnlyRootFilesystem: null,
      runAsNonRoot: null,
      runAsUser: null,
      mounts: [],
      ports: [],
    },
  ],
  volumes: [],
  hostNetwork,
  runAsNonRoot: null,
  runAsUser: null,
  os: 'linux',
  mirror: false,
});

/** In the order of a list: by namespace. */
const CLASS_ORDER: readonly number[] = Array.from({ length: CLASSES }, (_, i) => i).sort(
  (a, b) => namespaceOf(a) - namespaceOf(b) || a - b,
);

type Template = Pick<PodRecord, 'namespace' | 'labels' | 'owner' | 'spec'>;

/** Replicas share these objects, as readers hand them out. */
function templateOf(classIndex: number): Template {
  return {
    namespace: namespaceName(namespaceOf(classIndex)),
    labels: { ...classLabels(classIndex), 'pod-template-hash': '5d9c7b4f6' },
    owner: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `s-${classIndex}-5d9c7b4f6` },
    spec: specOf(`registry.example.com/s-${classIndex}:1.0`, isOnNodeNetwork(classIndex)),
  };
}

/** The pods of a cluster in chunks, in the order of a list; all classes have as many. */
export function* podRecords(total: number, chunk: number): Generator<readonly PodRecord[]> {
  const replicas = Math.ceil(total / CLASSES);
  let records: PodRecord[] = [];
  let index = 0;
  for (const classIndex of CLASS_ORDER) {
    const template = templateOf(classIndex);
    for (let replica = 0; replica < replicas && index < total; replica++) {
      records.push(podRecord(template, index++));
      if (records.length < chunk) continue;
      yield records;
      records = [];
    }
  }
  yield records;
}

function podRecord(template: Template, index: number): PodRecord {
  const startedAt = NOW - (index % 90) * DAY_MS;
  return {
    ...template,
    name: `${template.owner?.name}-${index}`,
    uid: null,
    createdAt: startedAt,
    startedAt,
    deletedAt: null,
    phase: 'Running',
    nodeName: `node-${index % 5000}`,
    serviceAccount: 'default',
    containerStates: [{ container: 'app', running: true, startedAt }],
    source: 'pod',
  };
}
