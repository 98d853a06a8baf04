import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Finding } from '../../lambda/findings/finding.ts';
import type { NotEvaluated } from '../../lambda/findings/not-evaluated.ts';
import { spdx2 } from '../sbom/documents.ts';
import type { AwsServices } from './environment/aws-services.ts';
import { type Environment, start } from './environment/environment.ts';
import { openProcesses, type Processes } from './environment/processes.ts';
import { startRegistry } from './environment/registry.ts';
import { ensureRegistryBinaries } from './environment/registry-binaries.ts';
import { IMAGES_NAMESPACE, type RunningImage, seedImagePods } from './seed/image-pods.ts';
import { pushMovedImages } from './seed/registry-images.ts';
import { pushSbomImages, type SbomImage, SHARED } from './seed/sbom-images.ts';
import { grant, SHIPPED_RIGHTS } from './support/access.ts';
import { type AuditDocument, documentOf } from './support/audit-document.ts';
import { openPusher } from './support/oras.ts';
import {
  openLoginGate,
  openRegistryGate,
  type RegistryGate,
  type RegistryMishap,
} from './support/registry-gate.ts';
import { type CliResult, runCli } from './support/run-cli.ts';
import { npmSbom, pythonSbom } from './support/sbom-tools.ts';

// An audit is a process, and one of the registries is silent for as long as it is waited for.
const NOW = new Date(Math.floor(Date.now() / 1000) * 1000);
const MISHAPS: readonly RegistryMishap[] = [
  'unauthorized',
  'forbidden',
  'throttled',
  'failing',
  'hanging',
  'cut',
];
const IMAGE_CHECKS = new Set([
  'image-digest-drifted',
  'image-scan-stale',
  'image-tag-mutable',
  'image-too-old',
  'image-without-sbom',
]);

const folder = mkdtempSync(join(tmpdir(), 'eks-drift-auditor-registries-'));
const reports = join(folder, 'reports');
const gates: RegistryGate[] = [];
let environment: Environment;
let processes: Processes;
let sboms: ReadonlyMap<string, SbomImage>;
let ran: CliResult;
let document: AuditDocument;

beforeAll(async () => {
  const starting = start({ now: NOW });
  processes = await openProcesses();
  const binaries = await ensureRegistryBinaries();
  const fill = async (kind: 'referrers' | 'tags') => {
    const { host } = await startRegistry(processes, binaries, kind);
    return {
      host,
      push: await openPusher(binaries, { folder: join(processes.folder, `push-${kind}`), host }),
    };
  };
  const [modern, old] = await Promise.all([fill('referrers'), fill('tags')]);
  sboms = await pushSbomImages(modern);
  const images = new Map<string, RunningImage>([...(await pushMovedImages(modern)), ...sboms]);
  const image = async (name: string, attached?: { document: unknown; mediaType: string }, at = old) => {
    const digest = await at.push.image(`shop/${name}:1`);
    if (attached !== undefined) await at.push.attach(`shop/${name}@${digest}`, attached);
    images.set(name, { image: `${at.host}/shop/${name}:1`, imageId: `${at.host}/shop/${name}@${digest}` });
    return digest;
  };
  const spdx = 'application/spdx+json';
  const cyclonedx = 'application/vnd.cyclonedx+json';
  await image('npm-spdx', { document: await npmSbom('spdx'), mediaType: spdx });
  await image('npm-cyclonedx', { document: await npmSbom('cyclonedx'), mediaType: cyclonedx });
  await image('python', { document: await pythonSbom(), mediaType: cyclonedx });
  await image('tag-value', { document: 'SPDXVersion: SPDX-2.3\n', mediaType: 'text/spdx' });
  await image('half', { document: '{"spdxVersion": "SPDX-2.3", "packages": [', mediaType: spdx });
  const behind = await image('behind-gates', { document: spdx2([{ name: 'hidden' }]), mediaType: spdx });
  for (const mishap of MISHAPS) {
    const gate = await openRegistryGate(old.host, mishap);
    gates.push(gate);
    const repository = `${gate.host}/shop/behind-gates`;
    // One question alone to the registry that each of them waits for: named by digest, it has no tag.
    const reference = mishap === 'hanging' ? `@${behind}` : ':1';
    images.set(mishap, { image: `${repository}${reference}`, imageId: `${repository}@${behind}` });
  }
  const guarded = await openLoginGate(old.host, 'auditor:pa:ss');
  const misnamed = await openLoginGate(old.host, 'auditor:other');
  gates.push(guarded, misnamed);
  for (const [name, { host }] of Object.entries({ guarded, misnamed })) {
    const repository = `${host}/shop/behind-gates`;
    images.set(name, { image: `${repository}:1`, imageId: `${repository}@${behind}` });
  }
  images.set('hidden', {
    image: `${modern.host}/shop/hidden:1`,
    imageId: `${modern.host}/shop/hidden@${behind}`,
  });
  images.set('unlisted', { image: '127.0.0.1:1/app:1', imageId: `127.0.0.1:1/app@${behind}` });

  environment = await starting;
  await grant(environment.cluster, SHIPPED_RIGHTS);
  await seedImagePods(environment.cluster.admin, images, NOW);
  const secretArn = await createSecret(environment.aws, { username: 'auditor', password: 'pa:ss' });
  const withLogin = new Set([guarded.host, misnamed.host]);
  const registries = [modern, old, ...gates]
    .map(({ host }) => `    - { host: "${host}"${withLogin.has(host) ? `, secretArn: "${secretArn}"` : ''} }`)
    .join('\n');
  writeFileSync(
    join(folder, 'audit.config.yaml'),
    `images:\n  registry: sbom-collect\n  registries:\n${registries}\n`,
  );
  ran = await runCli(
    [
      ...['audit', '--kubeconfig', environment.cluster.auditorKubeconfig, '--now', NOW.toISOString()],
      ...['--config', join(folder, 'audit.config.yaml'), '-o', 'json', '--out', reports],
    ],
    environment.aws.environmentFor(environment.auditorCredentials),
  );
  document = documentOf(ran);
});

async function createSecret(aws: AwsServices, secret: object): Promise<string> {
  const { body } = await aws.request({
    service: 'secretsmanager',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'secretsmanager.CreateSecret',
    },
    body: JSON.stringify({
      Name: 'eks-drift-auditor/registry',
      SecretString: JSON.stringify(secret),
      ClientRequestToken: '7a7b1c2e-0000-4000-8000-000000000001',
    }),
  });
  return (JSON.parse(body) as { readonly ARN: string }).ARN;
}

afterAll(async () => {
  await Promise.all(gates.map((gate) => gate.close()));
  await processes?.stop();
  await environment?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const isOf = (pod: string) => (row: Pick<Finding | NotEvaluated, 'workload' | 'check'>) =>
  row.workload?.namespace === IMAGES_NAMESPACE && row.workload.name === pod && IMAGE_CHECKS.has(row.check);

/** The verdicts of the image checks on a pod; what is in neither list has passed or does not apply. */
const verdictsOf = (pod: string) => ({
  fail: document.findings
    .filter(isOf(pod))
    .map(({ check }) => check)
    .sort(),
  open: Object.fromEntries(
    document.notEvaluated.filter(isOf(pod)).map(({ check, reason }) => [check, reason]),
  ),
});

/** No registry but ECR has an answer to these. */
const NOT_SAID = { 'image-scan-stale': 'platform', 'image-too-old': 'platform' };
const DRIFTED = 'image-digest-drifted';
const NO_SBOM = 'image-without-sbom';

describe('What a registry says of images that run', () => {
  test.each([
    ['same', [NO_SBOM], {}],
    ['moved', [DRIFTED], {}],
    ['gone', [DRIFTED], {}],
    ['index', [], {}],
    ['child', [], {}],
    ['index-moved', [DRIFTED], {}],
    ['config', [], {}],
    ['config-moved', [DRIFTED], { [NO_SBOM]: 'no-digest' }],
    ['pinned', [], {}],
    ['never-pushed', [DRIFTED], { [NO_SBOM]: 'not-in-registry' }],
    // Found, and what cannot be read of them is said by a search.
    ['tag-value', [], {}],
    ['half', [], {}],
    // A registry that shows neither may hide both from whoever asks.
    ['hidden', [], { [DRIFTED]: 'not-in-registry', [NO_SBOM]: 'not-in-registry' }],
    // A login from Secrets Manager, which one registry takes and another does not.
    ['guarded', [], {}],
    ['misnamed', [], { [DRIFTED]: 'unauthorized', [NO_SBOM]: 'unauthorized' }],
    ['unlisted', [], { [DRIFTED]: 'registry-not-read', [NO_SBOM]: 'registry-not-read' }],
  ])('%s fails for %j and is open for %j', (pod, fail, open) => {
    expect(verdictsOf(pod)).toEqual({ fail, open: { ...NOT_SAID, ...open } });
  });

  test('the digests that run and that the tag points at are in the evidence', () => {
    const evidence = (pod: string) =>
      document.findings.find((row) => isOf(pod)(row) && row.check === DRIFTED)?.evidence;
    const digest = expect.stringMatching(/^sha256:[0-9a-f]{64}$/);
    expect(evidence('moved')).toMatchObject({ running: digest, tagged: digest });
    expect(evidence('gone')).toMatchObject({ running: digest, tagged: null });
  });

  test('the user of an image decides whether its pod may run as root', () => {
    const replaceable = document.findings
      .filter(
        ({ check, workload }) =>
          check === 'runtime-library-update' && workload.namespace === IMAGES_NAMESPACE,
      )
      .map(({ workload }) => workload.name);
    expect(replaceable).toContain('moved');
    expect(replaceable).not.toContain('same');
  });
});

describe('A registry that does not answer', () => {
  const LOGIN = /images\.registries\[\]\.secretArn/;
  test.each([
    ['unauthorized', 'unauthorized', /401/, LOGIN],
    ['forbidden', 'forbidden', /denies/, LOGIN],
    ['throttled', 'server-error', /429/, /requestsPerRun/],
    ['failing', 'server-error', /500/, /Run again later/],
    ['hanging', 'timeout', /no answer in time/, /Check that this machine reaches it/],
    ['cut', 'unreachable', /shop\/behind-gates/, /Check that this machine reaches it/],
  ] as const)('(%s) leaves its images open, says why, and what to do', (mishap, reason, message, remedy) => {
    const open = { ...NOT_SAID, ...(mishap === 'hanging' ? {} : { [DRIFTED]: reason }), [NO_SBOM]: reason };
    expect(verdictsOf(mishap)).toEqual({ fail: [], open });
    const gaps = document.notEvaluated.filter((row) => isOf(mishap)(row) && row.reason !== 'platform');
    for (const gap of gaps) {
      expect(gap.message).toMatch(message);
      expect(gap.remediation).toMatch(remedy);
    }
  });

  test('that asks to be left alone is asked once', () => {
    expect(gates[MISHAPS.indexOf('throttled')]?.requests).toHaveLength(1);
  });
});

describe('sbom find', () => {
  const find = (...args: readonly string[]) => runCli(['sbom', 'find', '--store', reports, ...args]);
  interface Answer {
    readonly images: { readonly running: number; readonly unsearchable: number };
    readonly found: readonly {
      readonly workload: { readonly name: string };
      readonly package: { readonly version: string };
    }[];
    readonly unsearchable: readonly { readonly image: string; readonly reason: string }[];
  }
  const answerOf = ({ stdout }: CliResult) => JSON.parse(stdout) as Answer;
  const podsIn = ({ found }: Answer) => found.map(({ workload }) => workload.name).sort();

  test('finds a package in SBOMs of every shape, in every place', async () => {
    const result = await find(SHARED, '-o', 'json');
    expect(result.code).toBe(1);
    const found = answerOf(result).found.map(({ workload, package: { version } }) => [
      workload.name,
      version,
    ]);
    expect(Object.fromEntries(found)).toEqual(
      Object.fromEntries([...sboms].map(([pod, { version }]) => [pod, version])),
    );
  });

  test('compares versions, and finds what npm and cyclonedx-py list', async () => {
    const [range, npm, python] = await Promise.all([
      find(`${SHARED}@<1.0.2`, '-o', 'json'),
      find('pkg:npm/undici', '-o', 'json'),
      find('cyclonedx-python-lib@>=11', '-o', 'json'),
    ]);
    expect(podsIn(answerOf(range))).toEqual(
      [...sboms].flatMap(([pod, { version }]) => (version < '1.0.2' ? [pod] : [])).sort(),
    );
    expect(new Set(podsIn(answerOf(npm)))).toEqual(new Set(['npm-cyclonedx', 'npm-spdx']));
    expect(podsIn(answerOf(python))).toEqual(['python']);
  });

  test('that finds nothing counts the images that cannot be searched, and says why', async () => {
    const [table, json] = await Promise.all([find('no-such-package'), find('no-such-package', '-o', 'json')]);
    const { images, unsearchable } = answerOf(json);
    expect([table.code, json.code]).toEqual([3, 3]);
    expect(table.stdout.trimEnd().split('\n').at(-1)).toBe(
      `${images.unsearchable} of ${images.running} running images have no searchable SBOM; they may contain it.`,
    );
    const reasonOf = (pod: string) => unsearchable.find(({ image }) => image.endsWith(`/${pod}:1`))?.reason;
    expect(reasonOf('same')).toBe('No SBOM was collected.');
    expect(reasonOf('tag-value')).toContain('SPDX tag-value cannot be searched');
    expect(reasonOf('half')).toContain('it is not a JSON object');
    expect(reasonOf('npm-spdx')).toBeUndefined();
  });

  test('over a folder without a run has its own exit code', async () => {
    expect((await runCli(['sbom', 'find', SHARED, '--store', join(folder, 'none')])).code).toBe(4);
  });
});
