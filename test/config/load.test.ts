import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { CHECK_IDS } from '../../lambda/checks/catalogue.ts';
import { NO_LIMIT } from '../../lambda/config/fields.ts';
import { checkConfig, defaultConfig, formatProblem, parseConfig } from '../../lambda/config/load.ts';
import { registryLevel } from '../../lambda/config/schema-images.ts';
import { UsageError } from '../../lambda/errors.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const root = new URL('../../', import.meta.url);

const load = (text: string) => parseConfig(text, 'audit.config.yaml', CHECK_IDS);

/** The example of SPEC §6. */
const EXAMPLE = `preset: baseline            # or strict
clusters: { include: ["*"], exclude: ["sandbox-*"] }
accounts: [{ id: "111122223333", roleName: EksDriftAuditorMember, regions: [eu-west-1] }]
limits:
  podMaxAge: 30d
  writableLayerMaxBytes: 10Mi
  overrides: [{ match: { namespaces: ["payments-*"], labels: { tier: front } }, podMaxAge: 24h }]
checks: { image-tag-mutable: off, pod-too-old: high }
egress:
  approved: [{ name: stripe, hosts: ["api.stripe.com"], ports: [443] }, { name: s3, awsService: s3 }]
measure: { writableLayer: off }
exemptions:
  - { check: writable-root-filesystem, namespace: legacy, workload: "Deployment/erp", reason: "vendor image", owner: erp-team@example.com, expires: 2027-03-31 }
digest: { minSeverity: medium, top: 5 }
`;

describe('a configuration', () => {
  it('a configuration is read with its units resolved', () => {
    const config = load(EXAMPLE);
    expect(config).toEqual({
      ...defaultConfig('baseline'),
      clusters: { include: ['*'], exclude: ['sandbox-*'], includeTags: {}, excludeTags: {}, shards: [] },
      accounts: [
        { id: '111122223333', roleName: 'EksDriftAuditorMember', externalId: null, regions: ['eu-west-1'] },
      ],
      overrides: [
        {
          match: { clusters: null, namespaces: ['payments-*'], kinds: null, labels: { tier: 'front' } },
          limits: { podMaxAge: DAY },
        },
      ],
      checks: { 'image-tag-mutable': 'off', 'pod-too-old': 'high' },
      egress: {
        ...defaultConfig().egress,
        approved: [
          {
            name: 'stripe',
            cidrs: [],
            hosts: ['api.stripe.com'],
            awsService: null,
            ports: [443],
            protocols: null,
          },
          { name: 's3', cidrs: [], hosts: [], awsService: 's3', ports: null, protocols: null },
        ],
      },
      exemptions: [
        {
          check: 'writable-root-filesystem',
          cluster: null,
          namespace: 'legacy',
          workload: 'Deployment/erp',
          container: null,
          reason: 'vendor image',
          owner: 'erp-team@example.com',
          expires: '2027-03-31',
        },
      ],
    });
  });

  it.each([
    '',
    '# nothing but a comment\n',
    '{}',
    'limits:\nchecks:\negress:\nexemptions:\naccounts:\n',
    '---\n...\n',
    '\uFEFF',
  ])('a configuration without settings (%j) is the baseline', (text) => {
    expect(load(text)).toEqual(defaultConfig());
  });

  it('a configuration may be JSON', () => {
    expect(load('{"preset": "strict", "limits": {"podMaxAge": "12h"}}').limits.podMaxAge).toBe(12 * HOUR);
  });

  it('a configuration may have Windows line ends', () => {
    expect(load(EXAMPLE.replaceAll('\n', '\r\n'))).toEqual(load(EXAMPLE));
  });

  it('a configuration takes limits of its preset where it sets none', () => {
    const { limits } = load('preset: strict\nlimits: { imageMaxAge: 60d }');
    expect(limits).toEqual({ ...defaultConfig('strict').limits, imageMaxAge: 60 * DAY });
  });

  it('a configuration with limits that nothing reads gives warnings, in overrides too, and is accepted', () => {
    const lines: string[] = [];
    const text =
      'images: { registry: off, registries: [{ host: ghcr.io }] }\nlimits:\n  podMaxAge: 1d\n  imageMaxAge: 60d\n  overrides: [{ match: { kinds: [Job] }, scanMaxAge: 2d }]';
    const { limits } = parseConfig(text, 'audit.yaml', [], (line) => lines.push(line));
    expect(limits.imageMaxAge).toBe(60 * DAY);
    const why = 'has no effect with images.registry: off; leave it out, or set images.registry.';
    expect(lines).toEqual([
      `audit.yaml:1:26: images.registries: ${why}`,
      `audit.yaml:4:3: limits.imageMaxAge: ${why}`,
      `audit.yaml:5:42: limits.overrides[0].scanMaxAge: ${why}`,
    ]);
  });

  it('a limit of scans that are not asked for has no effect', () => {
    const lines: string[] = [];
    const text = 'images: { scans: off }\nlimits: { imageMaxAge: 60d, scanMaxAge: 2d }';
    parseConfig(text, 'audit.yaml', [], (line) => lines.push(line));
    expect(lines).toEqual([
      'audit.yaml:2:29: limits.scanMaxAge: has no effect with images.scans: off; leave it out, or set images.scans.',
    ]);
  });

  it('how much of registries is read is what the file says, else what is usual where it runs', () => {
    const level = (text: string, otherwise: 'metadata' | 'off') =>
      registryLevel(load(text).images, otherwise);
    expect([level('', 'metadata'), level('', 'off')]).toEqual(['metadata', null]);
    expect(level('images: { registry: off }', 'metadata')).toBeNull();
    expect(level('images: { registry: sbom-collect }', 'off')).toBe('sbom-collect');
  });

  it.each([
    ['images: { registry: all }', /must be off, metadata, sbom-presence or sbom-collect/],
    ['images: { registries: [{ host: "https://ghcr.io" }] }', /is not the host of a registry/],
    ['images: { registries: [{ host: ghcr.io }, { host: ghcr.io }] }', /is listed twice/],
    ['images: { registries: [{ host: ghcr.io, secretArn: ghcr }] }', /is not the ARN of a secret/],
    [
      'images: { registries: [{ host: index.docker.io }] }',
      /host: is Docker Hub by another name; write docker.io/,
    ],
    [
      'images: { registries: [{ host: 111122223333.dkr.ecr.eu-west-1.amazonaws.com }] }',
      /host: is a registry of ECR, which is asked without being listed/,
    ],
  ])('what registries cannot be asked by is refused: %s', (text, message) => {
    expect(() => load(text)).toThrow(message);
  });

  it('checks are disabled by off, by false and by the off of YAML 1.1', () => {
    const off = { 'pod-too-old': 'off' };
    expect(load('checks: { pod-too-old: off }').checks).toEqual(off);
    expect(load('checks: { pod-too-old: false }').checks).toEqual(off);
    expect(load('%YAML 1.1\n---\nchecks: { pod-too-old: off }').checks).toEqual(off);
    expect(load('measure: { writableLayer: false }').measure.writableLayer).toBe('off');
    expect(load('egress: { routing: off }').egress.routing).toBe('off');
    expect(load('').egress.routing).toBe('read');
  });

  it('a date is the same with and without quotes, and under YAML 1.1, where dates are timestamps', () => {
    const entry = (expires: string) =>
      `exemptions: [{ check: pod-too-old, reason: r, owner: o, expires: ${expires} }]`;
    for (const text of [
      entry('2028-02-29'),
      entry('"2028-02-29"'),
      `%YAML 1.1\n---\n${entry('2028-02-29')}`,
    ]) {
      expect(load(text).exemptions[0]?.expires).toBe('2028-02-29');
    }
  });

  it('approved blocks may be one or several, and ports are read in order and once', () => {
    const { approved, insecurePorts } = load(
      'egress: { insecurePorts: [80, 22, 80], approved: [{ name: a, cidr: 203.0.113.0/24, ports: [443, 80] }, { name: b, cidrs: ["2001:db8::/32"] }] }',
    ).egress;
    expect(insecurePorts).toEqual([22, 80]);
    expect(approved.map(({ cidrs, ports }) => [cidrs, ports])).toEqual([
      [['203.0.113.0/24'], [80, 443]],
      [['2001:db8::/32'], null],
    ]);
  });
});

describe('the presets', () => {
  it('the baseline preset lets pods be 30 days old and images 90 days', () => {
    expect(defaultConfig().limits).toEqual({
      podMaxAge: 30 * DAY,
      containerMaxAge: 30 * DAY,
      imageMaxAge: 90 * DAY,
      writableLayerMaxBytes: 10 * 1024 ** 2,
      writableLayerMaxInodes: NO_LIMIT,
      scanMaxAge: 30 * DAY,
    });
  });

  it('the strict preset has limits of 24 hours (BSI APP.4.4.A21), and is nowhere wider than baseline', () => {
    const strict = defaultConfig('strict');
    expect([strict.limits.podMaxAge, strict.limits.containerMaxAge]).toEqual([DAY, DAY]);
    const baseline = Object.entries(defaultConfig().limits);
    for (const [i, value] of Object.values(strict.limits).entries())
      if (value !== NO_LIMIT) expect(value).toBeLessThan(baseline[i]?.[1] ?? 0);
    expect(strict.checks).toEqual({});
  });
});

describe('the configuration in this repository', () => {
  const text = readFileSync(new URL('audit.config.yaml', root), 'utf8');

  it('the configuration in this repository gives the defaults', () => {
    expect(load(text)).toEqual(defaultConfig());
  });

  it('the configuration in this repository stays valid when every example in it is used', () => {
    const used = load(text.replaceAll(/^#:/gm, ''));
    expect(used.limits).toEqual(defaultConfig().limits);
    expect(used).toMatchObject({
      accounts: [{}],
      overrides: [{}],
      exemptions: [{}],
      egress: { approved: [{}, {}, {}] },
    });
  });
});

describe('an error', () => {
  it('an error lists every problem in the order of the file, each with its place', () => {
    expect(() => load('preset: hard\n\nlimits:\n  podMaxAge: 30\n  podMaxage: 30d\n')).toThrow(
      new UsageError(
        [
          'The configuration audit.config.yaml has 3 errors:',
          'audit.config.yaml:1:9: preset: must be one of baseline, strict, not "hard".',
          'audit.config.yaml:4:14: limits.podMaxAge: the number 30 has no unit; write a duration such as 30d, 24h or 1d12h.',
          'audit.config.yaml:5:3: limits.podMaxage: is not a known key; did you mean "podMaxAge"?',
        ].join('\n'),
      ),
    );
  });

  it('an error comes after those of the lines above it, whatever the order of the schema', () => {
    const lines = checkConfig(
      'digest: { top: 0, x: 1 }\nlimits: { podMaxAge: 1 }\npreset: hard',
      CHECK_IDS,
    ).problems;
    expect(lines.map(({ line, column }) => `${line}:${column}`)).toEqual(['1:16', '1:19', '2:22', '3:9']);
  });

  it('an error shows no control character and no reversed text of the file', () => {
    const { problems } = checkConfig(`preset: "\\x1b[31m\\u202e${'x'.repeat(200)}"`, CHECK_IDS);
    const message = problems[0]?.message ?? '';
    expect(message).toContain('\\u001b[31m\\u202ex');
    expect(message).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
    expect(message.length).toBeLessThan(150);
  });

  it.each(['deployment', '__proto__', 'constructor'])(
    'an error is reported for the unknown key %s',
    (key) => {
      expect(problemsIn(`${key}: { schedule: daily }`)).toHaveLength(1);
    },
  );

  it('an error is reported for input that would exhaust the parser', () => {
    const bomb =
      'a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]';
    expect(problemsIn(bomb)).toEqual(['1:1: Aliases (*name) expand to too much data; write the values out.']);
    expect(problemsIn('['.repeat(50_000)).join()).toContain('nested too deeply');
    expect(problemsIn(`a: ${'x'.repeat(1024 * 1024)}`)).toEqual(['1:1: The file is larger than 1 MiB.']);
  });
});

const problemsIn = (text: string): readonly string[] =>
  checkConfig(text, CHECK_IDS).problems.map((problem) => formatProblem(problem, '').slice(1));
