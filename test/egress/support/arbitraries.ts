import fc from 'fast-check';
import type { Labels } from '../../../lambda/inventory/names.ts';
import type { PolicyObject } from '../../../lambda/inventory/policy-object.ts';
import { addressOf, bitsOf } from '../brute-force.ts';
import { aNetworkPolicy } from './build.ts';

/** Few keys, values and addresses, so that selectors match and blocks overlap. */
const key = fc.constantFrom('app', 'tier', 'constructor');
const value = fc.constantFrom('a', 'b', '');

export const labels: fc.Arbitrary<Labels> = fc.dictionary(key, value, { maxKeys: 3 });

export const namespace = fc.constantFrom('default', 'other');

export const selector = fc.record(
  {
    matchLabels: labels,
    matchExpressions: fc.array(
      fc.oneof(
        fc.record({
          key,
          operator: fc.constantFrom('In', 'NotIn'),
          values: fc.array(value, { minLength: 1, maxLength: 2 }),
        }),
        fc.record({ key, operator: fc.constantFrom('Exists', 'DoesNotExist') }),
      ),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: [] },
);

/** A family's addresses that differ in a few high, middle and low bits. */
const bits = (length: 32 | 128) =>
  fc.tuple(fc.nat(15), fc.nat(15), fc.nat(255)).map(([high, middle, low]) =>
    [
      high
        .toString(2)
        .padStart(8, '0')
        .padEnd(length / 2, '0'),
      middle
        .toString(2)
        .padStart(4, '0')
        .padEnd(length / 2 - 8, '0'),
      low.toString(2).padStart(8, '0'),
    ].join(''),
  );

const prefixOf = (length: 32 | 128) =>
  fc.oneof(fc.constantFrom(0, 1, 7, 8, length - 1, length), fc.nat(length));

/** A block; host bits may be set. Sometimes with blocks inside it left out, as validation wants them. */
const ipBlockOf = (length: 32 | 128) =>
  fc
    .tuple(
      bits(length),
      prefixOf(length),
      fc.array(fc.tuple(bits(length), fc.nat(length)), { maxLength: 3 }),
      fc.boolean(),
    )
    .map(([network, prefix, inner, withExcept]) => {
      const except = inner
        .filter(() => prefix < length)
        .map(([other, more]) => {
          const address = network.slice(0, prefix) + other.slice(prefix);
          return `${addressOf(address)}/${Math.min(length, prefix + 1 + (more % (length - prefix)))}`;
        });
      const block = { cidr: `${addressOf(network)}/${prefix}` };
      return withExcept ? { ...block, except } : block;
    });

export const ipBlock = fc.oneof(ipBlockOf(32), ipBlockOf(128));

const peer = fc.oneof(
  { weight: 4, arbitrary: fc.record({ ipBlock }) },
  { weight: 1, arbitrary: fc.record({ podSelector: selector }) },
  { weight: 1, arbitrary: fc.record({ namespaceSelector: selector, podSelector: selector }) },
);

const protocol = fc.constantFrom('TCP', 'UDP', 'SCTP');
export const portNumber = fc.oneof(
  fc.constantFrom(1, 53, 80, 443, 65534, 65535),
  fc.integer({ min: 1, max: 65535 }),
);

const port = fc.oneof(
  fc.record({ protocol, port: portNumber }, { requiredKeys: [] }),
  fc
    .tuple(protocol, portNumber, portNumber)
    .map(([name, a, b]) => ({ protocol: name, port: Math.min(a, b), endPort: Math.max(a, b) })),
  fc.record({ protocol, port: fc.constantFrom('http', 'dns-tcp') }, { requiredKeys: ['port'] }),
);

const rule = fc.record(
  { to: fc.array(peer, { maxLength: 3 }), ports: fc.array(port, { maxLength: 3 }) },
  { requiredKeys: [] },
);

export const spec = fc.record(
  {
    podSelector: selector,
    policyTypes: fc.subarray(['Ingress', 'Egress']),
    ingress: fc.constant([{}]),
    egress: fc.array(rule, { maxLength: 3 }),
  },
  { requiredKeys: ['podSelector'] },
);

/** Valid NetworkPolicies of two namespaces. */
export const policies: fc.Arbitrary<readonly PolicyObject[]> = fc
  .array(fc.tuple(spec, namespace), { maxLength: 5 })
  .map((list) => list.map(([one, where], i) => aNetworkPolicy(one, { name: `p${i}`, namespace: where })));

export const pod = fc.record({ namespace, labels });

/** Every CIDR block anywhere in the objects. */
export function cidrsIn(json: unknown): readonly string[] {
  if (typeof json === 'string') return /^[0-9a-f.:]+\/\d+$/.test(json) ? [json] : [];
  if (typeof json !== 'object' || json === null) return [];
  return Object.values(json).flatMap(cidrsIn);
}

/** Every number anywhere in the objects. */
export function numbersIn(json: unknown): readonly number[] {
  if (typeof json === 'number') return [json];
  if (typeof json !== 'object' || json === null) return [];
  return Object.values(json).flatMap(numbersIn);
}

export const someAddress = fc.oneof(bits(32), bits(128)).map(addressOf);

/** For messages: whether two texts are the same address. */
export const sameAddress = (a: string, b: string): boolean => bitsOf(a) === bitsOf(b);
