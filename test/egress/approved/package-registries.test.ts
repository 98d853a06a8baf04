import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import {
  PACKAGE_REGISTRIES,
  registriesAdmitted,
} from '../../../lambda/egress/approved/package-registries.ts';
import {
  PUBLISHED_RANGES,
  publishedRangesReached,
} from '../../../lambda/egress/approved/published-ranges.ts';
import { egressOf, viewOf } from '../support/build.ts';

const operators = (rule: unknown) =>
  publishedRangesReached(viewOf([egressOf(rule)]).reach).map(({ operator }) => operator);

const admitted = (host: string) => registriesAdmitted({ host, wildcard: 'label' });

describe('package registries', () => {
  const folder = new URL('../../../lambda/egress/approved/registries/', import.meta.url);
  /** Each entry of the tables as it is written, with the comments before it. */
  const entries = readdirSync(folder).flatMap((file) => {
    const lines = readFileSync(new URL(file, folder), 'utf8').split('\n');
    return lines.flatMap((line, index) => {
      if (!/^ {2}\{/.test(line)) return [];
      const before = lines.slice(0, index);
      const comments = before.slice(before.findLastIndex((other) => !/^ {2}\/\/ /.test(other)) + 1);
      return [{ file, name: `${line}${lines[index + 1]}`, comments }];
    });
  });
  const unconfirmed = entries.flatMap(({ comments }) =>
    comments.flatMap((comment) => /^ {2}\/\/ unconfirmed: (.+)$/.exec(comment)?.[1]?.split(' ') ?? []),
  );
  const domains = PACKAGE_REGISTRIES.flatMap((registry) => registry.domains);

  it('package registries are patterns of names in small letters, each in one place and none below another', () => {
    expect(domains.filter((domain) => !/^([a-z0-9*-]+\.)+[a-z]+$/.test(domain))).toEqual([]);
    expect(domains.filter((domain) => domains.some((other) => domain.endsWith(`.${other}`)))).toEqual([]);
    expect(domains.filter((domain, index) => domains.indexOf(domain) !== index)).toEqual([]);
    // A wildcard at the end of a name would be that of a whole top-level domain or service.
    expect(domains.filter((domain) => /\*[^.]*(\.[^.]+)?$/.test(domain))).toEqual([]);
  });

  it('package registries name their documentation, and have names of their own', () => {
    const names = PACKAGE_REGISTRIES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, file, comments } of entries) {
      const [source] = comments;
      expect({ name, file, source }).toEqual({
        name,
        file,
        source: expect.stringMatching(/^ {2}\/\/ https:\/\/\S+$/),
      });
      const others = comments.filter(
        (comment) => !/^ {2}\/\/ (https:\/\/\S+|unconfirmed: .+)$/.test(comment),
      );
      expect({ name, others: file === 'shared-hosts.ts' ? [] : others }).toEqual({ name, others: [] });
    }
    expect(entries.length).toBeGreaterThan(100);
  });

  it('package registries without documentation are listed by name', () => {
    expect(unconfirmed.filter((domain) => !domains.includes(domain))).toEqual([]);
    // Each that is confirmed lowers this; a new one without a page is not taken.
    expect(unconfirmed.length).toBeLessThanOrEqual(49);
  });

  it.each([
    'deb.debian.org',
    'security.debian.org',
    'files.pythonhosted.org',
    'ports.ubuntu.com',
    'index.rubygems.org',
    'static.crates.io',
    'plugins-artifacts.gradle.org',
    'downloads.gradle-dn.com',
    'api.foojay.io',
    'sum.golang.google.cn',
    'p3m.dev',
    'cpan.perl.org',
    'conda.binstar.org',
    'conda.modular.com',
    'registry.bower.io',
    'binaries.prisma.sh',
    'huggingface.co',
    'cas-server.xethub.hf.co',
    'github-cloud.s3.amazonaws.com',
    'yum.voxpupuli.org',
    'rpms.remirepo.net',
    'archive.ubuntu.com',
    'eu-west-1.ec2.archive.ubuntu.com',
    'dl-cdn.alpinelinux.org',
    'mirrors.fedoraproject.org',
    'rhui.eu-west-1.aws.ce.redhat.com',
    'pypi.org',
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
    'europe-west1-python.pkg.dev',
    'pkgs.dev.azure.com',
    'apt.corretto.aws',
    'packages.adoptium.net',
    'artifacts.elastic.co',
    'apt.grafana.com',
    'repo.mysql.com',
    'packages.confluent.io',
    'nginx.org',
    'download.pytorch.org',
    'astral.sh',
    'bun.sh',
    'dl.k8s.io',
    'get.helm.sh',
    'apt.releases.hashicorp.com',
    'maven-central-eu.storage-download.googleapis.com',
    // Amazon, with the region in the middle.
    'shop-111122223333.d.codeartifact.eu-west-1.amazonaws.com',
    'codeartifact.eu-west-1.amazonaws.com',
    'shop-111122223333.d.codeartifact.eu-west-1.on.aws',
    'vpce-0743fe535b883ffff-76ddffff.d.codeartifact.us-west-2.vpce.amazonaws.com',
    'git-codecommit.eu-west-1.amazonaws.com',
    'cdn.amazonlinux.com',
    'al2023-repos-eu-west-1-de612dc2.s3.eu-west-1.amazonaws.com',
    'al2023-repos-eu-west-1-de612dc2.s3.dualstack.eu-west-1.amazonaws.com',
    'al2023-repos-eu-west-1-de612dc2.s3.amazonaws.com',
    'al2023-repos-cn-north-1-de612dc2.s3.cn-north-1.amazonaws.com.cn',
    'amazonlinux-2-repos-eu-west-1.s3.eu-west-1.amazonaws.com',
    'amazonlinux-2-repos-us-west-2.s3-us-west-2.amazonaws.com',
    'amazonlinux-2-repos-cn-north-1.s3.cn-north-1.amazonaws.com.cn',
    'amazonlinux.eu-west-1.amazonaws.com',
    'packages.us-east-1.amazonaws.com',
  ])('%s belongs to a registry', (host) => {
    expect(admitted(host)).toHaveLength(1);
  });

  it.each([
    'api.stripe.com',
    's3.amazonaws.com',
    'example.org',
    'storage.googleapis.com',
    'sts.eu-west-1.amazonaws.com',
    'my-bucket.s3.eu-west-1.amazonaws.com',
    '111122223333.dkr.ecr.eu-west-1.amazonaws.com',
    'sqs.eu-west-1.amazonaws.com',
    'registry-1.docker.io',
    'notgithub.com',
  ])('%s belongs to no registry', (host) => {
    expect(admitted(host)).toEqual([]);
  });

  it.each([
    ['**.amazonaws.com', 'AWS CodeArtifact'],
    ['*.s3.*.amazonaws.com', 'Amazon Linux 2023'],
    ['*.s3.eu-west-1.amazonaws.com', 'Amazon Linux 2 and 1'],
    ['*.eu-west-1.amazonaws.com', 'AWS CodeArtifact'],
    ['*.d.codeartifact.*.amazonaws.com', 'AWS CodeArtifact'],
    ['*hub.com', 'GitHub'],
    ['*.*', 'PyPI (pip)'],
  ])('the pattern %s admits one of %s', (host, name) => {
    expect(admitted(host)).toContain(name);
  });

  it.each([
    '*.sqs.*.amazonaws.com',
    'my-*.s3.*.amazonaws.com',
    '*.rds.amazonaws.com',
    '**.vpce-svc.example.com',
  ])('the pattern %s admits no registry', (host) => {
    expect(admitted(host)).toEqual([]);
  });
});

describe('published address ranges', () => {
  it('published address ranges name their source and date', () => {
    for (const { source, asOf, cidrs } of PUBLISHED_RANGES) {
      expect(source).toMatch(/^https:\/\//);
      expect(asOf).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      expect(cidrs.length).toBeGreaterThan(0);
    }
  });

  it('published address ranges are found by a narrow rule on TCP 80 or 443', () => {
    const fastly = [{ ipBlock: { cidr: '151.101.0.223/32' } }];
    expect(operators({ to: fastly, ports: [{ port: 443 }] })).toEqual(['Fastly']);
    expect(operators({ to: fastly, ports: [{ port: 80 }] })).toEqual(['Fastly']);
    expect(operators({ to: fastly, ports: [{ port: 22 }] })).toEqual([]);
    const github = [{ ipBlock: { cidr: '140.82.112.0/20' } }];
    expect(operators({ to: github, ports: [{ port: 22 }] })).toEqual(['GitHub']);
    // Stand for the prefix list of S3 in eu-west-1.
    const s3 = [{ ipBlock: { cidr: '52.218.0.0/17' } }, { ipBlock: { cidr: '3.5.64.0/21' } }];
    expect(operators({ to: s3, ports: [{ port: 443 }] })).toEqual(['Amazon S3']);
    expect(operators({ to: fastly, ports: [{ port: 443, protocol: 'UDP' }] })).toEqual([]);
    expect(operators({ to: [{ ipBlock: { cidr: '2606:4700::/32' } }] })).toEqual(['Cloudflare']);
    expect(operators({ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] })).toEqual([]);
    // proxy.golang.org and packages.microsoft.com.
    expect(operators({ to: [{ ipBlock: { cidr: '142.250.72.17/32' } }] })).toEqual(['Google']);
    expect(operators({ to: [{ ipBlock: { cidr: '2a00:1450:4001::/48' } }] })).toEqual(['Google']);
    expect(operators({ to: [{ ipBlock: { cidr: '13.107.246.45/32' } }] })).toEqual(['Azure Front Door']);
    // A machine of a customer of Google Cloud.
    expect(operators({ to: [{ ipBlock: { cidr: '34.76.1.2/32' } }] })).toEqual([]);
    expect(operators({})).toEqual([
      'Fastly',
      'Cloudflare',
      'GitHub',
      'Amazon S3',
      'Amazon CloudFront',
      'Google',
      'Azure Front Door',
    ]);
  });
});
