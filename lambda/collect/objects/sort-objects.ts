import type { Gap } from '../../inventory/gap.ts';
import type { ObjectOrigin } from '../../inventory/inventory.ts';
import type { NodeLayers } from '../../measure/summary.ts';
import { clusterUidOf } from '../cluster-uid.ts';
import type { SnapshotContent } from '../content.ts';
import { ciliumPerNode } from '../engines/cilium-node-config.ts';
import { readIpFamily } from '../engines/engine-settings.ts';
import { CILIUM_NODE_CONFIG } from '../engines/engine-sources.ts';
import { type PodReading, readPod } from '../pods/read-pod.ts';
import { policyKindOf } from '../policies/policy-kinds.ts';
import { SECURITY_GROUP_POLICY } from '../policies/security-group-policies.ts';
import { serviceAccountEntry } from '../policies/service-accounts.ts';
import { nodeFacts } from '../read-node.ts';
import { asFields, MalformedObject, nameOf, readMeta, readPolicy } from '../read-object.ts';
import { isAboutServices, serviceRangesOf } from '../service-ranges.ts';
import { noteBroken } from './note-broken.ts';
import { differsText, isJudgedApart, noteDiffering } from './note-differing.ts';
import { borrowTemplates, type SortedWorkload, sortWorkload } from './sort-workload.ts';
import { newSorted, type Sorted } from './sorted.ts';

export interface ObjectSource {
  /** @defaultValue manifests */
  readonly content?: SnapshotContent;
  readonly objects: readonly {
    readonly object: Record<string, unknown>;
    readonly origin: string;
    readonly at?: ObjectOrigin;
    /** Where it and others of its name are that differ from it. */
    readonly differs?: string;
  }[];
  readonly gaps: readonly Gap[];
  readonly notes: readonly string[];
  /** @defaultValue none */
  readonly summaries?: readonly NodeLayers[];
}

/** Reads each object of a source into its place; what cannot be read becomes a gap or a note. */
export function sortObjects(source: ObjectSource, asked: PodReading): Sorted {
  const isManifests = source.content?.form !== 'dump';
  const sorted = newSorted();
  for (const { object, at, differs } of source.objects) {
    const kind = String(object['kind']);
    try {
      const origin = isManifests ? at : undefined;
      const one = { kind, object: asFields(object), isManifests, at: origin, asked, differs };
      if (differs === undefined || isJudgedApart(one)) sortObject(sorted, one);
      else noteDiffering(sorted, { ...one, differs });
    } catch (error) {
      if (!(error instanceof MalformedObject)) throw error;
      noteBroken(sorted, kind, object, error);
    }
  }
  borrowTemplates(sorted);
  return sorted;
}

interface Sorting extends SortedWorkload {
  readonly differs: string | undefined;
}

function sortObject(sorted: Sorted, { kind, object, isManifests, at, asked, differs }: Sorting): void {
  const apiVersion = String(object['apiVersion'] ?? '');
  const policy = policyKindOf(apiVersion, kind);
  if (policy !== null) {
    const read = readPolicy(object, { apiVersion, kind, namespaced: policy.namespaced });
    const uncertainty = differs === undefined ? {} : { uncertainty: differsText(differs) };
    sorted[policy.role === 'mesh' ? 'mesh' : 'policies'].push({ ...read, ...uncertainty });
    sorted.origins.addObject(read, at);
  } else if (kind === 'Pod') {
    const pod = { ...readPod(object, asked), ...(isManifests ? NOT_RUNNING : {}) };
    sorted.pods.push(pod);
    sorted.origins.addPod(pod, at);
  } else if (kind === 'Node') {
    const { name, labels } = readMeta(object);
    sorted.nodes.set(name, nodeFacts(labels));
    sorted.ipFamily ??= readIpFamily(object);
  } else if (kind === 'Namespace') {
    const { name, labels } = readMeta(object);
    sorted.namespaces.set(name, labels);
    sorted.uid ??= clusterUidOf(object);
  } else if (kind === 'ServiceAccount') sorted.serviceAccounts.set(...serviceAccountEntry(object));
  else if (kind === 'ConfigMap') sorted.configMaps.set(nameOf(object, kind).name, { known: object });
  else if (kind === CILIUM_NODE_CONFIG.kind) sorted.ciliumPerNode ??= ciliumPerNode(object);
  else if (kind === 'NodeClass') sorted.nodeClasses.push(object);
  else if (isAboutServices(apiVersion, kind)) sorted.serviceRanges.push(...serviceRangesOf(kind, object));
  else if (kind === SECURITY_GROUP_POLICY.kind) {
    sorted.groupPolicies.push(readPolicy(object, SECURITY_GROUP_POLICY));
  } else sortWorkload(sorted, { kind, object, isManifests, at, asked });
}

/** A pod of a manifest is the template of itself. */
const NOT_RUNNING = { source: 'template' } as const;
