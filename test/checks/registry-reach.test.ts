import { describe, expect, test } from '@jest/globals';
import { egressPackageRegistry } from '../../lambda/checks/egress/egress-package-registry.ts';
import { runtimeLibraryUpdate } from '../../lambda/checks/together/runtime-library-update.ts';
import { parseConfig } from '../../lambda/config/load.ts';
import type { PolicyObject } from '../../lambda/inventory/policy-object.ts';
import { aClass, aContext, allow, aPolicy, aSpec } from '../support/builders.ts';

const named = (host: string, ...ports: readonly Record<string, unknown>[]): PolicyObject => ({
  ...aPolicy({ egress: [{ to: [{ domainNames: [host] }], ports }] }),
  apiVersion: 'networking.k8s.aws/v1alpha1',
  kind: 'ApplicationNetworkPolicy',
});
const tcp = (port: number) => ({ protocol: 'TCP', port });

function judge(
  policy: PolicyObject | null,
  egress = '{}',
  check = egressPackageRegistry,
  subject = aClass(),
) {
  const config = parseConfig(`egress: ${egress}`, 'f', []);
  const policies = policy === null ? [] : [policy];
  return check.evaluate(subject, aContext(subject, { policies, config }))[0];
}

describe('package registries by name', () => {
  test('a package registry by name fails on any TCP port: git over SSH, a mirror on 8081', () => {
    expect(judge(named('github.com', tcp(22)))?.verdict).toBe('fail');
    expect(judge(named('github.com', { protocol: 'UDP', port: 443 }))?.verdict).toBe('pass');
    const nexus = named('nexus.corp.example', tcp(8081));
    expect(judge(nexus)?.verdict).toBe('pass');
    // A list of domains is how earlier versions wrote it.
    for (const own of ['[nexus.corp.example]', '{ hosts: [corp.example] }']) {
      expect(judge(nexus, `{ packageRegistries: ${own} }`)).toMatchObject({
        verdict: 'fail',
        message:
          'Can reach package registries by name: nexus.corp.example (allowed by ApplicationNetworkPolicy shop/policy: spec.egress[0]).',
      });
      expect(judge(nexus, `{ packageRegistries: ${own} }`, runtimeLibraryUpdate)?.verdict).toBe('fail');
    }
  });

  test('the common name of all S3 buckets is not evaluated, and the name of one bucket passes', () => {
    for (const host of ['s3.eu-west-1.amazonaws.com', 's3.amazonaws.com', 'storage.googleapis.com']) {
      expect(judge(named(host, tcp(443)))).toMatchObject({
        verdict: 'not-evaluated',
        reason: 'address-shared',
      });
    }
    expect(judge(named('s3.eu-west-1.amazonaws.com', tcp(443)))).toMatchObject({
      message:
        'Can reach s3.eu-west-1.amazonaws.com, by which Amazon S3 (Amazon Linux) serves every bucket by its path, including package registries; which buckets are used is not known.',
    });
    expect(judge(named('my-bucket.s3.eu-west-1.amazonaws.com', tcp(443)))?.verdict).toBe('pass');
    expect(judge(named('s3.eu-west-1.amazonaws.com', { protocol: 'UDP', port: 443 }))?.verdict).toBe('pass');
  });

  test('a wildcard fails with the registry that it admits', () => {
    expect(judge(named('*.amazonaws.com', tcp(443)))).toMatchObject({
      verdict: 'fail',
      message: expect.stringContaining('by name: *.amazonaws.com admits AWS CodeArtifact and '),
      evidence: { registries: expect.arrayContaining(['Amazon Linux 2023']) },
    });
  });
});

describe('package registries by address', () => {
  test('configured mirrors and proxies fail by address on any TCP port', () => {
    const own = '{ packageRegistries: { cidrs: ["10.0.9.5/32", "10.0.8.0/24"] } }';
    const proxy = aPolicy({ egress: [allow(['10.0.9.0/24'], 3128)] });
    expect(judge(proxy)?.verdict).toBe('pass');
    expect(judge(proxy, own)).toMatchObject({
      verdict: 'fail',
      message:
        'Can reach package registries by address: 10.0.9.5 (allowed by NetworkPolicy shop/policy: spec.egress[0]).',
      evidence: { addresses: ['10.0.9.5'], hosts: [], ports: [] },
    });
    expect(judge(aPolicy({ egress: [allow(['10.0.10.0/24'], 3128)] }), own)?.verdict).toBe('pass');
    const dns = { to: [{ ipBlock: { cidr: '10.0.9.5/32' } }], ports: [{ protocol: 'UDP', port: 53 }] };
    expect(judge(aPolicy({ egress: [dns] }), own)?.verdict).toBe('pass');
  });

  test('ranges of CDNs are not evaluated, unless a share of the internet is open', () => {
    const ranges = aPolicy({ egress: [allow(['151.101.0.0/16', '140.82.112.0/20'], 443)] });
    expect(judge(ranges)).toMatchObject({
      verdict: 'not-evaluated',
      reason: 'address-shared',
      message: expect.stringContaining('Can reach addresses of Fastly (PyPI, RubyGems, crates.io), GitHub ('),
    });
    expect(judge(ranges, '{}', runtimeLibraryUpdate)?.verdict).toBe('not-evaluated');
    const hardened = aClass({ spec: aSpec({ runAsNonRoot: true }) });
    expect(judge(ranges, '{}', runtimeLibraryUpdate, hardened)?.verdict).toBe('pass');
    expect(judge(aPolicy({ egress: [allow(['151.0.0.0/8'], 443)] }))?.verdict).toBe('fail');
    expect(judge(aPolicy({ egress: [allow(['151.101.0.0/16'], 5432)] }))?.verdict).toBe('pass');
  });

  test('approved blocks of CDNs pass', () => {
    const fastly = aPolicy({ egress: [allow(['151.101.0.0/16'], 443)] });
    const approve = (cidr: string) => `{ approved: [{ name: cdn, cidr: ${cidr}, ports: [443] }] }`;
    expect(judge(fastly, approve('151.101.0.0/16'))?.verdict).toBe('pass');
    expect(judge(fastly, approve('151.101.0.0/17'))?.verdict).toBe('not-evaluated');
  });

  test('a configured registry fails even where its block is approved', () => {
    const proxy = aPolicy({ egress: [allow(['10.0.9.5/32'], 3128)] });
    const both =
      '{ approved: [{ name: proxy, cidr: 10.0.9.5/32 }], packageRegistries: { cidrs: ["10.0.9.5/32"] } }';
    expect(judge(proxy, both)?.verdict).toBe('fail');
  });
});
