import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseDestination } from '../../../lambda/egress/answers/destination.ts';
import type { EgressView } from '../../../lambda/egress/answers/egress-view.ts';
import type { TowardDestination } from '../../../lambda/egress/answers/toward-destination.ts';
import type { PolicyObject } from '../../../lambda/inventory/policy-object.ts';
import { isAllowed, isolates } from '../brute-force.ts';
import { pod, policies, portNumber, someAddress } from '../support/arbitraries.ts';
import { aNetworkPolicy, egressOf, viewOf } from '../support/build.ts';

function to(view: EgressView, text: string): TowardDestination {
  const destination = parseDestination(text);
  if (typeof destination === 'string') throw new Error(destination);
  return view.towardDestination(destination);
}

const block = (cidr: string, port = 443) => ({
  to: [{ ipBlock: { cidr } }],
  ports: [{ protocol: 'TCP', port }],
});

const byName = (host: string, port = 443): PolicyObject => ({
  ...aNetworkPolicy({
    podSelector: {},
    policyTypes: ['Egress'],
    egress: [{ to: [{ domainNames: [host] }], ports: [{ protocol: 'TCP', port }] }],
  }),
  apiVersion: 'networking.k8s.aws/v1alpha1',
  kind: 'ApplicationNetworkPolicy',
});

const deny9 = { action: 'Deny', to: [{ networks: ['10.0.0.0/9'] }] };

const deny = {
  apiVersion: 'policy.networking.k8s.io/v1alpha1',
  kind: 'AdminNetworkPolicy',
  namespace: '',
  name: 'quarantine',
  labels: {},
  spec: {
    priority: 1,
    subject: { namespaces: {} },
    egress: [
      { action: 'Allow', to: [{ networks: ['10.0.0.0/8'] }] },
      { name: 'rest', action: 'Deny', to: [{ networks: ['0.0.0.0/0', '::/0'] }] },
    ],
  },
} satisfies PolicyObject;

describe('towards an address', () => {
  test('an address is open as a whole, in part or not at all, by the rules that open it', () => {
    const view = viewOf([egressOf(block('10.0.0.0/8'), block('8.8.8.0/24'))]);
    const rule = (index: number) => `NetworkPolicy default/policy: spec.egress[${index}]`;
    expect(to(view, '8.8.8.8:443')).toMatchObject({ declared: 'all', because: [rule(1)] });
    expect(to(view, '8.8.0.0/16:443')).toMatchObject({
      declared: 'part',
      external: [{ from: '8.8.8.0', to: '8.8.8.255' }],
    });
    expect(to(view, '8.8.8.8')).toMatchObject({ declared: 'part' });
    expect(to(view, '0.0.0.0/0:443').because).toEqual([rule(0), rule(1)]);
    expect(to(view, '9.9.9.9:443')).toMatchObject({
      declared: 'none',
      external: [],
      because: ['NetworkPolicy default/policy: no rule allows it'],
    });
  });

  test('an address without policies is open because no policy restricts the pod', () => {
    expect(to(viewOf([]), '8.8.8.8:443')).toMatchObject({
      declared: 'all',
      because: ['no policy restricts egress of this pod'],
    });
  });

  test('each policy that denies an address is named, and so is a deny rule', () => {
    const other = { ...egressOf(), name: 'other' };
    expect(to(viewOf([egressOf(block('10.0.0.0/8')), other]), '8.8.8.8:443').because).toEqual([
      'NetworkPolicy default/other: no rule allows it',
      'NetworkPolicy default/policy: no rule allows it',
    ]);
    const under = viewOf([deny, egressOf({})]);
    expect(to(under, '8.8.8.8:443')).toMatchObject({
      declared: 'none',
      because: ['AdminNetworkPolicy quarantine: spec.egress[1] "rest" denies it'],
    });
    expect(to(under, '10.1.2.3:443').declared).toBe('all');
  });

  test('policies that close an address only together are named together', () => {
    const lower = { ...deny, spec: { ...deny.spec, egress: [deny9] } };
    const view = viewOf([lower, egressOf(block('10.0.0.0/9'))]);
    expect(to(view, '10.0.0.0/8:443')).toMatchObject({
      declared: 'none',
      because: ['together: AdminNetworkPolicy quarantine, NetworkPolicy default/policy'],
    });
  });

  test('an address may be one of a name that a host rule admits', () => {
    expect(to(viewOf([byName('api.example.com')]), '8.8.8.8:443')).toMatchObject({
      declared: 'perhaps',
      hosts: [{ host: 'api.example.com' }],
    });
    expect(to(viewOf([byName('api.example.com')]), '8.8.8.8:80').declared).toBe('none');
  });

  test('an address is unknown where a policy is not understood', () => {
    const view = viewOf([egressOf(block('10.0.0.0/8'), { to: [{ ipBlock: { cidr: 'x' } }] })]);
    expect(to(view, '8.8.8.8:443').declared).toBe('unknown');
    expect(to(view, '10.1.2.3:443').declared).toBe('all');
  });

  test('one address and port at a time agrees with the text of the API', () => {
    fc.assert(
      fc.property(policies, pod, someAddress, portNumber, (list, where, address, port) => {
        const view = viewOf(list, where);
        const { declared, because } = to(
          view,
          address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`,
        );
        const allowed = isAllowed(list, where, { address, protocol: 'TCP', port });
        expect(declared).toBe(allowed ? 'all' : 'none');
        const closing = list.filter((policy) => isolates(policy, where)).map(({ name }) => name);
        if (!allowed) expect(because).toHaveLength(new Set(closing).size);
        expect(because.length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });
});

describe('towards a name', () => {
  test('a host rule admits a name on its ports', () => {
    const view = viewOf([byName('*.example.com')]);
    expect(to(view, 'api.example.com:443')).toMatchObject({
      declared: 'all',
      hosts: [{ host: '*.example.com' }],
      because: ['ApplicationNetworkPolicy default/policy: spec.egress[0]'],
    });
    expect(to(view, 'API.example.com.:443').declared).toBe('all');
    expect(to(view, 'api.example.com').declared).toBe('part');
    expect(to(view, 'example.com:443').declared).toBe('none');
    expect(to(view, 'api.example.com:80')).toMatchObject({
      declared: 'none',
      because: ['ApplicationNetworkPolicy default/policy: no rule allows it'],
    });
  });

  test('open addresses may admit a name, and all addresses together definitely do', () => {
    const some = viewOf([egressOf(block('8.8.8.0/24'))]);
    expect(to(some, 'api.example.com:443')).toMatchObject({
      declared: 'perhaps',
      external: [],
      because: ['NetworkPolicy default/policy: spec.egress[0]'],
    });
    expect(to(some, 'api.example.com:80').declared).toBe('none');
    expect(to(viewOf([egressOf(block('0.0.0.0/0'))]), 'api.example.com:443').declared).toBe('perhaps');
    expect(to(viewOf([egressOf(block('0.0.0.0/0'), block('::/0'))]), 'api.example.com:443').declared).toBe(
      'all',
    );
  });
});
