import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Finding } from '../../lambda/findings/finding.ts';
import type { NotEvaluated } from '../../lambda/findings/not-evaluated.ts';
import type { RegistryLevel } from '../../lambda/inventory/images.ts';
import { REGISTRY_ACTIONS } from '../../lambda/registry/actions.ts';
import { type Environment, start } from './environment/environment.ts';
import { BASIC_REGION, type EcrImages, ecrImages, pushToEcr } from './seed/ecr-images.ts';
import { IMAGES_NAMESPACE, seedImagePods } from './seed/image-pods.ts';
import { grant, SHIPPED_RIGHTS } from './support/access.ts';
import { type Bucket, openBucket, QUIET } from './support/aws-fleet.ts';
import { type EcrFront, startEcrFront } from './support/ecr-front.ts';
import { gapsOf, type Objects, rowsOf } from './support/run-records.ts';

// An invocation reads the whole cluster.
const MINUTE = 60_000;
const NOW = Math.floor(Date.now() / 1000) * 1000;
const ACCOUNT = '111122223333';
const BUCKET = 'reports';
const folder = mkdtempSync(join(tmpdir(), 'eks-drift-auditor-ecr-'));
const config = join(folder, 'audit.config.yaml');

let environment: Environment;
let front: EcrFront;
let images: EcrImages;
let bucket: Bucket;
let createHandler: typeof import('../../lambda/handlers/scheduled-audit.ts').createHandler;

beforeAll(async () => {
  environment = await start({ now: new Date(NOW) });
  const { aws, cluster, auditorCredentials } = environment;
  await grant(cluster, SHIPPED_RIGHTS);
  images = ecrImages(ACCOUNT, NOW);
  await pushToEcr(aws, images);
  front = await startEcrFront(aws.url, images.registries);
  await seedImagePods(cluster.admin, images.runs, new Date(NOW));
  bucket = await openBucket(aws.url, auditorCredentials, BUCKET);
  // The SDK and the loggers take what a function has from its environment.
  Object.assign(process.env, QUIET, aws.environmentFor(auditorCredentials), {
    REPORT_BUCKET: BUCKET,
    CONFIG: config,
    AWS_ENDPOINT_URL_ECR: front.url,
    AWS_ENDPOINT_URL_INSPECTOR2: front.url,
  });
  ({ createHandler } = await import('../../lambda/handlers/scheduled-audit.ts'));
});

afterAll(async () => {
  await front?.close();
  await environment?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What a run has stored of the cluster. */
interface Stored {
  readonly objects: Objects;
  readonly findings: readonly Finding[];
  readonly gaps: readonly NotEvaluated[];
}

/** One invocation over an empty bucket, as Lambda makes it: nothing is known of the images. */
async function run(level: RegistryLevel, denied: string | null = null): Promise<Stored> {
  writeFileSync(
    config,
    `accounts: [{ id: "${ACCOUNT}", regions: [${BASIC_REGION}] }]\nimages: { registry: ${level} }\n`,
  );
  await bucket.reset(new Map());
  front.deny(denied);
  const handler = createHandler({ env: process.env, clock: () => NOW + 5_000 });
  const context = {
    awsRequestId: 'e2e',
    memoryLimitInMB: '1024',
    getRemainingTimeInMillis: () => 15 * MINUTE,
  };
  const report = await handler({ scheduledTime: new Date(NOW).toISOString() }, context);
  const objects = await bucket.objects();
  return { objects, findings: rowsOf(objects, 'findings/'), gaps: gapsOf(objects, report.run) };
}

type Row = Finding | NotEvaluated;

const isOfImages = ({ workload, check }: Row): boolean =>
  workload?.namespace === IMAGES_NAMESPACE && check.startsWith('image-');

/** `pod check` for each row of the image checks on the seeded pods. */
const namesOf = (rows: readonly Row[]): readonly string[] =>
  rows
    .filter(isOfImages)
    .map(({ workload, check }) => `${workload?.name} ${check}`)
    .sort();

/** Each verdict that is no pass, by what it is about. */
function verdictsIn({ findings, gaps }: Stored): ReadonlyMap<string, string> {
  const key = ({ workload, check, container }: Row): string =>
    `${workload?.namespace}/${workload?.kind}/${workload?.name} ${check} ${container}`;
  return new Map([
    ...findings.map((row) => [key(row), 'fail'] as const),
    ...gaps.map((row) => [key(row), `open: ${row.reason}`] as const),
  ]);
}

const baselines = new Map<RegistryLevel, Stored>();
async function baselineOf(level: RegistryLevel): Promise<Stored> {
  const known = baselines.get(level) ?? (await run(level));
  baselines.set(level, known);
  return known;
}

const TOO_OLD = 'image-too-old';
const DRIFTED = 'image-digest-drifted';
const MUTABLE = 'image-tag-mutable';
const SCAN = 'image-scan-stale';
const NO_SBOM = 'image-without-sbom';

describe('A scheduled run says what ECR and Inspector say of running images', () => {
  const failing = [
    ...[DRIFTED, SCAN, MUTABLE, TOO_OLD].map((check) => `stale ${check}`),
    `aged ${SCAN}`,
    `uncovered ${SCAN}`,
  ];
  const cached = [`cached ${DRIFTED} cache-time-only`, `cached ${TOO_OLD} cache-time-only`];

  test.each([
    [
      'metadata',
      failing,
      // Which images an index holds is read by those who may pull alone.
      [...cached, `child ${DRIFTED} registry-not-read`, `index ${SCAN} registry-not-read`],
    ],
    ['sbom-presence', [...failing, `stale ${NO_SBOM}`], [...cached, `unnamed ${NO_SBOM} registry-not-read`]],
    ['sbom-collect', [...failing, `stale ${NO_SBOM}`], cached],
  ] as const)('at the level %s', async (level, fail, open) => {
    const { findings, gaps } = await baselineOf(level);
    expect(namesOf(findings)).toEqual([...fail].sort());
    const reasons = gaps.filter(isOfImages).map((row) => `${row.workload?.name} ${row.check} ${row.reason}`);
    expect(reasons.sort()).toEqual([...open].sort());
  });

  test('and keeps SBOMs at sbom-collect alone', async () => {
    const sbomsAt = async (level: RegistryLevel) =>
      [...(await baselineOf(level)).objects.keys()].filter((key) => key.startsWith('sbom/documents/'));
    expect(await sbomsAt('sbom-presence')).toEqual([]);
    // One each for fresh, aged, multi, amd64, unnamed, redis, covered and uncovered.
    expect(await sbomsAt('sbom-collect')).toHaveLength(8);
  });
});

describe('Without the right to', () => {
  const ALL = ['aged', 'cached', 'child', 'covered', 'fresh', 'index', 'stale', 'uncovered', 'unnamed'];
  const each = (check: string, pods: readonly string[] = ALL) => pods.map((pod) => `${pod} ${check}`);
  const without = (...pods: readonly string[]) => ALL.filter((pod) => !pods.includes(pod));

  test('every action that is granted is withheld here', () => {
    expect(WITHHELD.map(({ action }) => action).sort()).toEqual(Object.keys(REGISTRY_ACTIONS).sort());
  });

  const WITHHELD: readonly {
    readonly action: keyof typeof REGISTRY_ACTIONS;
    /** What is open for that reason. */
    readonly open: readonly string[];
  }[] = [
    { action: 'ecr:DescribeRepositories', open: each(MUTABLE) },
    { action: 'ecr:DescribeImages', open: [TOO_OLD, DRIFTED, SCAN].flatMap((check) => each(check)) },
    {
      action: 'ecr:DescribePullThroughCacheRules',
      // Old and moved are so in a cache, too; whether the child of an index is the same image is not known before.
      open: [...each(TOO_OLD, without('stale')), ...each(DRIFTED, without('stale', 'child'))],
    },
    {
      action: 'ecr:GetRegistryScanningConfiguration',
      // A basic scan that is new enough was made; one that is old, or none, as of an index, says nothing of Inspector's.
      open: each(SCAN, ['aged', 'covered', 'index', 'stale', 'uncovered']),
    },
    { action: 'inspector2:ListCoverage', open: each(SCAN, ['covered', 'uncovered']) },
    {
      action: 'ecr:BatchGetImage',
      open: [...each(NO_SBOM), `child ${DRIFTED}`, `index ${SCAN}`],
    },
    { action: 'ecr:GetDownloadUrlForLayer', open: [`unnamed ${NO_SBOM}`] },
  ];

  test.each(WITHHELD)('$action, its checks are open and say what to grant', async ({ action, open }) => {
    const { level, scope } = REGISTRY_ACTIONS[action];
    const before = verdictsIn(await baselineOf(level));
    const withheld = await run(level, action);
    expect(front.calls).toContain(action);
    const forbidden = withheld.gaps.filter((row) => isOfImages(row) && row.reason === 'forbidden');
    expect(namesOf(forbidden)).toEqual([...open].sort());
    for (const { workload, message, remediation } of forbidden) {
      const resource = scope === 'all' ? '*' : arnOf(workload?.name ?? '');
      expect(message).toContain(action);
      expect(message).toContain(ACCOUNT);
      expect(remediation).toContain(JSON.stringify({ Effect: 'Allow', Action: action, Resource: resource }));
    }
    expect(changesOf(before, verdictsIn(withheld), action)).toEqual([]);
  });

  const arnOf = (pod: string): string => {
    const [, region = '', repository = ''] =
      /^\d+\.dkr\.ecr\.([^.]+)\.amazonaws\.com\/(.+):1$/.exec(images.runs.get(pod)?.image ?? '') ?? [];
    return `arn:aws:ecr:${region}:${ACCOUNT}:repository/${repository}`;
  };

  /** What has another verdict now other than being open for the missing right. */
  function changesOf(
    before: ReadonlyMap<string, string>,
    now: ReadonlyMap<string, string>,
    action: string,
  ): readonly string[] {
    return [...new Set([...before.keys(), ...now.keys()])].flatMap((key) => {
      const [was, is] = [before.get(key) ?? 'pass', now.get(key) ?? 'pass'];
      const isOfUser = action === 'ecr:GetDownloadUrlForLayer' && key.includes(' runtime-library-update ');
      // Where the user of an image is not known, it may be root.
      if (was === is || is === 'open: forbidden' || (isOfUser && was === 'pass' && is === 'fail')) return [];
      return `${key}: ${was}, now ${is}`;
    });
  }
});
