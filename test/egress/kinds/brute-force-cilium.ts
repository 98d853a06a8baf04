import type { Labels } from '../../../lambda/inventory/names.ts';
import type { PolicyObject } from '../../../lambda/inventory/policy-object.ts';
import { type BrutePod, isAllowed, isInside, isolates, selects, type Traffic } from '../brute-force.ts';

/**
 * Cilium's documentation, evaluated for one pod, one address outside the cluster and one port at a
 * time, as plainly as possible and with nothing from the program but its types. Only for valid objects
 * whose meaning is known.
 */

export interface CiliumPlace {
  readonly pod: BrutePod;
  readonly namespaceLabels: Labels;
}

// biome-ignore lint/suspicious/noExplicitAny: generated objects, valid by construction
type Any = any;

export const isCiliumPolicy = ({ kind }: PolicyObject): boolean => /^Cilium.*NetworkPolicy$/.test(kind);

/** Deny rules win; then all allow rules add up, once anything closes the pod. */
export function judgeOf(objects: readonly PolicyObject[], place: CiliumPlace): (traffic: Traffic) => boolean {
  const core = objects.filter((object) => object.kind === 'NetworkPolicy' && isolates(object, place.pod));
  const specs = objects.filter(isCiliumPolicy).flatMap((object) => specsFor(object, place));
  const closed = core.length > 0 || specs.some(closes);
  return (traffic) => {
    const matches = (rule: Any): boolean => ruleMatches(rule, objects, traffic);
    if (specs.some((spec) => (spec.egressDeny ?? []).some(matches))) return false;
    if (!closed) return true;
    if (core.length > 0 && isAllowed(core, place.pod, traffic)) return true;
    return specs.some((spec) => (spec.egress ?? []).some(matches));
  };
}

/** The rules of an object that select the pod. */
export function specsFor(object: PolicyObject, place: CiliumPlace): readonly Any[] {
  const specs: readonly Any[] = [
    ...(object.spec ? [object.spec] : []),
    ...((object.specs as readonly Any[] | undefined) ?? []),
  ];
  const clusterwide = object.kind === 'CiliumClusterwideNetworkPolicy';
  if (!clusterwide && object.namespace !== place.pod.namespace) return [];
  return specs.filter(
    (spec) => spec.endpointSelector && selects(plain(spec.endpointSelector), identity(place)),
  );
}

/** The labels that Cilium gives the endpoint. */
function identity({ pod, namespaceLabels }: CiliumPlace): Labels {
  const labels = { ...namespaceLabels, 'kubernetes.io/metadata.name': pod.namespace };
  return {
    ...pod.labels,
    'io.kubernetes.pod.namespace': pod.namespace,
    ...Object.fromEntries(
      Object.entries(labels).map(([key, value]) => [`io.cilium.k8s.namespace.labels.${key}`, value]),
    ),
  };
}

const withoutSource = (key: string): string => key.replace(/^(k8s|any):/, '');

/** The selector without the sources of labels; of a key that stands twice both must hold. */
function plain(selector: Any): Any {
  return {
    matchExpressions: [
      ...Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({
        key: withoutSource(key),
        operator: 'In',
        values: [value],
      })),
      ...(selector.matchExpressions ?? []).map((one: Any) => ({ ...one, key: withoutSource(one.key) })),
    ],
  };
}

export function closes(spec: Any): boolean {
  const hasRules = (spec.egress ?? []).length + (spec.egressDeny ?? []).length > 0;
  return hasRules && (spec.enableDefaultDeny?.egress ?? true);
}

export function ruleMatches(rule: Any, objects: readonly PolicyObject[], traffic: Traffic): boolean {
  if ((rule.icmps ?? []).length > 0) return false;
  const blocks = blocksOf(rule, objects);
  const ports = rule.toPorts ?? [];
  if (blocks === null && ports.length === 0) return false;
  return (
    (blocks === null || blocks.some((block) => blockMatches(block, traffic.address))) &&
    (ports.length === 0 ||
      ports.some((one: Any) => one.ports.some((entry: Any) => portMatches(entry, traffic))))
  );
}

interface Block {
  readonly cidr: string;
  readonly except?: readonly string[];
}

const EVERYWHERE: readonly Block[] = [{ cidr: '0.0.0.0/0' }, { cidr: '::/0' }];

/** Null if the rule names no peers. */
function blocksOf(rule: Any, objects: readonly PolicyObject[]): readonly Block[] | null {
  if (rule.toCIDR) return rule.toCIDR.map((cidr: string) => ({ cidr: withLength(cidr) }));
  if (rule.toCIDRSet) return rule.toCIDRSet.flatMap((entry: Any) => blocksOfEntry(entry, objects));
  if (rule.toEntities) {
    return rule.toEntities.some((name: string) => name === 'world' || name === 'all') ? EVERYWHERE : [];
  }
  if (rule.toFQDNs) return rule.toFQDNs.some((one: Any) => one.matchPattern === '*') ? EVERYWHERE : [];
  return rule.toEndpoints ? [] : null;
}

const withLength = (cidr: string): string =>
  cidr.includes('/') ? cidr : `${cidr}/${cidr.includes(':') ? 128 : 32}`;

function blocksOfEntry(entry: Any, objects: readonly PolicyObject[]): readonly Block[] {
  if (entry.cidr) return [entry];
  const groups = objects.filter(({ kind }) => kind === 'CiliumCIDRGroup');
  return groups
    .filter(({ name, labels }) =>
      entry.cidrGroupRef ? name === entry.cidrGroupRef : selects(entry.cidrGroupSelector, labels),
    )
    .flatMap(({ spec }) => (spec as Any).externalCIDRs.map((cidr: string) => ({ cidr })));
}

const blockMatches = ({ cidr, except = [] }: Block, address: string): boolean =>
  isInside(cidr, address) && !except.some((one) => isInside(one, address));

function portMatches({ port, endPort = 0, protocol = 'ANY' }: Any, traffic: Traffic): boolean {
  if (protocol !== 'ANY' && protocol !== traffic.protocol) return false;
  const from = Number(port);
  return from === 0 || (from <= traffic.port && traffic.port <= Math.max(from, endPort));
}

/** Whether a rule that an explanation names opens the traffic; a rule of a spec, or of one of several. */
export function opensAlone(
  source: string,
  { objects, place, traffic }: { objects: readonly PolicyObject[]; place: CiliumPlace; traffic: Traffic },
): boolean {
  const [, kind, name, path, list, index] =
    /^(\S+) (\S+): (spec|specs\[\d+\])\.(egress)\[(\d+)\]$/.exec(source) ?? [];
  const object = objects.find(
    (one) => one.kind === kind && name === (one.namespace ? `${one.namespace}/${one.name}` : one.name),
  );
  const at = /\[(\d+)\]/.exec(path ?? '')?.[1];
  const spec: Any = at === undefined ? object?.spec : (object?.specs as Any)?.[Number(at)];
  const rule = spec?.[list ?? '']?.[Number(index)];
  if (object === undefined || rule === undefined) return false;
  if (object.kind === 'NetworkPolicy') {
    const alone = { ...object, spec: { podSelector: {}, policyTypes: ['Egress'], egress: [rule] } };
    return isAllowed([alone], place.pod, traffic);
  }
  return specsFor(object, place).includes(spec) && ruleMatches(rule, objects, traffic);
}
