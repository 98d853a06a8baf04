import type { Labels } from '../../../inventory/names.ts';
import { SERVICE_ACCOUNT } from '../../../inventory/service-account.ts';
import type { Scope } from '../../policies/policy.ts';
import { allOf, MATCH_ALL, type Selector, uncertain } from '../../policies/selector.ts';
import type { CiliumRemarks } from './remarks.ts';
import {
  isOfKubernetes,
  isReserved,
  NAMESPACE_LABELS,
  POD_NAMESPACE,
  parseRequirements,
  quoteKey,
  type Requirement,
} from './selector.ts';

export interface SubjectPlace {
  readonly path: string;
  /** Of the policy, null for a clusterwide one. */
  readonly namespace: string | null;
  /** Labels of each namespace that could be read. */
  readonly namespaces: ReadonlyMap<string, Labels>;
  readonly remarks: CiliumRemarks;
}

/** The label that the API server keeps on every namespace. */
const NAMESPACE_NAME = 'kubernetes.io/metadata.name';
/**
 * Labels that Cilium adds, whatever the pod itself has under these keys: "makes sure that no important pod
 * labels were overridden manually" (`SanitizePodLabels`, pkg/k8s/utils/utils.go).
 * https://docs.cilium.io/en/stable/security/policy/kubernetes/
 */
const CLUSTER_LABEL = 'io.cilium.k8s.policy.cluster';
export const SERVICE_ACCOUNT_LABEL = 'io.cilium.k8s.policy.serviceaccount';

/**
 * Labels of pods that are not part of their identity, unless Cilium is configured so; patterns are
 * anchored at the start.
 * https://docs.cilium.io/en/stable/operations/performance/scalability/identity-relevant-labels/
 */
export const LEFT_OUT =
  /^(?:io\.kubernetes|kubernetes\.io|statefulset\.kubernetes\.io\/pod-name|apps\.kubernetes\.io\/pod-index|batch\.kubernetes\.io\/(?:job-completion-index|controller-uid)|.*beta\.kubernetes\.io|k8s\.io|pod-template-generation|pod-template-hash|controller-revision-hash|annotation|controller-uid|etcd_node)/;

/** What one requirement asks, if it does not hold for all pods of the policy or for none. */
interface Part {
  readonly of: 'pods' | 'namespaces';
  readonly selector: Selector;
}

const UNKNOWN: Part = { of: 'pods', selector: uncertain(MATCH_ALL) };

/**
 * The pods that an `endpointSelector` selects: those of the policy's namespace, or of all namespaces if
 * it is clusterwide (`ParseToCiliumRule`, pkg/k8s/apis/cilium.io/utils/utils.go).
 *
 * @returns null if it selects no pod
 */
export function readSubject(value: unknown, place: SubjectPlace): Scope | null {
  const { known, understood } = parseRequirements(value, place.path, place.remarks.uncertainties);
  const parts = known.map((requirement) => readPart(requirement, place));
  if (parts.includes(false)) return null;
  const asked = parts.filter((part) => typeof part !== 'boolean');
  const selectorOf = (of: Part['of'], more: readonly Part[] = []): Selector => {
    const selectors = [...asked, ...more].filter((part) => part.of === of).map(({ selector }) => selector);
    return selectors.length === 0 ? MATCH_ALL : allOf(selectors);
  };
  return {
    namespaces:
      place.namespace === null ? { matching: selectorOf('namespaces') } : { named: place.namespace },
    pods: selectorOf('pods', understood ? [] : [UNKNOWN]),
  };
}

function readPart(requirement: Requirement, place: SubjectPlace): Part | boolean {
  const { key } = requirement;
  // Reserved labels are those of nodes, addresses and Cilium's own endpoints.
  if (isReserved(requirement)) return requirement.holds(undefined);
  if (!isOfKubernetes(requirement)) {
    return uncertainPart(place, `asks for ${quoteKey(requirement)}, a label of unknown source`);
  }
  if (key === POD_NAMESPACE) return readNamespaceName(requirement, place);
  if (key.startsWith(NAMESPACE_LABELS)) return readNamespaceLabel(requirement, place);
  if (key === CLUSTER_LABEL) return readCluster(requirement, place);
  if (key === SERVICE_ACCOUNT_LABEL) return { of: 'pods', selector: requirement.on(SERVICE_ACCOUNT) };
  const selector = requirement.on(key);
  if (!LEFT_OUT.test(key)) return { of: 'pods', selector };
  place.remarks.uncertainties.push(
    `${place.path} asks for ${quoteKey(requirement)}, a label that Cilium leaves out of identities unless it is configured otherwise`,
  );
  return { of: 'pods', selector: whetherLeftOutOrNot(selector) };
}

function readNamespaceName(requirement: Requirement, place: SubjectPlace): Part | boolean {
  const { path, namespace, remarks } = place;
  if (namespace === null) return { of: 'namespaces', selector: requirement.on(NAMESPACE_NAME) };
  if (requirement.holds(namespace)) return true;
  // "EndpointSelector always applies in namespace of the policy resource, removing illegal namespace
  // match", says the code, but removes it only if it is written so.
  if (!requirement.exact || requirement.source !== 'k8s') {
    return uncertainPart(place, `asks for another namespace by ${quoteKey(requirement)}`);
  }
  remarks.notes.push(
    `${remarks.name}: ${path} names another namespace, which Cilium ignores: it selects pods of its own namespace.`,
  );
  return true;
}

function readNamespaceLabel(requirement: Requirement, place: SubjectPlace): Part | boolean {
  const label = requirement.key.slice(NAMESPACE_LABELS.length);
  if (place.namespace === null) return { of: 'namespaces', selector: requirement.on(label) };
  const labels = place.namespaces.get(place.namespace);
  const all = { ...labels, [NAMESPACE_NAME]: place.namespace };
  const isKnown = labels !== undefined || label === NAMESPACE_NAME;
  if (isKnown && requirement.on(label).matches(all) === true) return true;
  // The documentation says that such labels are ignored here; the code does not ignore them.
  return uncertainPart(
    place,
    isKnown
      ? `asks for ${quoteKey(requirement)}, and sources differ in whether labels of the namespace count there`
      : `asks for ${quoteKey(requirement)}, but the labels of the namespace were not read`,
  );
}

/** Every pod has the label of its cluster, and its value is not known. */
function readCluster(requirement: Requirement, place: SubjectPlace): Part | boolean {
  // No cluster has this name, so it means any value.
  const [some, none] = [requirement.holds(' '), requirement.holds(undefined)];
  if (some !== none) return some;
  return uncertainPart(place, `asks for ${quoteKey(requirement)}, which was not read`);
}

function uncertainPart({ path, remarks }: SubjectPlace, what: string): Part {
  remarks.uncertainties.push(`${path} ${what}`);
  return UNKNOWN;
}

const whetherLeftOutOrNot = (selector: Selector): Selector => ({
  ...selector,
  matches(labels) {
    const withIt = selector.matches(labels);
    return withIt === selector.matches({}) ? withIt : null;
  },
});
