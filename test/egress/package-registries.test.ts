import { describe, expect, it } from '@jest/globals';
import { PACKAGE_REGISTRIES, PACKAGE_REGISTRY_SUFFIXES } from '../../lambda/egress/package-registries.ts';
import { PUBLISHED_RANGES, publishedRangesReached } from '../../lambda/egress/published-ranges.ts';
import { egressOf, reachOf, viewOf } from './support/build.ts';

const operators = (rule: unknown) =>
  publishedRangesReached(reachOf(viewOf([egressOf(rule)])).external).map(({ operator }) => operator);

describe('package registries', () => {
  it('are domain names in small letters, each in one place and none below another', () => {
    const domains = PACKAGE_REGISTRIES.flatMap((registry) => registry.domains);
    expect(domains.filter((domain) => !/^([a-z0-9-]+\.)+[a-z]+$/.test(domain))).toEqual([]);
    expect(domains.filter((domain) => domains.some((other) => domain.endsWith(`.${other}`)))).toEqual([]);
    expect(PACKAGE_REGISTRY_SUFFIXES).toEqual([...domains].sort());
  });

  it.each([
    'deb.debian.org',
    'archive.ubuntu.com',
    'dl-cdn.alpinelinux.org',
    'cdn.amazonlinux.com',
    'mirrors.fedoraproject.org',
    'pypi.org',
    'files.pythonhosted.org',
    'mirror.npmjs.org',
    'registry.yarnpkg.com',
    'rubygems.org',
    'proxy.golang.org',
    'index.crates.io',
    'repo1.maven.org',
    'repo.maven.apache.org',
    'api.nuget.org',
    'repo.packagist.org',
    'conda.anaconda.org',
    'github.com',
    'raw.githubusercontent.com',
    'gitlab.com',
  ])('%s belongs to one', (host) => {
    expect(PACKAGE_REGISTRY_SUFFIXES.some((suffix) => host === suffix || host.endsWith(`.${suffix}`))).toBe(
      true,
    );
  });

  it.each([
    'api.stripe.com',
    's3.amazonaws.com',
    'example.org',
    'storage.googleapis.com',
    'sts.eu-west-1.amazonaws.com',
  ])('%s belongs to none', (host) => {
    expect(PACKAGE_REGISTRY_SUFFIXES.some((suffix) => host === suffix || host.endsWith(`.${suffix}`))).toBe(
      false,
    );
  });
});

describe('published address ranges', () => {
  it('say where they come from and when', () => {
    for (const { source, asOf, cidrs } of PUBLISHED_RANGES) {
      expect(source).toMatch(/^https:\/\//);
      expect(asOf).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      expect(cidrs.length).toBeGreaterThan(0);
    }
  });

  it('are found by a narrow rule on TCP 80 or 443', () => {
    const fastly = [{ ipBlock: { cidr: '151.101.0.223/32' } }];
    expect(operators({ to: fastly, ports: [{ port: 443 }] })).toEqual(['Fastly']);
    expect(operators({ to: fastly, ports: [{ port: 80 }] })).toEqual(['Fastly']);
    expect(operators({ to: fastly, ports: [{ port: 22 }] })).toEqual([]);
    expect(operators({ to: fastly, ports: [{ port: 443, protocol: 'UDP' }] })).toEqual([]);
    expect(operators({ to: [{ ipBlock: { cidr: '2606:4700::/32' } }] })).toEqual(['Cloudflare']);
    expect(operators({ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] })).toEqual([]);
    expect(operators({})).toEqual(['Fastly', 'Cloudflare', 'GitHub']);
  });
});
