import { describe, expect, test } from '@jest/globals';
import { reachBeyond } from '../../../lambda/egress/answers/difference.ts';
import type { HostRule, Reach } from '../../../lambda/egress/sets/reach.ts';
import { applyPolicies } from '../../../lambda/egress/suggest/apply.ts';
import type { PolicyObject } from '../../../lambda/inventory/policy-object.ts';
import { aNetworkPolicy, egressOf, reachOf, viewOf } from '../support/build.ts';

const about = (facts: Partial<PolicyObject>): PolicyObject => ({ ...aNetworkPolicy({}), ...facts });

describe('applying policies', () => {
  test('applying policies adds what is new, and replaces what has the kind, namespace and name', () => {
    const there = about({ spec: 1 });
    const elsewhere = about({ namespace: 'other' });
    const other = about({ name: 'other' });
    const again = about({ spec: 2 });
    const { policies, replacing } = applyPolicies([there, elsewhere, other], [again]);
    expect(policies).toEqual([elsewhere, other, again]);
    expect([...replacing]).toEqual([again]);
    const added = about({ name: 'third' });
    expect(applyPolicies([there], [added])).toEqual({ policies: [there, added], replacing: new Set() });
  });

  test('an object in another version of its group is the same, one of another group is not', () => {
    const count = (existing: Partial<PolicyObject>, applied: Partial<PolicyObject>): number =>
      applyPolicies([about(existing)], [about(applied)]).policies.length;
    const admin = { kind: 'ClusterNetworkPolicy', namespace: '' };
    const group = 'policy.networking.k8s.io';
    expect(
      count({ ...admin, apiVersion: `${group}/v1alpha2` }, { ...admin, apiVersion: `${group}/v1beta1` }),
    ).toBe(1);
    expect(
      count(
        { ...admin, apiVersion: `${group}/v1alpha2` },
        { ...admin, apiVersion: 'networking.k8s.aws/v1alpha1' },
      ),
    ).toBe(2);
    expect(count({}, { apiVersion: 'projectcalico.org/v3' })).toBe(2);
  });

  test('Calico keeps one object under two groups, and in its default tier under two names', () => {
    const stored = about({ apiVersion: 'crd.projectcalico.org/v1', name: 'web' });
    const given = about({ apiVersion: 'projectcalico.org/v3', name: 'default.web' });
    expect(applyPolicies([stored], [given]).policies).toEqual([given]);
  });

  test('the last of two that are applied counts', () => {
    const [first, last] = [about({ spec: 1 }), about({ spec: 2 })];
    expect(applyPolicies([], [first, last]).policies).toEqual([last]);
  });
});

describe('what one reach has beyond another', () => {
  const https = [{ protocol: 'TCP', from: 443, to: 443 }] as const;
  const of = (...hosts: readonly HostRule[]): Reach => ({ external: [], hosts });
  const api: HostRule = { host: 'api.example.com', ports: https };
  const everything = reachOf(viewOf([]));
  const block = (cidr: string) => reachOf(viewOf([egressOf({ to: [{ ipBlock: { cidr } }] })]));

  test('the difference of two reaches is ranges on their ports', () => {
    expect(reachBeyond(block('10.0.0.0/8'), block('10.0.0.0/9'))).toEqual({
      external: [{ from: '10.128.0.0', to: '10.255.255.255', ports: 'all' }],
      hosts: [],
    });
    expect(reachBeyond(everything, everything)).toEqual({ external: [], hosts: [] });
  });

  test('the difference of two reaches is names on their ports, except where every address is open', () => {
    expect(reachBeyond(of(api), of())).toEqual(of(api));
    expect(reachBeyond(of(api), of(api))).toEqual(of());
    expect(reachBeyond(of({ ...api, ports: 'all' }), of(api))).not.toEqual(of());
    expect(reachBeyond(of(api), everything)).toEqual(of());
    expect(reachBeyond(of(api), block('0.0.0.0/0'))).toEqual(of(api));
    expect(reachBeyond(of(api), { external: [] })).toEqual(of(api));
  });

  test('the difference of two reaches is unknown where one of them is', () => {
    const unknown = { unknown: 'why' };
    expect(reachBeyond(unknown, everything)).toEqual(unknown);
    expect(reachBeyond(everything, unknown)).toEqual(unknown);
  });
});
