import { describe, expect, test } from '@jest/globals';
import type { Check, Outcome } from '../../lambda/checks/check.ts';
import { imageDigestDrifted } from '../../lambda/checks/images/image-digest-drifted.ts';
import { imageScanStale } from '../../lambda/checks/images/image-scan-stale.ts';
import { imageTagMutable } from '../../lambda/checks/images/image-tag-mutable.ts';
import { imageTooOld } from '../../lambda/checks/images/image-too-old.ts';
import { imageWithoutSbom } from '../../lambda/checks/images/image-without-sbom.ts';
import type { Limits } from '../../lambda/config/config.ts';
import { ReadError } from '../../lambda/errors.ts';
import type { ImageInUse, RegistryLevel } from '../../lambda/inventory/images.ts';
import type { ContainerState } from '../../lambda/inventory/pod.ts';
import { DAY, digestOf, HOST, NOW, read, running } from '../registry/read-from.ts';
import { aClass, aContainer, aContext, aSpec } from '../support/builders.ts';
import {
  type EcrServerOptions,
  imageOf,
  OCI_IMAGE,
  OCI_INDEX,
  type StoredImage,
  type StoredRegistry,
  sha256,
} from '../support/ecr-server.ts';

/**
 * The table of verdicts about images, from the answers of ECR to the verdict: a row of a check, and its cells. The limits are
 * those of the configuration by default: 90 days for images, 30 days between a scan and a start.
 */

const A = digestOf('a');
const B = digestOf('b');
const FRESH = NOW - 10 * DAY;
const OLD = NOW - 200 * DAY;
const STARTED = NOW - 5 * DAY;

interface Given extends Pick<EcrServerOptions, 'fail'> {
  readonly image?: ImageInUse;
  /** Of repository app. @defaultValue one image A with the tag 1.4.2 */
  readonly images?: readonly StoredImage[];
  readonly blobs?: Readonly<Record<string, string>>;
  readonly mutability?: string;
  readonly exclusions?: readonly string[];
  readonly registry?: Partial<StoredRegistry>;
  readonly level?: RegistryLevel;
  /** @defaultValue one container that was started five days ago */
  readonly startedAt?: number | null;
  readonly signal?: AbortSignal;
  /** @defaultValue those of the configuration by default */
  readonly limits?: Partial<Limits>;
}

const stored = (rest: Partial<StoredImage> = {}): StoredImage => ({
  digest: A,
  tags: ['1.4.2'],
  pushedAt: FRESH,
  mediaType: OCI_IMAGE,
  ...rest,
});

async function outcomeOf(check: Check, given: Given): Promise<Outcome | undefined> {
  const { image = running('app:1.4.2', A), images = [stored()], blobs = {}, mutability, exclusions } = given;
  const { registry = {}, level = 'metadata', startedAt = STARTED, fail, signal } = given;
  const { reading } = await read(
    {
      repositories: {
        app: {
          images,
          blobs: new Map(Object.entries(blobs)),
          ...(mutability && { mutability }),
          ...(exclusions && { exclusions }),
        },
      },
      ...registry,
    },
    [image],
    { level, ...(fail && { fail }), ...(signal && { signal }) },
  );
  const state: ContainerState = { container: 'app', running: true, startedAt };
  const subject = aClass({
    spec: aSpec({ containers: [aContainer('app', image)] }),
    containerStates: [state],
  });
  const context = aContext(subject);
  const limits = { ...context.limits, ...given.limits };
  return check.evaluate(subject, { ...context, now: NOW, limits, images: reading })[0];
}

const verdict = async (check: Check, given: Given): Promise<string> => {
  const outcome = await outcomeOf(check, given);
  if (outcome === undefined) return 'not applicable';
  return outcome.verdict === 'not-evaluated' ? outcome.reason : outcome.verdict;
};

const refusing =
  (action: string, status = 400, code = 'AccessDeniedException'): NonNullable<EcrServerOptions['fail']> =>
  (call) =>
    call.action === action ? { status, code } : null;

const cells = (check: Check, rows: readonly (readonly [string, Given, string])[]): void => {
  test.each(rows)(`${check.id}: %s`, async (_, given, expected) => {
    expect(await verdict(check, given)).toBe(expected);
  });
};

const LATE = AbortSignal.abort(new ReadError('out-of-time', 'The run is out of time.', 'Give it more.'));
const CACHE = { registry: { cachePrefixes: ['app'] } };
const NO_RULES = { fail: refusing('ecr:DescribePullThroughCacheRules') };
const CONFIG_ID = { image: { image: `${HOST}/app:1.4.2`, imageId: digestOf('c') } };
const NO_ID = { image: { image: `${HOST}/app:1.4.2`, imageId: null } };
const ELSEWHERE = { image: { image: 'ghcr.io/app:1.4.2', imageId: `ghcr.io/app@${A}` } };
const OF_AWS = running('app:1.4.2', A);

describe('what keeps every check about images from a verdict', () => {
  const common: readonly (readonly [string, Given, string])[] = [
    ['describing images is denied', { fail: refusing('ecr:DescribeImages') }, 'forbidden'],
    [
      'the registry has an error',
      { fail: refusing('ecr:DescribeImages', 500, 'ServerException') },
      'server-error',
    ],
    ['the run is out of time', { signal: LATE }, 'out-of-time'],
    ['the status names no image', NO_ID, 'field-missing'],
  ];
  for (const check of [imageTooOld, imageDigestDrifted, imageScanStale]) cells(check, common);

  cells(imageTooOld, [
    ['no registry but ECR says it', ELSEWHERE, 'platform'],
    ['the image is gone', { images: [] }, 'not-in-registry'],
  ]);
  cells(imageScanStale, [
    ['no registry but ECR says it', ELSEWHERE, 'platform'],
    ['the image is gone', { images: [] }, 'not-in-registry'],
  ]);
  cells(imageDigestDrifted, [['the registry is not listed', ELSEWHERE, 'registry-not-read']]);
  cells(imageWithoutSbom, [
    ['the registry is not listed', { ...ELSEWHERE, level: 'sbom-presence' }, 'registry-not-read'],
    ['the image is gone', { images: [], level: 'sbom-presence' }, 'not-in-registry'],
    ['the run is out of time', { signal: LATE, level: 'sbom-presence' }, 'out-of-time'],
    ['the status names no image', { ...NO_ID, level: 'sbom-presence' }, 'field-missing'],
    ['SBOMs are not looked for', { image: OF_AWS }, 'not applicable'],
  ]);
});

describe('how old an image is', () => {
  cells(imageTooOld, [
    ['pushed before the limit', { images: [stored({ pushedAt: OLD })] }, 'fail'],
    ['pushed within the limit', {}, 'pass'],
    ['pushed before another limit', { limits: { imageMaxAge: 5 * DAY } }, 'fail'],
    [
      'pushed within another limit',
      { limits: { imageMaxAge: 300 * DAY }, images: [stored({ pushedAt: OLD })] },
      'pass',
    ],
    ['young in a cache', CACHE, 'cache-time-only'],
    ['old in a cache', { ...CACHE, images: [stored({ pushedAt: OLD })] }, 'fail'],
    ['young where the rules of caches are denied', NO_RULES, 'forbidden'],
    [
      'old where the rules of caches are denied',
      { ...NO_RULES, images: [stored({ pushedAt: OLD })] },
      'fail',
    ],
    ['the id of a configuration', CONFIG_ID, 'no-digest'],
    ['pushed after now', { images: [stored({ pushedAt: NOW + DAY })] }, 'clock-skew'],
  ]);
});

const child = imageOf(
  { mediaType: OCI_IMAGE, config: { mediaType: 'x/config', digest: digestOf('c'), size: 1 }, layers: [] },
  { pushedAt: FRESH },
);
const indexOf = (children: readonly StoredImage[], tags: readonly string[] = ['1.4.2']): StoredImage =>
  imageOf(
    {
      mediaType: OCI_INDEX,
      manifests: children.map(({ digest }) => ({ mediaType: OCI_IMAGE, digest, size: 1 })),
    },
    { tags, pushedAt: FRESH },
  );
const index = indexOf([child]);
const moved = [stored({ tags: [] }), stored({ digest: B })];

describe('whether a tag has moved on', () => {
  const presence = { level: 'sbom-presence' } as const;
  const childRuns = { image: running('app:1.4.2', child.digest), images: [child, index] };
  const other = { images: [stored({ tags: [] }), index, child] };
  cells(imageDigestDrifted, [
    ['another image of one platform', { images: moved }, 'fail'],
    ['an image that is not in the index of the tag', { ...other, ...presence }, 'fail'],
    ['the tag is gone', { images: [stored({ tags: [] })] }, 'fail'],
    ['the repository is gone', { registry: { repositories: {} } }, 'fail'],
    ['named by digest', { image: running(`app@${A}`, A) }, 'pass'],
    [
      'named by digest beside a tag that moved on',
      { image: running(`app:1.4.2@${A}`, A), images: moved },
      'pass',
    ],
    ['the same', {}, 'pass'],
    ['what runs is in the index of the tag', { ...childRuns, ...presence }, 'pass'],
    [
      'what the tag points at is in the index that runs',
      {
        image: running('app:1.4.2', index.digest),
        images: [
          { ...child, tags: ['1.4.2'] },
          { ...index, tags: [] },
        ],
        ...presence,
      },
      'pass',
    ],
    [
      'the id of the configuration of an image in the index',
      { ...CONFIG_ID, ...presence, images: [child, index] },
      'pass',
    ],
    [
      'the id of another configuration',
      { ...presence, image: { image: `${HOST}/app:1.4.2`, imageId: digestOf('d') }, images: [child, index] },
      'fail',
    ],
    ['it may be in the index, which is not read at this level', childRuns, 'registry-not-read'],
    [
      'it may be in the index, which is denied',
      { ...childRuns, ...presence, fail: refusing('ecr:BatchGetImage') },
      'forbidden',
    ],
    ['the same in a cache, which may lag', CACHE, 'cache-time-only'],
    ['another one in a cache', { ...CACHE, images: moved }, 'fail'],
    ['gone from a cache, which fetches it', { ...CACHE, images: [stored({ tags: [] })] }, 'cache-time-only'],
    ['the same where the rules of caches are denied', NO_RULES, 'forbidden'],
    [
      'gone where the rules of caches are denied: it may be fetched',
      { ...NO_RULES, images: [stored({ tags: [] })] },
      'forbidden',
    ],
    ['another one where the rules of caches are denied', { ...NO_RULES, images: moved }, 'fail'],
  ]);
});

describe('whether a tag can be overwritten', () => {
  const filters = (mutability: string, ...exclusions: readonly string[]): Given => ({
    mutability,
    exclusions,
  });
  const latest = running('app:latest', A);
  cells(imageTagMutable, [
    ['latest', { image: latest, mutability: 'IMMUTABLE' }, 'fail'],
    ['no tag', { image: { ...latest, image: `${HOST}/app` }, mutability: 'IMMUTABLE' }, 'fail'],
    ['MUTABLE', { mutability: 'MUTABLE' }, 'fail'],
    ['IMMUTABLE', { mutability: 'IMMUTABLE' }, 'pass'],
    ['immutable, and excluded', filters('IMMUTABLE_WITH_EXCLUSION', '1.*'), 'fail'],
    [
      'immutable, and excluded by the last of five filters',
      filters('IMMUTABLE_WITH_EXCLUSION', 'a', 'b', 'c', 'd', '*4.2'),
      'fail',
    ],
    ['immutable, and all are excluded', filters('IMMUTABLE_WITH_EXCLUSION', '*'), 'fail'],
    [
      'immutable, and others are excluded',
      filters('IMMUTABLE_WITH_EXCLUSION', 'dev-*', '1.4', '.4.2', '1.4.2*5'),
      'pass',
    ],
    ['mutable, and excluded', filters('MUTABLE_WITH_EXCLUSION', '*.4.*'), 'pass'],
    ['mutable, and others are excluded', filters('MUTABLE_WITH_EXCLUSION', '2*', '1.4.20'), 'fail'],
    ['a point of a filter is no wildcard', filters('MUTABLE_WITH_EXCLUSION', '1x4x2'), 'fail'],
    ['named by digest', { image: running(`app@${A}`, A), mutability: 'MUTABLE' }, 'pass'],
    ['a setting that is not known', { mutability: 'SOMETIMES' }, 'server-error'],
    ['the run is out of time', { signal: LATE }, 'out-of-time'],
    ['the setting is denied', { fail: refusing('ecr:DescribeRepositories') }, 'forbidden'],
    ['the repository is gone', { registry: { repositories: {} } }, 'not-in-registry'],
    ['no registry but ECR has such a setting', ELSEWHERE, 'not applicable'],
    ['latest elsewhere', { image: { ...ELSEWHERE.image, image: 'ghcr.io/app' } }, 'fail'],
  ]);
});

describe('whether an image was scanned', () => {
  const basic = (status: string, completedAt?: number): Given => ({
    images: [stored({ scan: { status, ...(completedAt === undefined ? {} : { completedAt }) } })],
  });
  const inspector = (status: string, reason: string): Given => ({
    registry: {
      scanType: 'ENHANCED',
      coverage: { [`app@${A}`]: { status, reason, lastScannedAt: NOW - 100 * DAY } },
    },
  });
  const unsettled = [
    'UNSUPPORTED_IMAGE',
    'FINDINGS_UNAVAILABLE',
    'LIMIT_EXCEEDED',
    'FAILED',
    'IMAGE_ARCHIVED',
    'PENDING',
    'IN_PROGRESS',
    'SOMETHING_NEW',
  ];
  const before = STARTED - 40 * DAY;
  const scanned = { ...child, scan: { status: 'COMPLETE', completedAt: STARTED + 1000 } };
  const second = imageOf({ mediaType: OCI_IMAGE, layers: [], annotations: { b: '' } }, { pushedAt: FRESH });
  const both = indexOf([child, second]);
  const ofIndex = { image: running('app:1.4.2', both.digest), level: 'sbom-presence' } as const;
  cells(imageScanStale, [
    ['no scan is known', {}, 'fail'],
    ['Inspector does not know it', { registry: { scanType: 'ENHANCED' } }, 'fail'],
    ['Inspector scans it no more', inspector('INACTIVE', 'SCAN_ELIGIBILITY_EXPIRED'), 'fail'],
    ['scanned longer before the start than the limit', basic('COMPLETE', before), 'fail'],
    ['scanned since the start', basic('COMPLETE', STARTED + DAY), 'pass'],
    ['scanned shortly before the start', basic('COMPLETE', STARTED - DAY), 'pass'],
    [
      'scanned before another limit',
      { limits: { scanMaxAge: DAY / 2 }, ...basic('COMPLETE', STARTED - DAY) },
      'fail',
    ],
    [
      'scanned within another limit',
      { limits: { scanMaxAge: 300 * DAY }, ...basic('COMPLETE', before) },
      'pass',
    ],
    ['Inspector goes on scanning it', inspector('ACTIVE', 'SUCCESSFUL'), 'pass'],
    ...unsettled.map((state) => [`its scan is ${state}`, basic(state), 'scan-unsettled'] as const),
    ['its scan is complete at no time', basic('COMPLETE'), 'scan-unsettled'],
    ['Inspector has yet to scan it', inspector('ACTIVE', 'PENDING_INITIAL_SCAN'), 'scan-unsettled'],
    ['Inspector cannot scan it', inspector('INACTIVE', 'UNSUPPORTED_OS'), 'scan-unsettled'],
    [
      'an old basic scan under enhanced scanning',
      { ...basic('COMPLETE', before), ...inspector('ACTIVE', 'SUCCESSFUL') },
      'pass',
    ],
    ['its start is not known', { ...basic('COMPLETE', STARTED), startedAt: null }, 'field-missing'],
    [
      'the type of scanning is denied',
      { fail: refusing('ecr:GetRegistryScanningConfiguration') },
      'forbidden',
    ],
    [
      'coverage is denied',
      { ...inspector('ACTIVE', 'SUCCESSFUL'), fail: refusing('inspector2:ListCoverage') },
      'forbidden',
    ],
    [
      'the images of an index, of which one was scanned',
      { ...ofIndex, images: [scanned, second, both] },
      'scan-unsettled',
    ],
    [
      'the images of an index, both scanned',
      {
        ...ofIndex,
        images: [scanned, { ...second, scan: { status: 'COMPLETE', completedAt: STARTED } }, both],
      },
      'pass',
    ],
    [
      'the images of an index, one of them long before',
      {
        ...ofIndex,
        images: [scanned, { ...second, scan: { status: 'COMPLETE', completedAt: before } }, both],
      },
      'fail',
    ],
    ['the images of an index, none scanned', { ...ofIndex, images: [child, second, both] }, 'fail'],
    [
      'an index whose images are not read at this level',
      { ...ofIndex, level: 'metadata', images: [child, second, both] },
      'registry-not-read',
    ],
  ]);
});

describe('whether an image has an SBOM', () => {
  const CONFIG = '{}';
  const plain = (name: string): StoredImage & { readonly manifest: string } =>
    imageOf(
      {
        mediaType: OCI_IMAGE,
        config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: sha256(CONFIG), size: 2 },
        layers: [],
        annotations: { name },
      },
      { pushedAt: FRESH, tags: [name] },
    );
  const app = plain('1.4.2');
  const layer = (mediaType: string, annotations = {}) => ({
    mediaType,
    digest: sha256('{}'),
    size: 2,
    annotations,
  });
  const holding = (
    mediaType: string,
    subject: string | null,
    tags: readonly string[] = [],
    annotations = {},
  ): StoredImage =>
    imageOf(
      {
        mediaType: OCI_IMAGE,
        layers: [layer(mediaType, annotations)],
        ...(subject === null ? {} : { subject: { mediaType: OCI_IMAGE, digest: subject, size: 1 } }),
      },
      { tags },
    );
  const SPDX = 'application/spdx+json';
  const flat = app.digest.replace(':', '-');
  const statement = holding('application/vnd.in-toto+json', null, [], {
    'in-toto.io/predicate-type': 'https://spdx.dev/Document',
  });
  const buildKit = imageOf(
    {
      mediaType: OCI_INDEX,
      manifests: [
        { mediaType: OCI_IMAGE, digest: app.digest, size: 1 },
        {
          mediaType: OCI_IMAGE,
          digest: statement.digest,
          size: 1,
          annotations: {
            'vnd.docker.reference.type': 'attestation-manifest',
            'vnd.docker.reference.digest': app.digest,
          },
        },
      ],
    },
    { pushedAt: FRESH },
  );
  const runs = { image: running(`app@${app.digest}`, app.digest), level: 'sbom-presence' } as const;
  const indexed = indexOf([app], []);
  const ofIndex = { ...runs, image: running(`app@${indexed.digest}`, indexed.digest) };
  const provenance = holding('application/vnd.in-toto+json', app.digest, [], {
    'in-toto.io/predicate-type': 'https://slsa.dev/provenance/v1',
  });
  cells(imageWithoutSbom, [
    ['in none of the four places', { ...runs, images: [app] }, 'fail'],
    ['provenance alone', { ...runs, images: [app, provenance] }, 'fail'],
    ['one that refers to another image', { ...runs, images: [app, holding(SPDX, B)] }, 'fail'],
    ['a referrer', { ...runs, images: [app, holding(SPDX, app.digest)] }, 'pass'],
    [
      'the attestation of a child by BuildKit',
      {
        ...runs,
        image: running(`app@${buildKit.digest}`, buildKit.digest),
        images: [app, statement, buildKit],
      },
      'pass',
    ],
    [
      'the tag .sbom of cosign',
      { ...runs, images: [app, holding('text/spdx+json', null, [`${flat}.sbom`])] },
      'pass',
    ],
    [
      'a referrer of a child of the index',
      { ...ofIndex, images: [app, indexed, holding(SPDX, app.digest)] },
      'pass',
    ],
    ['an index without any', { ...ofIndex, images: [app, indexed] }, 'fail'],
    [
      'one that cannot be searched',
      { ...runs, images: [app, holding('application/vnd.syft+json', app.digest)] },
      'pass',
    ],
    [
      'an attestation of which only its document says what it is',
      { ...runs, images: [app, holding('application/vnd.in-toto+json', app.digest)] },
      'registry-not-read',
    ],
    [
      'referrers are denied',
      { ...runs, images: [app], fail: refusing('ecr:ListImageReferrers') },
      'forbidden',
    ],
    ['manifests are denied', { ...runs, images: [app], fail: refusing('ecr:BatchGetImage') }, 'forbidden'],
  ]);
});
