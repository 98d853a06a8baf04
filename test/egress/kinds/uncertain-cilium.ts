import fc from 'fast-check';
import type { PolicyObject } from '../../../lambda/inventory/policy-object.ts';
import { objects, spec } from './arbitraries-cilium.ts';
import { aCiliumPolicy } from './build-cilium.ts';

// biome-ignore lint/suspicious/noExplicitAny: generated objects, valid by construction
type Any = any;

/** A rule of unknown meaning, and rules of known meaning of which one is it; null: the object is refused. */
interface Uncertainty {
  readonly written: Any;
  readonly meant: readonly (Any | null)[];
  readonly allowOnly?: boolean;
}

/** Objects with something that cannot be known, and all that it may mean. */
export interface UncertainWorld {
  readonly written: readonly PolicyObject[];
  readonly meant: readonly (readonly PolicyObject[])[];
}

const NOBODY = { toEndpoints: [{}] };
const https = { ports: [{ port: '443', protocol: 'TCP' }] };
const portsOf = ({ toPorts }: Any): Any => (toPorts === undefined ? {} : { toPorts });
const some = { toCIDR: ['10.1.0.0/16', '2001:db8::/32'] };
const named = (rule: Any, port: string): Any => {
  const { icmps: _, ...peers } = rule;
  return { ...peers, toPorts: [{ ports: [{ port, protocol: 'TCP' }] }] };
};

const UNCERTAINTIES: Readonly<Record<string, (rule: Any) => Uncertainty>> = {
  namedPort: (rule) => ({
    written: named(rule, 'web'),
    meant: [named(rule, '80'), named(rule, '443'), NOBODY],
  }),
  services: (rule) => ({
    written: { toServices: [{ k8sService: { serviceName: 'a' } }], ...portsOf(rule) },
    meant: [NOBODY, { ...some, ...portsOf(rule) }],
  }),
  securityGroups: (rule) => ({
    written: { toGroups: [{ aws: {} }], ...portsOf(rule) },
    meant: [NOBODY, { ...some, ...portsOf(rule) }],
  }),
  authentication: (rule) => ({
    written: { ...rule, authentication: { mode: 'required' } },
    meant: [rule, NOBODY],
    allowOnly: true,
  }),
  listener: ({ icmps: _, ...rule }) => ({
    written: { ...rule, toPorts: [{ ...https, listener: { name: 'a' } }] },
    meant: [{ ...rule, toPorts: [https] }, NOBODY],
    allowOnly: true,
  }),
  emptyList: () => ({
    written: { toCIDR: [], toPorts: [https] },
    meant: [{ toPorts: [https] }, NOBODY],
  }),
  missingGroup: (rule) => ({
    written: { toCIDRSet: [{ cidrGroupRef: 'missing' }], ...portsOf(rule) },
    meant: [NOBODY, { ...some, ...portsOf(rule) }],
  }),
  exceptFromGroup: (rule) => ({
    written: { toCIDRSet: [{ cidrGroupRef: 'a', except: ['10.1.0.0/16'] }], ...portsOf(rule) },
    meant: [NOBODY, { toCIDRSet: [{ cidrGroupRef: 'a' }], ...portsOf(rule) }],
  }),
  combined: () => ({ written: { ...some, toEntities: ['host'] }, meant: [null] }),
  nodes: (rule) => ({ written: { toNodes: [{}], ...portsOf(rule) }, meant: [null, NOBODY] }),
  requirements: (rule) => ({ written: { ...rule, toRequires: [{}] }, meant: [rule, NOBODY] }),
  oneFamily: () => ({
    written: { toEntities: ['world-ipv4'] },
    meant: [null, NOBODY, { toCIDR: ['0.0.0.0/0'] }],
  }),
  negative: (rule) => ({
    written: {
      toEndpoints: [
        { matchExpressions: [{ key: 'io.kubernetes.pod.namespace', operator: 'NotIn', values: ['x'] }] },
      ],
      ...portsOf(rule),
    },
    meant: [NOBODY, { toEntities: ['all'], ...portsOf(rule) }],
  }),
  notTcp: ({ toPorts: _, icmps: __, ...rule }) => ({
    written: { ...rule, toPorts: [{ ports: [{ port: '443' }], rules: { http: [{}] } }] },
    meant: [null],
    allowOnly: true,
  }),
};

const LEFT_OUT = { matchLabels: { 'pod-template-hash': 'a' } };

/** A spec with something unknown outside its rules. */
const ELSEWHERE: Readonly<Record<string, (whole: Any) => { written: Any; meant: readonly (Any | null)[] }>> =
  {
    leftOutLabel: (whole) => ({
      written: { ...whole, endpointSelector: LEFT_OUT },
      meant: [null, { ...whole, endpointSelector: {} }],
    }),
    closedWithoutRules: ({ egress: _, egressDeny: __, ...whole }) => ({
      written: { ...whole, enableDefaultDeny: { egress: true } },
      meant: [null, { ...whole, egress: [{}], enableDefaultDeny: { egress: true } }],
    }),
    refusedIngress: (whole) => ({
      written: { ...whole, ingress: [{ fromCIDR: ['10.0.0.0/8'], fromEntities: ['host'] }] },
      meant: [null],
    }),
  };

/** Labels that every pod of these tests has beside its own. */
export const HASH = { 'pod-template-hash': 'a' };

const withRule = (whole: Any, list: string, rule: Any): Any => ({
  ...whole,
  [list]: [rule, ...(whole[list] ?? []).slice(1)],
});

export const uncertainWorld: fc.Arbitrary<UncertainWorld> = fc
  .record({
    whole: spec,
    name: fc.constantFrom(...Object.keys(UNCERTAINTIES), ...Object.keys(ELSEWHERE)),
    list: fc.constantFrom('egress', 'egressDeny'),
    others: objects,
  })
  .map(({ whole, name, list, others }) => {
    const elsewhere = ELSEWHERE[name]?.(whole);
    const rules: readonly Any[] = (whole as Any)[list] ?? [];
    const uncertainty = UNCERTAINTIES[name]?.(rules[0] ?? { ...some, toPorts: [https] });
    const place = uncertainty?.allowOnly ? 'egress' : list;
    const written = elsewhere?.written ?? withRule(whole, place, uncertainty?.written);
    const meant =
      elsewhere?.meant ??
      (uncertainty?.meant ?? []).map((rule) => (rule === null ? null : withRule(whole, place, rule)));
    const about = { name: 'doubtful' };
    return {
      written: [...others, aCiliumPolicy(written, about)],
      meant: meant.map((one) => (one === null ? others : [...others, aCiliumPolicy(one, about)])),
    };
  });
