import fc from 'fast-check';
import type { PolicyObject } from '../../../lambda/inventory/policy-object.ts';
import { ipBlock, selector } from '../support/arbitraries.ts';
import { aBaselinePolicy, aClusterPolicy, anAdminPolicy, anAwsClusterPolicy } from './build-admin.ts';

/** An API for administrators, with all that its valid objects may hold. */
interface Api {
  readonly build: (spec: unknown, about?: Partial<PolicyObject>) => PolicyObject;
  readonly place: fc.Arbitrary<Readonly<Record<string, unknown>>>;
  readonly allow: string;
  readonly passes: boolean;
  readonly nodes: boolean;
  readonly names: boolean;
  readonly ports: 'v1alpha1' | 'v1alpha2';
}

/** Few, so that some are equal. */
const priority = fc.constantFrom(0, 1, 1000);
const portNumber = fc.constantFrom(1, 53, 80, 443, 65535);
const byTier = fc.record({ tier: fc.constantFrom('Admin', 'Baseline'), priority });
const v1alpha1 = { passes: true, nodes: true, names: true, ports: 'v1alpha1' } as const;

const APIS = {
  admin: { ...v1alpha1, build: anAdminPolicy, place: fc.record({ priority }), allow: 'Allow' },
  baseline: {
    ...v1alpha1,
    build: aBaselinePolicy,
    place: fc.constant({}),
    allow: 'Allow',
    passes: false,
    names: false,
  },
  cluster: { ...v1alpha1, build: aClusterPolicy, place: byTier, allow: 'Accept', ports: 'v1alpha2' },
  aws: { ...v1alpha1, build: anAwsClusterPolicy, place: byTier, allow: 'Accept', nodes: false },
} as const satisfies Readonly<Record<string, Api>>;

const protocol = fc.constantFrom('TCP', 'UDP', 'SCTP');
const range = fc
  .tuple(portNumber, portNumber)
  .filter(([a, b]) => a !== b)
  .map(([a, b]) => ({ start: Math.min(a, b), end: Math.max(a, b) }));

const portV1alpha1 = fc.oneof(
  fc.record({ portNumber: fc.record({ protocol, port: portNumber }, { requiredKeys: ['port'] }) }),
  fc.tuple(range, protocol).map(([numbers, name]) => ({ portRange: { ...numbers, protocol: name } })),
  range.map((numbers) => ({ portRange: numbers })),
);
const destinationPort = fc.oneof(
  portNumber.map((number) => ({ number })),
  range.map((numbers) => ({ range: numbers })),
);
const portV1alpha2 = fc
  .tuple(fc.constantFrom('tcp', 'udp', 'sctp'), fc.option(destinationPort, { nil: undefined }))
  .map(([name, port]) => ({ [name]: port === undefined ? {} : { destinationPort: port } }));

const namedPort = { v1alpha1: { namedPort: 'web' }, v1alpha2: { destinationNamedPort: 'web' } };

/** Most of them nested, so that rules overlap. */
const cidr = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      '0.0.0.0/0',
      '::/0',
      '10.0.0.0/8',
      '10.1.0.0/16',
      '10.1.2.3/32',
      '128.0.0.0/1',
      'fd00::/8',
      '2001:db8::/32',
    ),
  },
  { weight: 1, arbitrary: ipBlock.map((block) => block.cidr) },
);
const networks = fc.uniqueArray(cidr, { minLength: 1, maxLength: 3 }).map((blocks) => ({ networks: blocks }));
const inside = fc.oneof(
  fc.record({ namespaces: selector }),
  fc.record({ pods: fc.record({ namespaceSelector: selector, podSelector: selector }) }),
);
const names = fc.constant({ domainNames: ['example.com', '*.example.org'] });

const namespaceSelector = fc.oneof(
  selector,
  fc.constantFrom('default', 'other').map((name) => ({
    matchLabels: { 'kubernetes.io/metadata.name': name },
  })),
);
const subject = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ namespaces: {} }) },
  { weight: 1, arbitrary: fc.record({ namespaces: namespaceSelector }) },
  { weight: 1, arbitrary: fc.record({ pods: fc.record({ namespaceSelector, podSelector: selector }) }) },
);

/** A valid rule; with a peer that has addresses, so that a named port cannot stand beside it. */
function ruleOf({ allow, passes, nodes, names: hasNames, ports }: Api) {
  const field = ports === 'v1alpha1' ? 'ports' : 'protocols';
  const actions = [allow, 'Deny', ...(passes ? ['Pass'] : [])];
  const outside = nodes
    ? fc.oneof(networks, inside, fc.record({ nodes: selector }))
    : fc.oneof(networks, inside);
  const entry: fc.Arbitrary<unknown> = ports === 'v1alpha1' ? portV1alpha1 : portV1alpha2;
  const to = fc.array(fc.oneof({ weight: 3, arbitrary: networks }, outside), { minLength: 1, maxLength: 3 });
  const entries = fc.option(fc.array(entry, { minLength: 1, maxLength: 3 }), { nil: undefined });
  const plain = fc.tuple(fc.constantFrom(...actions), to, entries).map(([action, peers, list]) => ({
    action,
    to: peers,
    ...(list === undefined ? {} : { [field]: list }),
  }));
  const toPods = fc
    .tuple(fc.constantFrom(...actions), fc.array(inside, { minLength: 1, maxLength: 2 }))
    .map(([action, peers]) => ({ action, to: peers, [field]: [namedPort[ports]] }));
  const named = fc
    .tuple(fc.array(fc.oneof(names, networks), { minLength: 1, maxLength: 2 }), entries)
    .map(([peers, list]) => ({ action: allow, to: peers, ...(list === undefined ? {} : { [field]: list }) }));
  return fc.oneof(
    { weight: 6, arbitrary: plain },
    { weight: 1, arbitrary: toPods },
    { weight: hasNames ? 1 : 0, arbitrary: named },
  );
}

export const specsOf = (name: keyof typeof APIS) => {
  const api: Api = APIS[name];
  return fc
    .tuple(api.place, subject, fc.option(fc.array(ruleOf(api), { maxLength: 4 }), { nil: undefined }))
    .map(([place, who, egress]) => ({ ...place, subject: who, ...(egress === undefined ? {} : { egress }) }));
};

export const build = (name: keyof typeof APIS) => APIS[name].build;
export const API_NAMES = ['admin', 'baseline', 'cluster', 'aws'] as const;

/** Valid policies of some APIs, most often of one. */
export const adminPolicies: fc.Arbitrary<readonly PolicyObject[]> = fc
  .oneof(
    fc.constant(['admin', 'baseline'] as const),
    fc.constant(['cluster'] as const),
    fc.constant(['aws'] as const),
    fc.constant(API_NAMES),
  )
  .chain((names) =>
    fc.array(
      fc.constantFrom(...names).chain((name) => specsOf(name).map((spec) => ({ name, spec }))),
      { maxLength: 5 },
    ),
  )
  .map((list) => list.map(({ name, spec }, i) => build(name)(spec, { name: `a${i}` })));
