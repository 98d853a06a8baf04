import type { Labels } from '../../../lambda/inventory/names.ts';
import type { PolicyObject } from '../../../lambda/inventory/policy-object.ts';
import { type BrutePod, isAllowed, isInside, isolates, selects, type Traffic } from '../brute-force.ts';

/**
 * The API texts of the policies for administrators, evaluated for one pod, one address and one port at
 * a time, as plainly as possible and with nothing from the program but its types. Only for valid
 * objects. Where the texts leave the order of policies open, every outcome is given.
 */

export interface Place {
  readonly pod: BrutePod;
  readonly namespaceLabels: Labels;
}

export type Outcome = 'allow' | 'deny' | 'next';

// biome-ignore lint/suspicious/noExplicitAny: generated objects, valid by construction
type Any = any;

/** Whether the traffic may be allowed, and whether it may be denied. */
export function outcomes(
  policies: readonly PolicyObject[],
  place: Place,
  traffic: Traffic,
): ReadonlySet<boolean> {
  const results = new Set<boolean>();
  for (const admin of tierOutcomes(inTier(policies, 'Admin', place), traffic)) {
    if (admin !== 'next') results.add(admin === 'allow');
    else for (const result of afterAdmin(policies, place, traffic)) results.add(result);
  }
  return results;
}

/** Whether a tier may decide the traffic in more than one way, even if all come to the same in the end. */
export const isTied = (policies: readonly PolicyObject[], place: Place, traffic: Traffic): boolean =>
  (['Admin', 'Baseline'] as const).some(
    (tier) => tierOutcomes(inTier(policies, tier, place), traffic).size > 1,
  );

/** "v1.NetworkPolicy always makes a final decision for selected pods." */
function afterAdmin(policies: readonly PolicyObject[], place: Place, traffic: Traffic): ReadonlySet<boolean> {
  const core = policies.filter(isNamespaced);
  if (core.some((policy) => isolates(policy, place.pod))) {
    return new Set([isAllowed(core, place.pod, traffic)]);
  }
  const baseline = tierOutcomes(inTier(policies, 'Baseline', place), traffic);
  return new Set([...baseline].map((outcome) => outcome !== 'deny'));
}

export function inTier(
  policies: readonly PolicyObject[],
  tier: 'Admin' | 'Baseline',
  place: Place,
): readonly PolicyObject[] {
  return policies.filter((policy) => {
    const spec: Any = policy.spec;
    const own =
      policy.kind === 'AdminNetworkPolicy'
        ? 'Admin'
        : policy.kind === 'BaselineAdminNetworkPolicy'
          ? 'Baseline'
          : policy.kind === 'ClusterNetworkPolicy'
            ? spec.tier
            : null;
    return own === tier && (spec.egress ?? []).length > 0 && isSubject(spec.subject, place);
  });
}

function isSubject(subject: Any, { pod, namespaceLabels }: Place): boolean {
  const labels = { ...namespaceLabels, 'kubernetes.io/metadata.name': pod.namespace };
  if (subject.namespaces !== undefined) return selects(subject.namespaces, labels);
  return selects(subject.pods.namespaceSelector, labels) && selects(subject.pods.podSelector, pod.labels);
}

/** "If two policies with the same priority could match a connection, any of them may be applied." */
export function tierOutcomes(policies: readonly PolicyObject[], traffic: Traffic): ReadonlySet<Outcome> {
  const oneApi = new Set(policies.map(({ apiVersion }) => apiVersion)).size <= 1;
  const rank = ({ spec }: PolicyObject): number => (oneApi ? ((spec as Any).priority ?? 0) : 0);
  const ranks = [...new Set(policies.map(rank))].sort((a, b) => a - b);
  for (const current of ranks) {
    const actions = policies
      .filter((policy) => rank(policy) === current)
      .map((policy) => firstMatch(policy, traffic))
      .filter((action) => action !== null);
    if (actions.length > 0) return new Set(actions.map(toOutcome));
  }
  return new Set(['next']);
}

const toOutcome = (action: string): Outcome =>
  action === 'Deny' ? 'deny' : action === 'Pass' ? 'next' : 'allow';

function firstMatch({ spec }: PolicyObject, traffic: Traffic): string | null {
  const rule = (spec as Any).egress.find((one: Any) => ruleMatches(one, traffic));
  return rule === undefined ? null : rule.action;
}

function ruleMatches(rule: Any, traffic: Traffic): boolean {
  const entries = rule.ports ?? rule.protocols;
  return (
    rule.to.some((peer: Any) =>
      (peer.networks ?? []).some((cidr: string) => isInside(cidr, traffic.address)),
    ) &&
    (entries === undefined || entries.some((entry: Any) => portMatches(entry, traffic)))
  );
}

function portMatches(entry: Any, { protocol, port }: Traffic): boolean {
  const { portNumber, portRange } = entry;
  if (portNumber !== undefined)
    return (portNumber.protocol ?? 'TCP') === protocol && portNumber.port === port;
  if (portRange !== undefined) {
    return (portRange.protocol ?? 'TCP') === protocol && portRange.start <= port && port <= portRange.end;
  }
  const attributes = entry[protocol.toLowerCase()];
  if (attributes === undefined) return false;
  const destination = attributes.destinationPort;
  if (destination === undefined) return true;
  return destination.range === undefined
    ? destination.number === port
    : destination.range.start <= port && port <= destination.range.end;
}

interface Reason {
  readonly objects: readonly PolicyObject[];
  readonly subject: BrutePod;
  readonly traffic: Traffic;
}

/** Whether the rule that an explanation names is one that allows the traffic. */
export function opensAlone(source: string, { objects, subject, traffic }: Reason): boolean {
  const [, kind, name, index] = /^(\S+) (\S+): spec\.egress\[(\d+)\](?: ".*")?$/.exec(source) ?? [];
  const policy = objects.find(
    (one) => one.kind === kind && name === (one.namespace ? `${one.namespace}/${one.name}` : one.name),
  );
  const rule: Any = (policy?.spec as Any)?.egress?.[Number(index)];
  if (policy === undefined || rule === undefined) return false;
  if (rule.action !== undefined) {
    return (rule.action === 'Allow' || rule.action === 'Accept') && ruleMatches(rule, traffic);
  }
  const alone = { podSelector: {}, policyTypes: ['Egress'], egress: [rule] };
  return (
    isolates(policy, subject) &&
    isAllowed([{ ...policy, namespace: subject.namespace, spec: alone }], subject, traffic)
  );
}

type ByName = 'name' | 'address' | 'no';

/**
 * Whether traffic to an address that has this name is allowed, and whether because of the name. Only for
 * policies whose order among each other is defined.
 */
export function fateOfName(
  objects: readonly PolicyObject[],
  place: Place,
  { host, traffic }: { readonly host: string; readonly traffic: Traffic },
): ByName {
  const fateIn = (tier: 'Admin' | 'Baseline'): ByName | 'next' => {
    const policies = [...inTier(objects, tier, place)];
    policies.sort((a: Any, b: Any) => (a.spec.priority ?? 0) - (b.spec.priority ?? 0));
    for (const rule of policies.flatMap(({ spec }) => (spec as Any).egress)) {
      if (namesHost(rule, host) && ruleMatches(toAddress(rule, 'networks', traffic), traffic)) return 'name';
      if (!ruleMatches(rule, traffic)) continue;
      const outcome = toOutcome(rule.action);
      return outcome === 'allow' ? 'address' : outcome === 'deny' ? 'no' : 'next';
    }
    return 'next';
  };
  const first = fateIn('Admin');
  if (first !== 'next') return first;
  const core = objects.filter((one) => isNamespaced(one) && isolates(one, place.pod));
  if (core.length > 0) {
    const named = core.map((one) => {
      const egress = ((one.spec as Any).egress ?? []).filter((rule: Any) => namesHost(rule, host));
      const rules = egress.map((rule: Any) => toAddress(rule, 'ipBlock', traffic));
      return { ...one, spec: { podSelector: {}, policyTypes: ['Egress'], egress: rules } };
    });
    if (isAllowed(named, place.pod, traffic)) return 'name';
    return isAllowed(core, place.pod, traffic) ? 'address' : 'no';
  }
  const last = fateIn('Baseline');
  return last === 'next' ? 'address' : last;
}

const isNamespaced = ({ kind }: PolicyObject): boolean =>
  kind === 'NetworkPolicy' || kind === 'ApplicationNetworkPolicy';

const namesHost = (rule: Any, host: string): boolean =>
  (rule.to ?? []).some((peer: Any) => (peer.domainNames ?? []).includes(host));

/** The rule with the address of the traffic in place of its peers. */
function toAddress(rule: Any, peer: 'networks' | 'ipBlock', { address }: Traffic): Any {
  const cidr = `${address}/${address.includes(':') ? 128 : 32}`;
  return { ...rule, to: [peer === 'networks' ? { networks: [cidr] } : { ipBlock: { cidr } }] };
}
