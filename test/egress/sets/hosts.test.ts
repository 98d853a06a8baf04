import { describe, expect, it } from '@jest/globals';
import { admitsUnder, readDomain, readPattern, type Wildcard } from '../../../lambda/egress/sets/hosts.ts';

const admits = (host: string, domain: string, wildcard: Wildcard = 'labels') =>
  admitsUnder(readPattern({ host, wildcard }), readDomain(domain));

describe('host patterns', () => {
  it('a pattern with dots for any character admits a name that a pattern of a registry admits', () => {
    expect(admits('repo.eu.amazonaws.com', 'repo.*.amazonaws.com', 'dots')).toBe(true);
    expect(admits('repo.eu.example.com', 'repo.*.amazonaws.com', 'dots')).toBe(false);
  });

  it.each([
    ['pypi.org', 'pypi.org'],
    ['files.pypi.org', 'pypi.org'],
    ['*.pypi.org', 'pypi.org'],
    ['*.org', 'pypi.org'],
    ['*', 'pypi.org'],
    ['PyPI.org.', 'pypi.org'],
    ['files.*', 'pypi.org'],
  ])('the host pattern %s admits %s or a name below it', (host, domain) => {
    expect(admits(host, domain)).toBe(true);
  });

  it.each([
    ['mypypi.org', 'pypi.org'],
    ['pypi.org.example.com', 'pypi.org'],
    ['org', 'pypi.org'],
    ['*.example.com', 'pypi.org'],
    ['*.my-pypi.org', 'pypi.org'],
    ['', 'pypi.org'],
  ])('the host pattern %s admits neither %s nor a name below it', (host, domain) => {
    expect(admits(host, domain)).toBe(false);
  });

  it('a wildcard of one label does not reach over a dot', () => {
    expect(admits('*.org', 'pypi.org', 'label')).toBe(true);
    expect(admits('*.org', 'files.pythonhosted.org', 'label')).toBe(false);
    expect(admits('*.org', 'files.pythonhosted.org', 'labels')).toBe(true);
    expect(admits('*', 'pypi.org', 'label')).toBe(false);
  });

  // Wildcards in the middle, of the policy and of the registry: a test of suffixes alone does not see these.
  it.each<[string, string, Wildcard]>([
    ['**.amazonaws.com', 'codeartifact.*.amazonaws.com', 'label'],
    ['*.amazonaws.com', 'codeartifact.*.amazonaws.com', 'labels'],
    ['*.d.codeartifact.eu-west-1.amazonaws.com', 'codeartifact.*.amazonaws.com', 'label'],
    ['codeartifact.eu-*.amazonaws.com', 'codeartifact.*.amazonaws.com', 'label'],
    ['*.s3.*.amazonaws.com', 'al2023-repos-*.s3.*.amazonaws.com', 'label'],
    ['al2023-*.s3.eu-west-1.amazonaws.com', 'al2023-repos-*.s3.*.amazonaws.com', 'label'],
    ['*', 'codeartifact.*.amazonaws.com', 'labels'],
    ['*.com', 'codeartifact.*.amazonaws.com', 'labels'],
  ])('the host pattern %s meets %s', (host, domain, wildcard) => {
    expect(admits(host, domain, wildcard)).toBe(true);
  });

  it.each<[string, string, Wildcard]>([
    ['sts.eu-west-1.amazonaws.com', 'codeartifact.*.amazonaws.com', 'label'],
    ['*.amazonaws.com', 'codeartifact.*.amazonaws.com', 'label'],
    ['*.sqs.*.amazonaws.com', 'codeartifact.*.amazonaws.com', 'label'],
    ['my-bucket-*.s3.*.amazonaws.com', 'al2023-repos-*.s3.*.amazonaws.com', 'label'],
    ['**.s3.eu-west-1.amazonaws.com.cn', 'al2023-repos-*.s3.*.amazonaws.com', 'label'],
    ['codeartifact..amazonaws.com', 'codeartifact.*.amazonaws.com', 'label'],
  ])('the host pattern %s does not meet %s', (host, domain, wildcard) => {
    expect(admits(host, domain, wildcard)).toBe(false);
  });

  it('many wildcards in a host pattern take no time', () => {
    expect(admits('*a'.repeat(2000), `${'a'.repeat(250)}.b`)).toBe(false);
    expect(admits(`${'*a'.repeat(125)}.b`, `${'*b'.repeat(125)}.*a.b`, 'label')).toBe(false);
  });
});
