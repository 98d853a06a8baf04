import fc from 'fast-check';
import type { PolicyObject } from '../../../lambda/inventory/policy-object.ts';
import {
  SERVICE_ACCOUNT,
  SERVICE_ACCOUNT_OBJECT,
  type ServiceAccounts,
} from '../../../lambda/inventory/service-account.ts';
import { spec as coreSpec, ipBlock, portNumber } from '../support/arbitraries.ts';
import { aNetworkPolicy } from '../support/build.ts';
import type { World } from './brute-force-calico.ts';
import { aCalicoPolicy, aGlobalPolicy, aGlobalSet, aNetworkSet, aTier } from './build-calico.ts';

/** What a world may hold that the program cannot know. */
export interface Secrets {
  readonly allowed: boolean;
}

const NAMESPACES = ['default', 'other'];
const namespace = fc.constantFrom(...NAMESPACES);
const ACCOUNTS = NAMESPACES.flatMap((name) => [`${name}/builder`, `${name}/default`]);
/** Mostly that of the pod, so that most policies matter. */
const policyNamespace = fc.constantFrom('default', 'default', 'default', 'default', 'other');
const value = fc.constantFrom('a', 'b', 'ab', '');
const environment = fc.constantFrom('prod', 'dev');

export const labels = fc.dictionary(fc.constantFrom('app', 'role', 'constructor'), value, { maxKeys: 2 });

const sometimes = <T>(arbitrary: fc.Arbitrary<T>, freq = 3) => fc.option(arbitrary, { nil: undefined, freq });

/** Without the fields that are undefined, as a policy is written. */
const tidy = <T extends object>(fields: T): T =>
  Object.fromEntries(Object.entries(fields).filter(([, field]) => field !== undefined)) as T;

/** A selector over these keys with values of theirs, written in many ways. */
function selectorOf(atoms: fc.Arbitrary<readonly [string, string]>): fc.Arbitrary<string> {
  const space = fc.constantFrom('', ' ', '\t');
  const quoted = (text: string) => fc.constantFrom(`'${text}'`, `"${text}"`);
  const comparison = atoms.chain(([key, text]) =>
    fc.oneof(
      fc
        .tuple(fc.constantFrom('==', '!='), space, quoted(text))
        .map(([sign, gap, q]) => `${key}${gap}${sign}${gap}${q}`),
      fc
        .tuple(fc.constantFrom('contains', 'starts with', 'ends with', 'startswith'), quoted(text))
        .map(([sign, q]) => `${key} ${sign} ${q}`),
      fc
        .tuple(fc.constantFrom('in', 'not in', 'notin'), fc.array(quoted(text), { maxLength: 2 }), space)
        .map(([sign, list, gap]) => `${key} ${sign}${gap}{${list.join(',')}}`),
      fc.constant(`has(${key})`),
    ),
  );
  const { whole } = fc.letrec<{ whole: string; part: string }>((tie) => ({
    part: fc.oneof(
      { weight: 6, arbitrary: comparison },
      { weight: 1, arbitrary: fc.constant('all()') },
      { weight: 2, arbitrary: fc.tuple(space, tie('part')).map(([gap, part]) => `!${gap}${part}`) },
      { weight: 2, arbitrary: tie('whole').map((inner) => `(${inner})`) },
    ),
    whole: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'selector' },
      { weight: 3, arbitrary: tie('part') },
      {
        weight: 2,
        arbitrary: fc
          .tuple(tie('part'), fc.constantFrom('&&', '||', ' && ', ' || '), tie('whole'))
          .map((parts) => parts.join('')),
      },
    ),
  }));
  return whole;
}

const ownAtom = fc.tuple(fc.constantFrom('app', 'role', 'constructor'), value);
const namespaceAtom = fc.oneof(
  fc.tuple(fc.constant('env'), environment),
  fc.tuple(fc.constant('projectcalico.org/name'), namespace),
);
const givenAtom = fc.oneof(
  fc.tuple(fc.constant('projectcalico.org/namespace'), namespace),
  fc.tuple(fc.constant('projectcalico.org/orchestrator'), fc.constantFrom('k8s', 'cni')),
  fc.tuple(fc.constant('pcns.env'), environment),
);
const accountName = fc.constantFrom('builder', 'default');
const accountAtom = fc.oneof(
  fc.tuple(fc.constantFrom('projectcalico.org/serviceaccount', 'pcsa.projectcalico.org/name'), accountName),
  fc.tuple(fc.constant('pcsa.team'), value),
);

export const ownSelector = selectorOf(
  fc.oneof({ weight: 3, arbitrary: ownAtom }, { weight: 1, arbitrary: givenAtom }),
);
const anySelector = selectorOf(fc.oneof(ownAtom, givenAtom, accountAtom));
const namespaceSelector = selectorOf(namespaceAtom);
const accountSelector = selectorOf(
  fc.oneof(
    fc.tuple(fc.constant('projectcalico.org/name'), accountName),
    fc.tuple(fc.constantFrom('team', 'constructor'), value),
  ),
);
const ruleNamespaces = fc.oneof(namespaceSelector, fc.constantFrom('global()', 'all()'));
const accounts = fc.oneof(
  fc.record({ names: fc.subarray(['builder', 'default'], { minLength: 1 }) }),
  fc.record({ selector: accountSelector }),
);

const net = ipBlock.map(({ cidr }) => cidr);
const nets = fc.array(net, { minLength: 1, maxLength: 3 });
const port = fc.oneof(
  portNumber,
  fc.tuple(portNumber, portNumber).map(([a, b]) => `${Math.min(a, b)}:${Math.max(a, b)}`),
  fc.constant('http'),
);
const ports = fc.array(port, { minLength: 1, maxLength: 3 });

const WITH_PORTS: readonly unknown[] = ['TCP', 'UDP', 'SCTP', 6, 17, '132'];
const protocol = fc.constantFrom<unknown>(...WITH_PORTS, 'ICMP', 'UDPLite', 47);

function entityOf(secrets: Secrets, isSource: boolean) {
  const selector = isSource ? anySelector : ownSelector;
  const addresses = !isSource || secrets.allowed;
  return fc.record({
    nets: addresses ? sometimes(nets, isSource ? 1 : 2) : fc.constant(undefined),
    notNets: addresses ? sometimes(nets, isSource ? 1 : 2) : fc.constant(undefined),
    selector: sometimes(selector, 2),
    notSelector: sometimes(selector, 1),
    namespaceSelector: sometimes(ruleNamespaces, 1),
    serviceAccounts: sometimes(accounts, 1),
  });
}

/** The options `freq` of fast-check count against one for nil, so few parts are set at once. */
const rarely = <T>(arbitrary: fc.Arbitrary<T>, of: number) =>
  fc.nat(of).chain((n) => (n === 0 ? arbitrary : fc.constant(undefined)));

function ruleOf(secrets: Secrets) {
  const destination = fc.oneof(
    { weight: 4, arbitrary: fc.record({ nets }) },
    { weight: 2, arbitrary: fc.record({ notNets: nets }) },
    {
      weight: 3,
      arbitrary: fc.record({ selector: ownSelector, namespaceSelector: rarely(ruleNamespaces, 1) }),
    },
    { weight: 1, arbitrary: fc.record({ notSelector: ownSelector }) },
    { weight: 2, arbitrary: entityOf(secrets, false) },
    { weight: 1, arbitrary: fc.constant({}) },
    ...(secrets.allowed
      ? [
          {
            weight: 1,
            arbitrary: fc.record({ services: fc.constantFrom({ name: 'api', namespace: 'default' }) }),
          },
        ]
      : []),
  );
  return fc
    .record({
      action: fc.constantFrom('Allow', 'Allow', 'Allow', 'Deny', 'Deny', 'Pass', 'Log'),
      ipVersion: rarely(fc.constantFrom(4, 6), 6),
      protocol: rarely(protocol, 1),
      notProtocol: rarely(protocol, 6),
      ports: rarely(ports, 1),
      notPorts: rarely(ports, 4),
      fromPorts: secrets.allowed ? rarely(ports, 6) : fc.constant(undefined),
      source: rarely(entityOf(secrets, true), 3),
      destination,
    })
    .map(({ ports: listed, notPorts, fromPorts, source, destination: where, ...rule }) => {
      // Numbers go only with a protocol that has ports, and services with no ports at all.
      const numbered = WITH_PORTS.includes(rule.protocol) && !('services' in where);
      const given = numbered ? { ports: listed, notPorts } : {};
      return tidy({
        ...rule,
        source: source && tidy({ ...source, ...(numbered ? { ports: fromPorts } : {}) }),
        destination: tidy({ ...where, ...given }),
      });
    });
}

const TIERS = ['default', 'first', 'last', 'loose'];
const order = fc.constantFrom(undefined, undefined, 1, 1000, 1000);

const specOf = (secrets: Secrets, maxRules: number) =>
  fc
    .record({
      tier: fc.oneof(
        { weight: 2, arbitrary: fc.constant('default') },
        { weight: 3, arbitrary: fc.constantFrom(undefined, ...TIERS) },
      ),
      order,
      selector: rarely(anySelector, 2),
      serviceAccountSelector: rarely(accountSelector, 4),
      types: fc.constantFrom(...Array(6).fill(['Egress']), ['Ingress', 'Egress'], ['Ingress'], undefined),
      egress: sometimes(fc.array(ruleOf(secrets), { maxLength: maxRules, size: '+1' }), 12),
      ingress: rarely(fc.constant([{ action: 'Allow' }]), 4),
    })
    .map(tidy)
    // Without types, whether an empty list of rules makes a policy for egress depends on the version.
    .map((spec) =>
      spec.types === undefined && spec.egress?.length === 0 ? { ...spec, egress: undefined } : spec,
    )
    .map(tidy);

const NAMES = ['a', 'a-b', 'aa', 'b', 'p', 'p-q'];

const policyOf = (secrets: Secrets) =>
  fc.oneof(
    fc.tuple(specOf(secrets, 4), policyNamespace).map(([spec, where]) => (name: string) => ({
      ...aCalicoPolicy(),
      spec,
      name,
      namespace: where,
    })),
    fc.tuple(specOf(secrets, 4), rarely(namespaceSelector, 4)).map(([spec, where]) => (name: string) => ({
      ...aGlobalPolicy(),
      spec: tidy({ ...spec, namespaceSelector: where }),
      name,
    })),
  );

const corePolicy = fc.tuple(coreSpec, policyNamespace).map(
  ([spec, where]) =>
    (name: string) =>
      aNetworkPolicy(spec, { name, namespace: where }),
);

const tiers = fc
  .tuple(
    ...TIERS.slice(1).map(() =>
      fc.tuple(
        fc.constantFrom(undefined, 1, 1, 1_000_000, 2_000_000),
        fc.constantFrom(undefined, 'Deny', 'Pass', 'Pass'),
      ),
    ),
  )
  .map((list) =>
    list.map(([tierOrder, defaultAction], i) =>
      aTier(TIERS[i + 1] ?? '', tidy({ order: tierOrder, defaultAction })),
    ),
  );

const sets = fc
  .array(fc.tuple(fc.boolean(), labels, fc.array(net, { maxLength: 2 }), namespace), {
    maxLength: 4,
    size: '+1',
  })
  .map((list) =>
    list.map(([global, own, blocks, where], i) =>
      global
        ? aGlobalSet(own, blocks, { name: `s${i}` })
        : aNetworkSet(own, blocks, { name: `s${i}`, namespace: where }),
    ),
  );

export interface Mix {
  readonly secrets: Secrets;
  readonly withCore: boolean;
}

export function worldOf({ secrets, withCore }: Mix): fc.Arbitrary<World> {
  const one = withCore
    ? fc.oneof({ weight: 3, arbitrary: policyOf(secrets) }, { weight: 2, arbitrary: corePolicy })
    : policyOf(secrets);
  const policies: fc.Arbitrary<readonly PolicyObject[]> = fc
    .tuple(
      fc.array(one, { minLength: 1, maxLength: 6, size: '+1' }),
      fc.shuffledSubarray(NAMES, { minLength: NAMES.length }),
    )
    .map(([list, names]) => list.map((build, i) => build(names[i] ?? '')));
  return fc
    .record({
      policies,
      tiers,
      sets,
      environments: fc.tuple(environment, environment),
      where: policyNamespace,
      own: labels,
      ties: fc.constantFrom<World['ties']>('today', 'before'),
      account: accountName,
      accounts: fc.dictionary(
        fc.tuple(policyNamespace, accountName).map((path) => path.join('/')),
        fc.dictionary(fc.constantFrom('team', 'projectcalico.org/name'), value),
        { maxKeys: 3, size: '+1' },
      ),
      seenAccounts: secrets.allowed
        ? fc.oneof(fc.constant('all' as const), fc.subarray(ACCOUNTS))
        : fc.constant('all' as const),
      port: fc.constantFrom(1, 443, 40_000),
      service: fc.constantFrom('192.0.2.1', '0.0.0.0'),
      unreadable: secrets.allowed ? fc.subarray(NAMESPACES) : fc.constant([]),
    })
    .map(({ policies: list, tiers: some, sets: others, environments: [here, there], ...rest }) => ({
      objects: [...some, ...others, ...list],
      namespaces: { default: { env: here }, other: { env: there } },
      accounts: rest.accounts,
      unreadable: rest.unreadable,
      seenAccounts: rest.seenAccounts,
      ties: rest.ties,
      pod: {
        namespace: rest.where,
        labels: {
          ...rest.own,
          [SERVICE_ACCOUNT]: rest.account,
          [SERVICE_ACCOUNT_OBJECT]: `${rest.where}/${rest.account}`,
        },
        serviceAccount: rest.account,
        address: { v4: '10.0.0.1', v6: '2001:db8:0:0:0:0:0:1' },
        port: rest.port,
      },
      services: { 'default/api': [rest.service] },
    }));
}

/** What the program is told of the ServiceAccounts of a world. */
export function accountsSeen({ accounts: existing, seenAccounts }: World): ServiceAccounts {
  const seen = Object.entries(existing).filter(
    ([path]) => seenAccounts === 'all' || seenAccounts.includes(path),
  );
  return { labels: new Map(seen), complete: seenAccounts === 'all' };
}
