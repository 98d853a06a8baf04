import { describe, expect, test } from '@jest/globals';
import type { PolicyObject } from '../../../lambda/inventory/policy-object.ts';
import { aNetworkPolicy, viewOf } from '../support/build.ts';

const toHosts = (name: string, hosts: readonly string[], ...ports: readonly number[]): PolicyObject => ({
  ...aNetworkPolicy({
    podSelector: {},
    egress: [{ to: [{ domainNames: hosts }], ports: ports.map((port) => ({ protocol: 'TCP', port })) }],
  }),
  apiVersion: 'networking.k8s.aws/v1alpha1',
  kind: 'ApplicationNetworkPolicy',
  name,
});

const explained = (...policies: readonly PolicyObject[]) => viewOf(policies).explainHosts();

const TCP_443 = [{ protocol: 'TCP', from: 443, to: 443 }];

describe('what opens a name', () => {
  test('a name is opened by the rule that has it, in each of several policies', () => {
    const rule = (name: string) => `ApplicationNetworkPolicy default/${name}: spec.egress[0]`;
    expect(explained(toHosts('b', ['*.example.com', 'a.test'], 443), toHosts('a', ['a.test'], 443))).toEqual([
      { host: { host: '*.example.com', ports: TCP_443 }, because: [rule('b')] },
      { host: { host: 'a.test', ports: TCP_443 }, because: [rule('a'), rule('b')] },
    ]);
  });

  test('nothing opens a name on ports that a higher tier denies everywhere', () => {
    const deny: PolicyObject = {
      apiVersion: 'policy.networking.k8s.io/v1alpha1',
      kind: 'AdminNetworkPolicy',
      namespace: '',
      name: 'no-http',
      labels: {},
      spec: {
        priority: 10,
        subject: { namespaces: {} },
        egress: [
          {
            action: 'Deny',
            to: [{ networks: ['0.0.0.0/0', '::/0'] }],
            ports: [{ portNumber: { protocol: 'TCP', port: 80 } }],
          },
        ],
      },
    };
    const [only, ...others] = explained(toHosts('web', ['a.test'], 80, 443), deny);
    expect(only?.host).toEqual({ host: 'a.test', ports: TCP_443 });
    expect(others).toEqual([]);
    expect(explained(toHosts('web', ['a.test'], 80), deny)).toEqual([]);
  });
});
