import { describe, expect, it } from '@jest/globals';
import { admitsUnder, type Wildcard } from '../../lambda/egress/hosts.ts';
import { ALL_PORTS } from '../../lambda/egress/port-set.ts';

const admits = (host: string, domain: string, wildcard: Wildcard = 'labels') =>
  admitsUnder({ host, ports: ALL_PORTS, wildcard }, domain);

describe('host patterns', () => {
  it.each([
    ['pypi.org', 'pypi.org'],
    ['files.pypi.org', 'pypi.org'],
    ['*.pypi.org', 'pypi.org'],
    ['*.org', 'pypi.org'],
    ['*', 'pypi.org'],
    ['PyPI.org.', 'pypi.org'],
    ['files.*', 'pypi.org'],
  ])('%s admits %s or a name below it', (host, domain) => {
    expect(admits(host, domain)).toBe(true);
  });

  it.each([
    ['mypypi.org', 'pypi.org'],
    ['pypi.org.example.com', 'pypi.org'],
    ['org', 'pypi.org'],
    ['*.example.com', 'pypi.org'],
    ['*.my-pypi.org', 'pypi.org'],
    ['', 'pypi.org'],
  ])('%s admits neither %s nor a name below it', (host, domain) => {
    expect(admits(host, domain)).toBe(false);
  });

  it('a wildcard of one label does not reach over a dot', () => {
    expect(admits('*.org', 'pypi.org', 'label')).toBe(true);
    expect(admits('*.org', 'files.pythonhosted.org', 'label')).toBe(false);
    expect(admits('*.org', 'files.pythonhosted.org', 'labels')).toBe(true);
    expect(admits('*', 'pypi.org', 'label')).toBe(false);
  });

  it('many wildcards take no time', () => {
    expect(admits('*a'.repeat(2000), `${'a'.repeat(250)}.b`)).toBe(false);
  });
});
