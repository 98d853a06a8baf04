import { describe, expect, test } from '@jest/globals';
import { defaultConfig } from '../../../lambda/config/load.ts';
import { createEgress } from '../../../lambda/egress/engine.ts';
import type { PolicyObject } from '../../../lambda/inventory/policy-object.ts';
import { SERVICE_ACCOUNT, SERVICE_ACCOUNT_OBJECT } from '../../../lambda/inventory/service-account.ts';
import { aCalicoPolicy, aGlobalPolicy, allow } from '../kinds/build-calico.ts';
import { aCiliumPolicy } from '../kinds/build-cilium.ts';

function undecided(policy: PolicyObject): { readonly message: string; readonly remedy: string } {
  const engine = createEgress({
    policies: [policy],
    namespaces: new Map(),
    config: defaultConfig().egress,
  });
  const labels = { app: 'web', [SERVICE_ACCOUNT]: 'web', [SERVICE_ACCOUNT_OBJECT]: 'default/web' };
  const view = engine.view({ namespace: 'default', labels, hostNetwork: false });
  if (view.undecided === null) throw new Error('This was expected to be open.');
  return view.undecided;
}

const egress = (rule: object) => aCiliumPolicy({ egress: [rule] });
const web = [{ ports: [{ port: 'https', protocol: 'TCP' }] }];
const services = { services: { name: 'db', namespace: 'default' } };

describe('what was not read asks for reading, not for correcting', () => {
  test.each<[string, PolicyObject, RegExp]>([
    [
      'labels of namespaces',
      aGlobalPolicy({ namespaceSelector: 'team == "a"' }),
      /^Grant list on namespaces, or include/,
    ],
    [
      'labels of the own namespace',
      aCiliumPolicy({
        endpointSelector: { matchLabels: { 'k8s:io.cilium.k8s.namespace.labels.team': 'a' } },
        egress: [{}],
      }),
      /^Grant list on namespaces, or include/,
    ],
    [
      'labels of service accounts',
      aCalicoPolicy({ serviceAccountSelector: 'role == "web"' }),
      /^Grant list on serviceaccounts, or include/,
    ],
    [
      'service accounts that are selected by name',
      aCalicoPolicy({ serviceAccountSelector: 'projectcalico.org/name == "web"' }),
      /^Grant list on serviceaccounts, or include/,
    ],
    [
      'labels of service accounts in rules',
      aGlobalPolicy({ egress: [allow({}, { source: { serviceAccounts: { selector: 'role == "web"' } } })] }),
      /^Grant list on serviceaccounts, or include/,
    ],
    [
      'a tier',
      aCalicoPolicy({ tier: 'security' }),
      /^Correct the name if there is no such object; else include/,
    ],
    [
      'a group of blocks',
      egress({ toCIDRSet: [{ cidrGroupRef: 'partners' }] }),
      /^Correct the name if there is no such object; else include/,
    ],
    [
      'endpoints of a service',
      aCalicoPolicy({ egress: [allow(services)] }),
      /list the addresses .* as CIDR blocks/,
    ],
    [
      'services',
      egress({ toServices: [{ k8sService: { serviceName: 'db' } }] }),
      /list the addresses .* as CIDR blocks/,
    ],
    ['security groups', egress({ toGroups: [{ aws: {} }] }), /list the addresses .* as CIDR blocks/],
    [
      'the number of a port',
      egress({ toCIDR: ['192.0.2.0/24'], toPorts: web }),
      /^Write the port as a number/,
    ],
    [
      'a kind',
      { ...aCalicoPolicy({}), apiVersion: 'policy.networking.k8s.io/v9', kind: 'ClusterNetworkPolicy' },
      /newer version/,
    ],
  ])('the remedy for what was not read does not ask to correct the policy: %s', (_, policy, remedy) => {
    const found = undecided(policy);
    expect(found.remedy).toMatch(remedy);
    expect(found.remedy).not.toMatch(/Correct the policy/);
  });
});

test('the remedy for a wrong policy is to correct it', () => {
  expect(undecided(egress({ toCIDR: ['everywhere'] })).remedy).toMatch(/^Correct the policy/);
});
