import type { Labels, PolicyObject } from '../../../lambda/inventory/model.ts';
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
  const core = policies.filter(({ kind }) => kind === 'NetworkPolicy' || kind === 'ApplicationNetworkPolicy');
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
