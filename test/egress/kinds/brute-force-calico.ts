import type { Labels } from '../../../lambda/inventory/names.ts';
import type { PolicyObject } from '../../../lambda/inventory/policy-object.ts';
import { isInside, selects, type Traffic } from '../brute-force.ts';

/**
 * What Calico does with one packet, as its reference and Felix say it, one policy and one rule at a
 * time and with nothing from the program but its types. Only for valid objects of the v3 API and
 * NetworkPolicies of Kubernetes. The world holds what the program cannot know, too.
 */

export interface World {
  readonly objects: readonly PolicyObject[];
  readonly namespaces: Readonly<Record<string, Labels>>;
  /** ServiceAccounts that exist, by namespace and name: that of the pod may be gone. */
  readonly accounts: Readonly<Record<string, Labels>>;
  /** How versions of Calico settle ties: 3.32 and later, or before. */
  readonly ties: 'today' | 'before';
  readonly pod: {
    readonly namespace: string;
    readonly labels: Labels;
    readonly serviceAccount: string;
    readonly address: { readonly v4: string; readonly v6: string };
    readonly port: number;
  };
  /** Namespaces whose labels the program cannot read. */
  readonly unreadable: readonly string[];
  /** Whether the program knows which ServiceAccounts exist; if not, those that it may see all the same. */
  readonly seenAccounts: 'all' | readonly string[];
  /** Addresses outside the cluster at which services have endpoints, by namespace and name. */
  readonly services: Readonly<Record<string, readonly string[]>>;
}

// biome-ignore lint/suspicious/noExplicitAny: generated objects, valid by construction
type Any = any;

type Verdict = 'Allow' | 'Deny' | 'Pass' | null;

export interface Outcome {
  readonly allowed: boolean;
  /** The rule that decided, if one did. */
  readonly by: string | null;
}

export function judgeOf(world: World): (traffic: Traffic) => Outcome {
  const tiers = tiersOf(world);
  return (traffic) => {
    for (const { policies, action } of tiers) {
      if (policies.length === 0) continue;
      const { verdict, by } = firstVerdict(policies, world, traffic);
      if (verdict === 'Allow') return { allowed: true, by };
      if (verdict === 'Deny' || (verdict === null && action === 'Deny')) return { allowed: false, by };
    }
    return { allowed: true, by: null };
  };
}

export interface TierOfPod {
  readonly name: string;
  readonly order: number;
  /** What happens to what no policy decides, if there is one for the pod. */
  readonly action: string;
  /** Those that apply to the pod, in order. */
  readonly policies: readonly PolicyObject[];
}

export function tiersOf(world: World): readonly TierOfPod[] {
  const ofKind = (...kinds: string[]) =>
    world.objects.filter((object) => kinds.includes(object.kind) && isForCalico(object));
  const tiers = [
    { name: 'default', order: 1_000_000, action: 'Deny' },
    ...ofKind('Tier').map(({ name, spec }: Any) => ({
      name,
      order: spec.order ?? 1_000_000,
      action: spec.defaultAction ?? 'Deny',
    })),
  ];
  tiers.sort((a, b) => a.order - b.order || (a.name < b.name ? -1 : 1));
  const policies = ofKind('NetworkPolicy', 'GlobalNetworkPolicy').filter((policy) =>
    appliesTo(policy, world),
  );
  policies.sort((a, b) => byOrder(a, b, world.ties));
  return tiers.map((tier) => ({
    ...tier,
    policies: policies.filter((policy) => tierOf(policy) === tier.name),
  }));
}

const isForCalico = (object: PolicyObject) => object.apiVersion === 'projectcalico.org/v3' || isCore(object);

export const isCore = ({ apiVersion }: PolicyObject) => apiVersion === 'networking.k8s.io/v1';
const tierOf = (policy: PolicyObject): string =>
  isCore(policy) ? 'default' : ((policy.spec as Any).tier ?? 'default');
export const orderOf = (policy: PolicyObject): number =>
  isCore(policy) ? 1000 : ((policy.spec as Any).order ?? Number.MAX_VALUE);

function byOrder(a: PolicyObject, b: PolicyObject, ties: World['ties']): number {
  if (orderOf(a) !== orderOf(b)) return orderOf(a) < orderOf(b) ? -1 : 1;
  return rank(a, ties) < rank(b, ties) ? -1 : 1;
}

function rank(policy: PolicyObject, ties: World['ties']): string {
  const { name, namespace, kind } = policy;
  if (ties === 'today') return `${name}/${namespace}/${isCore(policy) ? 'KubernetesNetworkPolicy' : kind}`;
  const backend = isCore(policy) ? `knp.default.${name}` : `default.${name}`;
  return namespace === '' ? backend : `${namespace}/${backend}`;
}

function appliesTo(policy: PolicyObject, world: World): boolean {
  const spec: Any = policy.spec;
  if (policy.namespace !== '' && policy.namespace !== world.pod.namespace) return false;
  if (isCore(policy)) {
    const types = spec.policyTypes ?? [];
    const isForEgress = types.length > 0 ? types.includes('Egress') : spec.egress?.length > 0;
    return isForEgress && selects(spec.podSelector, world.pod.labels);
  }
  const types = spec.types ?? (spec.egress?.length > 0 ? ['Egress'] : ['Ingress']);
  const labels = podLabels(world);
  return (
    types.includes('Egress') &&
    holds(spec.selector ?? 'all()', labels) &&
    holds(prefixed(spec.namespaceSelector ?? 'all()', 'pcns.'), labels) &&
    holds(prefixed(spec.serviceAccountSelector ?? 'all()', 'pcsa.'), labels)
  );
}

function podLabels({ pod, namespaces, accounts }: World): Labels {
  const account = accounts[`${pod.namespace}/${pod.serviceAccount}`];
  const ofAccount = account && { ...account, 'projectcalico.org/name': pod.serviceAccount };
  return {
    ...pod.labels,
    'projectcalico.org/namespace': pod.namespace,
    'projectcalico.org/orchestrator': 'k8s',
    'projectcalico.org/serviceaccount': pod.serviceAccount,
    ...Object.fromEntries(Object.entries(ofAccount ?? {}).map(([key, value]) => [`pcsa.${key}`, value])),
    ...namespaceLabels(pod.namespace, namespaces),
  };
}

const namespaceLabels = (name: string, namespaces: World['namespaces']): Labels => ({
  ...Object.fromEntries(Object.entries(namespaces[name] ?? {}).map(([key, value]) => [`pcns.${key}`, value])),
  'pcns.projectcalico.org/name': name,
});

export function firstVerdict(policies: readonly PolicyObject[], world: World, traffic: Traffic) {
  for (const policy of policies) {
    const rules: Any[] = (policy.spec as Any).egress ?? [];
    for (const [i, rule] of rules.entries()) {
      const verdict = isCore(policy)
        ? coreVerdict(rule, traffic)
        : verdictOf(rule, policy, { world, traffic });
      const kind = isCore(policy) || policy.namespace === '' ? policy.kind : `Calico ${policy.kind}`;
      const name = policy.namespace === '' ? policy.name : `${policy.namespace}/${policy.name}`;
      if (verdict !== null) return { verdict, by: `${kind} ${name}: spec.egress[${i}]` };
    }
  }
  return { verdict: null, by: null };
}

function coreVerdict(rule: Any, { address, protocol, port }: Traffic): Verdict {
  const peers = rule.to ?? [];
  const ports = rule.ports ?? [];
  const peerMatches = peers.some(
    ({ ipBlock }: Any) =>
      ipBlock !== undefined &&
      isInside(ipBlock.cidr, address) &&
      !(ipBlock.except ?? []).some((except: string) => isInside(except, address)),
  );
  const portMatches = ports.some(
    (one: Any) =>
      (one.protocol ?? 'TCP') === protocol &&
      (one.port === undefined ||
        (typeof one.port === 'number' && one.port <= port && port <= (one.endPort ?? one.port))),
  );
  return (peers.length === 0 || peerMatches) && (ports.length === 0 || portMatches) ? 'Allow' : null;
}

interface Packet {
  readonly world: World;
  readonly traffic: Traffic;
}

const NONE = {};

function verdictOf(rule: Any, policy: PolicyObject, packet: Packet): Verdict {
  const { address, protocol, port } = packet.traffic;
  const { pod } = packet.world;
  const version = address.includes(':') ? 6 : 4;
  const { source = NONE, destination = NONE } = rule;
  const from = version === 4 ? pod.address.v4 : pod.address.v6;
  const matches =
    (rule.ipVersion === undefined || rule.ipVersion === version) &&
    (rule.protocol === undefined || numberOf(rule.protocol) === numberOf(protocol)) &&
    (rule.notProtocol === undefined || numberOf(rule.notProtocol) !== numberOf(protocol)) &&
    portsMatch(source, pod.port) &&
    portsMatch(destination, port) &&
    netsMatch(source, from) &&
    netsMatch(destination, address) &&
    sourceMatches(source, policy, packet.world) &&
    destinationMatches(destination, policy, packet);
  return matches && rule.action !== 'Log' ? rule.action : null;
}

const NUMBERS: Readonly<Record<string, number>> = {
  TCP: 6,
  UDP: 17,
  SCTP: 132,
  ICMP: 1,
  ICMPv6: 58,
  UDPLite: 136,
};
const numberOf = (protocol: string | number): number => NUMBERS[protocol] ?? Number(protocol);

function portsMatch({ ports = [], notPorts = [] }: Any, port: number): boolean {
  // A named port is one of an endpoint, and what is outside is none.
  const isOneOf = (list: Any[]) =>
    list.some((entry) => {
      const [from, until = from] = String(entry).split(':').map(Number);
      return from !== undefined && until !== undefined && from <= port && port <= until;
    });
  return (ports.length === 0 || isOneOf(ports)) && !isOneOf(notPorts);
}

/** A list is cut down to the version of the packet; if nothing of it is left, the rule is left out. */
function netsMatch({ nets = [], notNets = [] }: Any, address: string): boolean {
  const ofVersion = (list: string[]) => list.filter((net) => net.includes(':') === address.includes(':'));
  if (nets.length > 0 && !ofVersion(nets).some((net) => isInside(net, address))) return false;
  if (notNets.length === 0) return true;
  return ofVersion(notNets).length > 0 && !ofVersion(notNets).some((net) => isInside(net, address));
}

/** The selector of a source or destination in one text, as Felix puts it together. */
function selectorOf(entity: Any, namespace: string): string | null {
  const accounts = [];
  const { names = [], selector: accountSelector = '' } = entity.serviceAccounts ?? {};
  if (names.length > 0) accounts.push(`projectcalico.org/serviceaccount in { '${names.join("', '")}' }`);
  if (accountSelector !== '') accounts.push(prefixed(accountSelector, 'pcsa.'));
  const own = [...accounts, ...(entity.selector ? [entity.selector] : [])];
  let namespaces = namespace === '' ? '' : `projectcalico.org/namespace == '${namespace}'`;
  if (entity.namespaceSelector) {
    namespaces = prefixed(entity.namespaceSelector, 'pcns.')
      .replaceAll('all()', 'has(projectcalico.org/namespace)')
      .replaceAll('global()', '!has(projectcalico.org/namespace)');
  }
  const used = own.length > 0 || Boolean(entity.notSelector) || Boolean(entity.namespaceSelector);
  if (namespaces !== '' && used) own.push(namespaces);
  return own.length === 0 ? null : own.map((one) => `(${one})`).join(' && ');
}

/** What does not depend on the packet is asked once for each rule of a world. */
function once<T>(compute: (entity: Any, policy: PolicyObject, world: World) => T): typeof compute {
  const answers = new WeakMap<World, WeakMap<object, { readonly answer: T }>>();
  return (entity, policy, world) => {
    const ofWorld = answers.get(world) ?? new WeakMap();
    answers.set(world, ofWorld);
    const known = ofWorld.get(entity) ?? { answer: compute(entity, policy, world) };
    ofWorld.set(entity, known);
    return known.answer;
  };
}

const sourceMatches = once((source, { namespace }, world): boolean => {
  const labels = podLabels(world);
  const selector = selectorOf(source, namespace);
  return (
    (selector === null || holds(selector, labels)) &&
    !(source.notSelector && holds(source.notSelector, labels))
  );
});

/** The nets in which the address must be, and those in which it must not be; null if there is no such condition. */
const selectedNets = once((destination, { namespace }, world) => {
  const selector = selectorOf(destination, namespace);
  const excluded: string | undefined = destination.notSelector || undefined;
  const netsOf = (text: string, but?: string) =>
    membersOf(world)
      .filter(({ labels }) => holds(text, labels) && !(but !== undefined && holds(but, labels)))
      .flatMap(({ nets }) => nets);
  return {
    inside: selector === null ? null : netsOf(selector, excluded),
    outside: selector === null && excluded !== undefined ? netsOf(excluded) : null,
  };
});

function destinationMatches(destination: Any, policy: PolicyObject, { world, traffic }: Packet): boolean {
  const { inside, outside } = selectedNets(destination, policy, world);
  const isIn = (nets: readonly string[]) => nets.some((net) => isInside(net, traffic.address));
  if ((inside !== null && !isIn(inside)) || (outside !== null && isIn(outside))) return false;
  if (destination.services === undefined) return true;
  const { name, namespace = policy.namespace } = destination.services;
  return (world.services[`${namespace}/${name}`] ?? []).includes(traffic.address);
}

function membersOf({ objects, namespaces }: World) {
  return objects.flatMap(({ kind, namespace, labels, spec }) => {
    const nets: string[] = (spec as Any)?.nets ?? [];
    if (kind === 'GlobalNetworkSet') return [{ labels, nets }];
    if (kind !== 'NetworkSet') return [];
    const inherited = namespaceLabels(namespace, namespaces);
    return [{ labels: { ...inherited, ...labels, 'projectcalico.org/namespace': namespace }, nets }];
  });
}

const KEY = '[a-zA-Z0-9_./-]+';
const STRING = `"[^"]*"|'[^']*'`;
const ATOM = new RegExp(
  `has\\(\\s*(?<has>${KEY})\\s*\\)|(?<word>all|global)\\(\\s*\\)` +
    `|(?<key>${KEY})\\s*(?:(?<sign>==|!=|contains|starts\\s*with|ends\\s*with)\\s*(?<value>${STRING})` +
    `|(?<kind>not\\s*in|in)\\s*\\{(?<list>[^}]*)\\})`,
  'g',
);

const groupsOf = (match: unknown[]): Readonly<Record<string, string | undefined>> => match.at(-1) as Any;

function prefixed(text: string, prefix: string): string {
  return text.replace(ATOM, (atom: string, ...match) => {
    const { has, key } = groupsOf(match);
    if (has !== undefined) return `has(${prefix}${has})`;
    return key === undefined ? atom : prefix + atom;
  });
}

/** Puts the answer of each comparison in its place and then reduces the text until an answer is left. */
export function holds(text: string, labels: Labels): boolean {
  const own = new Map(Object.entries(labels));
  let left = text.replace(ATOM, (_atom: string, ...match) => {
    const { has, word, key = '', sign, value = '', kind, list = '' } = groupsOf(match);
    if (word !== undefined) return 'T';
    if (has !== undefined) return own.has(has) ? 'T' : 'F';
    if (sign !== undefined)
      return compare(own.get(key), sign.replace(/\s+/, ''), value.slice(1, -1)) ? 'T' : 'F';
    return isInSet(own.get(key), list) === (kind === 'in') ? 'T' : 'F';
  });
  left = left.replace(/\s/g, '');
  for (let before = ''; before !== left; ) {
    before = left;
    left = left.replace(/!T/g, 'F').replace(/!F/g, 'T').replace(/!!/g, '');
    if (before !== left) continue;
    left = left.replace(/\((T|F)\)/g, '$1');
    if (before !== left) continue;
    left = left.replace(/(T|F)&&(T|F)/, (_all, a, b) => (a === 'T' && b === 'T' ? 'T' : 'F'));
    if (before !== left) continue;
    // Only where neither side belongs to an "and" that is not reduced yet.
    left = left.replace(/(?<!&&)(T|F)\|\|(T|F)(?!&&)/, (_all, a, b) => (a === 'T' || b === 'T' ? 'T' : 'F'));
  }
  if (left !== 'T' && left !== 'F') throw new Error(`"${text}" was reduced to "${left}" and no further.`);
  return left === 'T';
}

function compare(value: string | undefined, sign: string, text: string): boolean {
  if (sign === '!=') return value !== text;
  if (value === undefined) return false;
  if (sign === '==') return value === text;
  if (sign === 'contains') return value.includes(text);
  return sign === 'startswith' ? value.startsWith(text) : value.endsWith(text);
}

const isInSet = (value: string | undefined, list: string): boolean =>
  value !== undefined &&
  (list.match(new RegExp(STRING, 'g')) ?? []).some((one) => one.slice(1, -1) === value);
