import fc from 'fast-check';
import type { PolicyObject } from '../../../lambda/inventory/policy-object.ts';
import { namespace, policies as networkPolicies, selector } from '../support/arbitraries.ts';
import { aCiliumPolicy, aClusterwidePolicy, aGroup } from './build-cilium.ts';

/** Most of them nested, so that rules overlap. */
const cidr = fc.constantFrom(
  '0.0.0.0/0',
  '::/0',
  '10.0.0.0/8',
  '10.1.0.0/16',
  '10.1.2.3/32',
  '128.0.0.0/1',
  'fd00::/8',
  '2001:db8::/32',
);
const blocks = fc.uniqueArray(cidr, { minLength: 1, maxLength: 3 });

const withExcept = fc.constantFrom<object>(
  { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] },
  { cidr: '10.1.0.0/16', except: ['10.1.2.3/32', '10.1.128.0/17'] },
  { cidr: '0.0.0.0/0', except: ['10.0.0.0/8', '128.0.0.0/1'] },
  { cidr: '::/0', except: ['fd00::/8'] },
);
const fromGroups = fc.constantFrom<object>(
  { cidrGroupRef: 'a' },
  { cidrGroupRef: 'b' },
  { cidrGroupSelector: { matchLabels: { role: 'x' } } },
  { cidrGroupSelector: { matchExpressions: [{ key: 'role', operator: 'Exists' }] } },
);
const cidrSet = fc.array(
  fc.oneof(
    cidr.map((one) => ({ cidr: one })),
    withExcept,
    fromGroups,
  ),
  {
    minLength: 1,
    maxLength: 3,
  },
);

export const groups: fc.Arbitrary<readonly PolicyObject[]> = fc
  .tuple(fc.array(cidr, { maxLength: 2 }), fc.array(cidr, { maxLength: 2 }))
  .map(([a, b]) => [aGroup('a', a, { labels: { role: 'x' } }), aGroup('b', b, { labels: { role: 'y' } })]);

const entity = fc.constantFrom('world', 'all', 'cluster', 'host', 'remote-node', 'kube-apiserver', 'none');
const endpoints = fc.constantFrom<unknown>(
  {},
  { matchLabels: { app: 'a' } },
  { matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'kube-system' } },
  { matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] },
);

const peersFor = (allow: boolean) =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constant({}) },
    { weight: 4, arbitrary: blocks.map((toCIDR) => ({ toCIDR })) },
    { weight: 1, arbitrary: fc.constant({ toCIDR: ['10.1.2.3', '2001:db8::1'] }) },
    { weight: 4, arbitrary: cidrSet.map((toCIDRSet) => ({ toCIDRSet })) },
    {
      weight: 2,
      arbitrary: fc.array(entity, { minLength: 1, maxLength: 2 }).map((toEntities) => ({ toEntities })),
    },
    {
      weight: 1,
      arbitrary: fc.array(endpoints, { minLength: 1, maxLength: 2 }).map((toEndpoints) => ({ toEndpoints })),
    },
    {
      weight: allow ? 1 : 0,
      arbitrary: fc
        .constantFrom<object>(
          { matchName: 'example.com' },
          { matchPattern: '*.example.org' },
          { matchPattern: '*' },
        )
        .map((one) => ({ toFQDNs: [one] })),
    },
  );

const protocol = fc.constantFrom('TCP', 'UDP', 'SCTP', 'ANY');
const portNumber = fc.constantFrom(1, 53, 80, 443, 65535);
const portEntry = fc.oneof(
  { weight: 4, arbitrary: fc.record({ port: portNumber.map(String), protocol }, { requiredKeys: ['port'] }) },
  {
    weight: 2,
    arbitrary: fc.tuple(portNumber, portNumber, protocol).map(([a, b, name]) => ({
      port: `${Math.min(a, b)}`,
      endPort: Math.max(a, b),
      protocol: name,
    })),
  },
  { weight: 1, arbitrary: protocol.map((name) => ({ port: '0', protocol: name })) },
);
const plainPorts = fc.record({ ports: fc.array(portEntry, { minLength: 1, maxLength: 2 }) });
const httpPorts = fc.constant({
  ports: [{ port: '443', protocol: 'TCP' }],
  rules: { http: [{ method: 'GET' }] },
});

function ruleFor(allow: boolean) {
  const toPorts = fc.oneof(
    { weight: 4, arbitrary: fc.constant({}) },
    {
      weight: 4,
      arbitrary: fc.array(plainPorts, { minLength: 1, maxLength: 2 }).map((list) => ({ toPorts: list })),
    },
    { weight: allow ? 1 : 0, arbitrary: httpPorts.map((one) => ({ toPorts: [one] })) },
    { weight: 1, arbitrary: fc.constant({ icmps: [{ fields: [{ type: 8 }] }] }) },
  );
  return fc.tuple(peersFor(allow), toPorts).map(([peers, ports]) => ({ ...peers, ...ports }));
}

const source = fc.constantFrom('', 'k8s:', 'any:');

/** The same selector with the source of labels before some keys. */
const endpointSelector = fc.tuple(selector, source).map(([one, prefix]) => ({
  ...(one.matchLabels === undefined
    ? {}
    : {
        matchLabels: Object.fromEntries(
          Object.entries(one.matchLabels).map(([key, value]) => [`${prefix}${key}`, value]),
        ),
      }),
  ...(one.matchExpressions === undefined
    ? {}
    : { matchExpressions: one.matchExpressions.map((each) => ({ ...each, key: `${prefix}${each.key}` })) }),
}));

const ofNamespaces = fc.constantFrom<object>(
  { matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'default' } },
  { matchLabels: { 'io.cilium.k8s.namespace.labels.app': 'a' } },
  { matchExpressions: [{ key: 'io.kubernetes.pod.namespace', operator: 'NotIn', values: ['other'] }] },
  { matchExpressions: [{ key: 'io.cilium.k8s.namespace.labels.tier', operator: 'DoesNotExist' }] },
);

const everyone = fc.constant<object>({});
const specWith = (subject: fc.Arbitrary<object>) =>
  fc
    .tuple(
      subject,
      fc.record(
        {
          egress: fc.array(ruleFor(true), { maxLength: 3 }),
          egressDeny: fc.array(ruleFor(false), { maxLength: 2 }),
          enableDefaultDeny: fc.record({ egress: fc.boolean(), ingress: fc.boolean() }, { requiredKeys: [] }),
          description: fc.constant('text'),
        },
        { requiredKeys: [] },
      ),
    )
    .map(([endpoint, { enableDefaultDeny, ...rest }]) => {
      const rules = (rest.egress ?? []).length + (rest.egressDeny ?? []).length;
      // To ask for it without any rule is unknown; and an object without any rule is refused.
      const setting = rules > 0 && enableDefaultDeny !== undefined ? { enableDefaultDeny } : {};
      return { endpointSelector: endpoint, ...rest, ...setting, ingress: [{}] };
    });

export const spec = specWith(fc.oneof(everyone, endpointSelector));
const clusterwideSpec = specWith(fc.oneof(everyone, endpointSelector, ofNamespaces));

/** Valid policies of Cilium, with one rule or several, and the groups to which they refer. */
const ciliumPolicies: fc.Arbitrary<readonly PolicyObject[]> = fc
  .array(
    fc.oneof(
      fc.tuple(spec, namespace).map(([one, where]) => aCiliumPolicy(one, { namespace: where })),
      clusterwideSpec.map((one) => aClusterwidePolicy(one)),
      fc
        .tuple(fc.array(spec, { minLength: 1, maxLength: 2 }), namespace)
        .map(([specs, where]) => aCiliumPolicy(null, { specs, namespace: where })),
    ),
    { maxLength: 4 },
  )
  .map((list) => list.map((object, i) => ({ ...object, name: `c${i}` })));

/** Cilium alone, or beside NetworkPolicies. */
export const objects: fc.Arbitrary<readonly PolicyObject[]> = fc
  .tuple(ciliumPolicies, groups, fc.oneof(fc.constant([]), networkPolicies))
  .map(([cilium, some, core]) => [...cilium, ...some, ...core]);
