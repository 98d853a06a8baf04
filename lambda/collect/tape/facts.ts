import { KEPT_ANNOTATIONS, POD_ENI_ANNOTATION } from '../../inventory/annotations.ts';
import type { PodRecord } from '../../inventory/pod.ts';
import { readPod } from '../pods/read-pod.ts';

/** A pod with one of everything that pods are read into. */
const EXAMPLE = {
  metadata: {
    name: 'a',
    annotations: {
      ...Object.fromEntries(KEPT_ANNOTATIONS.map((key) => [key, ''])),
      [POD_ENI_ANNOTATION]: '[{"eniId":"eni-0"}]',
    },
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'K', name: 'k', controller: true }],
  },
  spec: {
    containers: [
      {
        name: 'a',
        ports: [{ containerPort: 80 }],
        volumeMounts: [
          { name: 'h', mountPath: '/h', recursiveReadOnly: 'Enabled' },
          { name: 'e', mountPath: '/e' },
        ],
      },
    ],
    volumes: [
      { name: 'h', hostPath: { path: '/h' } },
      { name: 'e', emptyDir: {} },
    ],
  },
  status: {
    podIP: '192.0.2.1',
    hostIP: '192.0.2.2',
    containerStatuses: [{ name: 'a', state: { running: {} } }],
  },
};

/** Agents of policy engines, of which one pod is one at most. */
const AGENTS = [[{ name: 'aws-node' }, { name: 'aws-eks-nodeagent' }], [{ name: 'calico-node' }]];

const EXAMPLES = [EXAMPLE, ...AGENTS.map((containers) => ({ ...EXAMPLE, spec: { containers } }))];

/** The names of all that this version reads of every pod, such as `spec.containers.mounts.readOnly`. */
export function podFacts(): readonly string[] {
  const read = EXAMPLES.map((pod) => readPod(pod, { addresses: true }));
  return [...new Set(read.flatMap((pod) => [...namesIn(pod, '')]))].sort();
}

function namesIn(value: PodRecord | object, prefix: string): Set<string> {
  const found = new Set<string>();
  for (const [key, inner] of Object.entries(value)) {
    const name = Array.isArray(value) ? prefix : prefix === '' ? key : `${prefix}.${key}`;
    found.add(name);
    if (typeof inner !== 'object' || inner === null) continue;
    for (const one of namesIn(inner, name)) found.add(one);
  }
  return found;
}
