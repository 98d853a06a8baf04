import { describe, expect, it } from '@jest/globals';
import { EVERYWHERE, egressOf } from '../support/build.ts';
import { anApplicationPolicy, hostsOf, rangesOf, viewOf, whyUnknown } from './build-admin.ts';

const block = (cidr: string) => ({ ipBlock: { cidr } });
const names = (...domainNames: unknown[]) => ({ domainNames });
const TEN_ONLY = ['10.0.0.0-10.255.255.255 all'];

describe("Amazon's ApplicationNetworkPolicy", () => {
  it('an ApplicationNetworkPolicy isolates the pods that it selects and allows what its rules match', () => {
    expect(rangesOf([anApplicationPolicy({ egress: [{ to: [block('10.0.0.0/8')] }] })])).toEqual(TEN_ONLY);
    expect(rangesOf([anApplicationPolicy({ egress: [] })])).toEqual([]);
    expect(rangesOf([anApplicationPolicy({ egress: [{}] })])).toEqual(EVERYWHERE);
    const elsewhere = { pod: { namespace: 'other' } };
    expect(rangesOf([anApplicationPolicy({ egress: [] })], elsewhere)).toEqual(EVERYWHERE);
  });

  it('an ApplicationNetworkPolicy restricts egress only with a type or rules for it', () => {
    expect(rangesOf([anApplicationPolicy({ policyTypes: ['Ingress'] })])).toEqual(EVERYWHERE);
    expect(rangesOf([anApplicationPolicy({ policyTypes: null, ingress: [{}] })])).toEqual(EVERYWHERE);
    const byRule = { policyTypes: null, egress: [{ to: [block('10.0.0.0/8')] }] };
    expect(rangesOf([anApplicationPolicy(byRule)])).toEqual(TEN_ONLY);
  });

  it('an ApplicationNetworkPolicy adds to the NetworkPolicies of the pod', () => {
    const more = anApplicationPolicy({ egress: [{ to: [block('10.0.0.0/9')] }] });
    expect(rangesOf([more, egressOf({ to: [block('10.128.0.0/9')] })])).toEqual(TEN_ONLY);
  });

  it('an ApplicationNetworkPolicy allows domain names on the ports of their rule', () => {
    const egress = [
      { to: [names('api.example.com', '*.example.org')], ports: [{ port: 443 }] },
      { to: [block('10.0.0.10/32'), names('any.example.net')] },
    ];
    const policy = anApplicationPolicy({ egress });
    expect(hostsOf([policy])).toEqual([
      { host: '*.example.org', ports: [{ protocol: 'TCP', from: 443, to: 443 }] },
      { host: 'any.example.net', ports: 'all' },
      { host: 'api.example.com', ports: [{ protocol: 'TCP', from: 443, to: 443 }] },
    ]);
    expect(rangesOf([policy])).toEqual(['10.0.0.10-10.0.0.10 all']);
    expect(viewOf([policy]).answer.notes).toEqual([
      expect.stringMatching(/only nodes of EKS Auto Mode enforce/),
    ]);
    expect(viewOf([policy]).explain()).toHaveLength(1);
  });

  it.each([
    [{ to: [names('*')] }, /domainNames\[0\] is "\*"/],
    [{ to: [names()] }, /not a list of domain names/],
    [{ to: [{ ...names('a.example'), ...block('10.0.0.0/8') }] }, /has ipBlock beside domainNames/],
    [
      { to: [names('a.example'), { serviceSelector: {} }] },
      /to\[1\] has the unknown field "serviceSelector"/,
    ],
    [{ to: names('a.example') }, /not a list of peers/],
    [{ to: [names('a.example')], ports: [{ port: 'x y' }] }, /not a range of ports/],
    [{ to: [names('a.example')], paths: ['/'] }, /unknown field "paths"/],
  ])('an ApplicationNetworkPolicy with %j is unknown', (rule, message) => {
    expect(whyUnknown([anApplicationPolicy({ egress: [rule] })])).toMatch(message);
  });

  it('an ApplicationNetworkPolicy has no domain names with named ports, which are ports of pods', () => {
    expect(
      hostsOf([anApplicationPolicy({ egress: [{ to: [names('a.example')], ports: [{ port: 'web' }] }] })]),
    ).toEqual([]);
  });
});
