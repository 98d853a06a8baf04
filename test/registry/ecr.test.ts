import { describe, expect, test } from '@jest/globals';
import { readImages } from '../../lambda/registry/read-images.ts';
import {
  imageOf,
  OCI_IMAGE,
  OCI_INDEX,
  type StoredImage,
  type StoredRegistry,
} from '../support/ecr-server.ts';
import { ACCOUNT, DAY, digestOf, HOST, NOW, read, running } from './read-from.ts';

const A = digestOf('a');
const B = digestOf('b');
const PUSHED = NOW - 40 * DAY;

const config = (letter: string) => ({
  mediaType: 'application/vnd.oci.image.config.v1+json',
  digest: digestOf(letter),
  size: 7,
});

const one = (image: object, rest: object = {}): StoredRegistry => ({
  repositories: { app: { images: [{ digest: A, tags: ['1.4.2'], pushedAt: PUSHED, ...image }], ...rest } },
});

describe('what ECR says of an image', () => {
  test('when it was pushed, what its tag points at, and whether that can change', async () => {
    const image = running('app:1.4.2', A);
    const { of } = await read(one({}), [image]);
    expect(of(image)).toEqual({
      running: { form: 'repo-digest', digest: A },
      repository: { value: { tags: 'mutable', setting: 'MUTABLE' } },
      cached: { value: false },
      tag: { value: { digest: A, match: 'same' } },
      pushedAt: { value: PUSHED },
      scan: { value: { state: 'NONE', completedAt: null, source: 'basic' } },
    });
  });

  test('an image that is named by digest alone has no tag to ask about', async () => {
    const image = running(`app@${A}`, A);
    const { of } = await read(one({}), [image]);
    expect(of(image).tag).toBeUndefined();
    expect(of(image).pushedAt).toEqual({ value: PUSHED });
  });

  test('a tag beside a digest does not matter', async () => {
    const image = running(`app:gone@${A}`, A);
    expect((await read(one({}), [image])).of(image).tag).toBeUndefined();
  });

  test('an imageID that names another repository has the same digest', async () => {
    const image = { image: `${HOST}/app:1.4.2`, imageId: `mirror.example.com/other@${A}` };
    expect((await read(one({}), [image])).of(image).tag).toEqual({ value: { digest: A, match: 'same' } });
  });

  // containerd gives the first of the digests that it has for an image: of whichever repository it was pulled first, where
  // pushing it anew may have given it another one.
  test('a digest of another repository, which this one does not have, is no sign of a tag that moved on', async () => {
    const image = { image: `${HOST}/app:1.4.2`, imageId: `mirror.example.com/other@${B}` };
    for (const level of ['metadata', 'sbom-presence'] as const) {
      const { of } = await read(one({ mediaType: OCI_IMAGE }), [image], { level });
      expect(of(image).tag).toMatchObject({
        reason: 'not-in-registry',
        message: expect.stringContaining('mirror.example.com/other'),
      });
    }
    // The same registry by another of its names is none.
    const own = { image: image.image, imageId: `${HOST.replace('.dkr.ecr.', '.dkr.ecr-fips.')}/app@${B}` };
    expect((await read(one({ mediaType: OCI_IMAGE }), [own])).of(own).tag).toEqual({
      value: { digest: A, match: 'other' },
    });
  });

  test('one image that is missing leaves what is known of the others', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const stored = names.map((name) => ({ digest: digestOf(name), tags: [name], pushedAt: PUSHED }));
    const images = [...names, 'f'].map((name) => running(`app:${name}`, digestOf(name)));
    const { of } = await read({ repositories: { app: { images: stored } } }, images);
    for (const image of images.slice(0, 5)) expect(of(image).pushedAt).toEqual({ value: PUSHED });
    const missing = images[5] ?? running('app', A);
    expect(of(missing).pushedAt).toMatchObject({ reason: 'not-in-registry' });
    expect(of(missing).tag).toEqual({ value: { digest: null, match: 'gone' } });
  });

  test('a repository that does not exist is none whose tags could be overwritten', async () => {
    const image = running('other:1', A);
    const { of } = await read(one({}), [image]);
    expect(of(image).repository).toMatchObject({ reason: 'not-in-registry' });
    expect(of(image).pushedAt).toMatchObject({ reason: 'not-in-registry' });
    expect(of(image).tag).toEqual({ value: { digest: null, match: 'gone' } });
  });

  test('without an imageID it is not known what runs', async () => {
    const image = { image: `${HOST}/app:1.4.2`, imageId: null };
    const { of } = await read(one({}), [image]);
    expect(of(image).pushedAt).toMatchObject({ reason: 'field-missing' });
    expect(of(image).tag).toMatchObject({ reason: 'field-missing' });
  });
});

describe('tags that can be overwritten', () => {
  test.each([
    ['MUTABLE', [], 'mutable'],
    ['IMMUTABLE', [], 'immutable'],
    ['IMMUTABLE_WITH_EXCLUSION', ['dev-*', '1.*'], 'mutable'],
    ['IMMUTABLE_WITH_EXCLUSION', ['dev-*', '1.4', '4.2'], 'immutable'],
    ['MUTABLE_WITH_EXCLUSION', ['*.4.*'], 'immutable'],
    ['MUTABLE_WITH_EXCLUSION', ['2*'], 'mutable'],
    ['SOMETHING_NEW', [], 'unknown'],
  ])('with %s and the filters %j the tag 1.4.2 is %s', async (mutability, exclusions, tags) => {
    const image = running('app:1.4.2', A);
    const { of } = await read(one({}, { mutability, exclusions }), [image]);
    expect(of(image).repository).toMatchObject({ value: { tags, setting: mutability } });
  });
});

describe('a tag that points at something else', () => {
  const child = imageOf({ mediaType: OCI_IMAGE, config: config('1'), layers: [] }, { pushedAt: PUSHED });
  const index = (tags: string[], manifests: object[]) =>
    imageOf({ mediaType: OCI_INDEX, manifests }, { tags, pushedAt: PUSHED });
  const entry = {
    mediaType: OCI_IMAGE,
    digest: child.digest,
    size: 1,
    platform: { os: 'linux', architecture: 'arm64' },
  };
  const latest = index(['1.4.2'], [entry]);
  const repositories = {
    app: { images: [child, latest, { digest: B, pushedAt: PUSHED, mediaType: OCI_IMAGE }] },
  };

  test('an image that is in the index of the tag is the same image', async () => {
    const image = running('app:1.4.2', child.digest);
    const { of } = await read({ repositories }, [image], { level: 'sbom-presence' });
    expect(of(image).tag).toEqual({ value: { digest: latest.digest, match: 'child' } });
  });

  test('an image that is not in the index of the tag is another one', async () => {
    const image = running('app:1.4.2', B);
    const { of } = await read({ repositories }, [image], { level: 'sbom-presence' });
    expect(of(image).tag).toEqual({ value: { digest: latest.digest, match: 'other' } });
  });

  test('an index that has the image of the tag is the same image', async () => {
    const tagged = { ...child, tags: ['1.4.2'] };
    const parent = index([], [entry]);
    const image = running('app:1.4.2', parent.digest);
    const { of } = await read({ repositories: { app: { images: [tagged, parent] } } }, [image], {
      level: 'sbom-presence',
    });
    expect(of(image).tag).toEqual({ value: { digest: child.digest, match: 'parent' } });
  });

  test('whether an image is in an index is not known where manifests may not be read', async () => {
    const image = running('app:1.4.2', B);
    const { of, server } = await read({ repositories }, [image]);
    expect(of(image).tag).toMatchObject({ reason: 'registry-not-read' });
    expect(server.count('ecr:BatchGetImage')).toBe(0);
  });

  test('two images of one platform that differ are two images, also where manifests may not be read', async () => {
    const image = running('app:1.4.2', B);
    const stored = one({}).repositories['app']?.images ?? [];
    const { of } = await read(
      { repositories: { app: { images: [...stored, { digest: B, mediaType: OCI_IMAGE }] } } },
      [image],
    );
    expect(of(image).tag).toEqual({ value: { digest: A, match: 'other' } });
  });

  test('the id of a configuration is compared with those of the tag', async () => {
    const [same, other] = [digestOf('1'), digestOf('2')].map((imageId) => ({
      image: `${HOST}/app:1.4.2`,
      imageId,
    })) as [{ image: string; imageId: string }, { image: string; imageId: string }];
    const { of } = await read({ repositories }, [same, other], { level: 'sbom-presence' });
    expect(of(same).tag).toEqual({ value: { digest: latest.digest, match: 'config' } });
    expect(of(same).pushedAt).toEqual({ value: PUSHED });
    expect(of(other).tag).toEqual({ value: { digest: latest.digest, match: 'other' } });
    expect(of(other).pushedAt).toMatchObject({ reason: 'no-digest' });
  });

  test('a right that is missing says the statement to add', async () => {
    const image = running('app:1.4.2', B);
    const { of } = await read({ repositories }, [image], {
      level: 'sbom-presence',
      fail: ({ action }) =>
        action === 'ecr:BatchGetImage' ? { status: 400, code: 'AccessDeniedException' } : null,
    });
    expect(of(image).tag).toMatchObject({
      reason: 'forbidden',
      message: expect.stringContaining(`arn:aws:ecr:eu-west-1:${ACCOUNT}:repository/app`),
      remedy: expect.stringContaining('"Action":"ecr:BatchGetImage"'),
    });
  });
});

describe('a manifest that ECR does not hand out', () => {
  const child = imageOf({ mediaType: OCI_IMAGE, config: config('1'), layers: [] }, { pushedAt: PUSHED });
  const latest = imageOf(
    { mediaType: OCI_INDEX, manifests: [{ mediaType: OCI_IMAGE, digest: child.digest, size: 1 }] },
    { tags: ['1.4.2'], pushedAt: PUSHED },
  );
  const asked = async (index: StoredImage, runs: string) => {
    const image = running('app:1.4.2', runs);
    const images = [child, index];
    return (await read({ repositories: { app: { images } } }, [image], { level: 'sbom-presence' })).of(image);
  };

  test('leaves it open whether what runs is in the index of the tag', async () => {
    const facts = await asked({ ...latest, failure: 'KmsError' }, child.digest);
    expect(facts.tag).toMatchObject({ reason: 'server-error', message: expect.stringContaining('KmsError') });
  });

  test('leaves it open whether the images of an index were scanned', async () => {
    const refused = await asked({ ...latest, failure: 'ImageInaccessible' }, latest.digest);
    expect(refused.scan).toMatchObject({ reason: 'server-error' });
    // Between two questions it was removed.
    const { manifest: _, ...gone } = latest;
    expect((await asked(gone, latest.digest)).scan).toMatchObject({ reason: 'not-in-registry' });
  });
});

describe('a pull-through cache', () => {
  const cached: StoredRegistry = {
    repositories: { 'docker-hub/library/redis': { images: [{ digest: A, tags: ['7'], pushedAt: PUSHED }] } },
    cachePrefixes: ['docker-hub'],
  };

  test('is said with the repository, whose times are its own', async () => {
    const image = running('docker-hub/library/redis:7', A);
    expect((await read(cached, [image])).of(image).cached).toEqual({ value: true });
  });

  test('that does not have a tag fetches it: the tag is not gone', async () => {
    const image = running('docker-hub/library/redis:8', A);
    expect((await read(cached, [image])).of(image).tag).toMatchObject({ reason: 'cache-time-only' });
  });

  test('of a similar name is another one, and that of the root is for all', async () => {
    const image = running('app:1.4.2', A);
    const similar = await read({ ...one({}), cachePrefixes: ['ap'] }, [image]);
    expect(similar.of(image).cached).toEqual({ value: false });
    const root = await read({ ...one({}), cachePrefixes: ['ROOT'] }, [image]);
    expect(root.of(image).cached).toEqual({ value: true });
  });
});

describe('permissions that are missing', () => {
  const image = running('app:1.4.2', A);
  const without = (action: string) =>
    read(one({}), [image], {
      fail: (call) => (call.action === action ? { status: 400, code: 'AccessDeniedException' } : null),
    });
  const refusal = (action: string, resource = '*') => ({
    reason: 'forbidden',
    message: expect.stringContaining(action),
    remedy: expect.stringContaining(`{"Effect":"Allow","Action":"${action}","Resource":"${resource}"}`),
  });
  const ARN = `arn:aws:ecr:eu-west-1:${ACCOUNT}:repository/app`;

  test('DescribeRepositories leaves open whether tags can be overwritten', async () => {
    const facts = (await without('ecr:DescribeRepositories')).of(image);
    expect(facts.repository).toEqual(refusal('ecr:DescribeRepositories', ARN));
    expect(facts.pushedAt).toEqual({ value: PUSHED });
  });

  test('DescribeImages leaves open age, tag and scan', async () => {
    const facts = (await without('ecr:DescribeImages')).of(image);
    for (const fact of [facts.pushedAt, facts.tag, facts.scan]) {
      expect(fact).toEqual(refusal('ecr:DescribeImages', ARN));
    }
    expect(facts.repository).toMatchObject({ value: { tags: 'mutable' } });
  });

  test('DescribePullThroughCacheRules leaves open whether the time is that of a cache', async () => {
    const facts = (await without('ecr:DescribePullThroughCacheRules')).of(image);
    expect(facts.cached).toEqual(refusal('ecr:DescribePullThroughCacheRules'));
    expect(facts.repository).toMatchObject({ value: { tags: 'mutable' } });
  });

  test('GetRegistryScanningConfiguration leaves open whether an image without a scan has one', async () => {
    const facts = (await without('ecr:GetRegistryScanningConfiguration')).of(image);
    expect(facts.scan).toEqual(refusal('ecr:GetRegistryScanningConfiguration'));
  });

  test('ListCoverage leaves open what Inspector scanned', async () => {
    const { of } = await read({ ...one({}), scanType: 'ENHANCED' }, [image], {
      fail: ({ action }) =>
        action === 'inspector2:ListCoverage' ? { status: 403, code: 'AccessDeniedException' } : null,
    });
    expect(of(image).scan).toEqual(refusal('inspector2:ListCoverage'));
  });

  test('credentials of another account say which account to list', async () => {
    const { of } = await read(one({}), [image], {
      as: '999988887777',
      fail: () => ({ status: 400, code: 'AccessDeniedException' }),
    });
    expect(of(image).pushedAt).toMatchObject({
      reason: 'forbidden',
      remedy: expect.stringContaining(`List account ${ACCOUNT} under accounts`),
    });
    expect(of(image).scan).toMatchObject({ reason: 'forbidden' });
  });
});

describe('scans', () => {
  const image = running('app:1.4.2', A);
  const SCANNED = NOW - 3 * DAY;

  test('a basic one is in the description of the image', async () => {
    const { of } = await read(one({ scan: { status: 'COMPLETE', completedAt: SCANNED } }), [image]);
    expect(of(image).scan).toEqual({
      value: { state: 'COMPLETE', completedAt: SCANNED, source: 'basic' },
    });
  });

  test.each([
    [{ status: 'ACTIVE', reason: 'SUCCESSFUL' }, 'ACTIVE'],
    [{ status: 'ACTIVE', reason: 'PENDING_INITIAL_SCAN' }, 'PENDING'],
    [{ status: 'INACTIVE', reason: 'SCAN_ELIGIBILITY_EXPIRED' }, 'SCAN_ELIGIBILITY_EXPIRED'],
    [{ status: 'INACTIVE', reason: 'UNSUPPORTED_OS' }, 'UNSUPPORTED_IMAGE'],
    [{ status: 'INACTIVE', reason: 'SOMETHING_NEW' }, 'SOMETHING_NEW'],
  ])('Inspector says %j where scanning is enhanced', async (covered, state) => {
    const coverage = { [`app@${A}`]: { ...covered, lastScannedAt: SCANNED } };
    const { of } = await read({ ...one({}), scanType: 'ENHANCED', coverage }, [image]);
    expect(of(image).scan).toEqual({ value: { state, completedAt: SCANNED, source: 'inspector' } });
  });

  // https://docs.aws.amazon.com/inspector/v2/APIReference/API_ScanStatus.html
  test.each([
    ['SCAN_FREQUENCY_SCAN_ON_PUSH', SCANNED, { state: 'COMPLETE', completedAt: SCANNED }],
    ['SCAN_FREQUENCY_SCAN_ON_PUSH', undefined, { state: 'PENDING', completedAt: null }],
    ['SCAN_FREQUENCY_MANUAL', SCANNED, { state: 'COMPLETE', completedAt: SCANNED }],
    ['SCAN_FREQUENCY_MANUAL', undefined, { state: 'NONE', completedAt: null }],
  ])(
    'of an image that Inspector does not keep scanning (%s) the last scan counts',
    async (reason, at, expected) => {
      const coverage = {
        [`app@${A}`]: { status: 'INACTIVE', reason, ...(at === undefined ? {} : { lastScannedAt: at }) },
      };
      const { of } = await read({ ...one({}), scanType: 'ENHANCED', coverage }, [image]);
      expect(of(image).scan).toEqual({ value: { ...expected, source: 'inspector' } });
    },
  );

  test('an image that Inspector does not cover was not scanned', async () => {
    const { of } = await read({ ...one({}), scanType: 'ENHANCED' }, [image]);
    expect(of(image).scan).toEqual({ value: { state: 'NONE', completedAt: null, source: 'inspector' } });
  });

  test('an old basic scan says nothing where scanning is enhanced now', async () => {
    const stored = one({ scan: { status: 'COMPLETE', completedAt: SCANNED - DAY } });
    const coverage = { [`app@${A}`]: { status: 'ACTIVE', reason: 'SUCCESSFUL', lastScannedAt: SCANNED } };
    const { of } = await read({ ...stored, scanType: 'ENHANCED', coverage }, [image]);
    expect(of(image).scan).toMatchObject({ value: { source: 'inspector', completedAt: SCANNED } });
  });

  test('a type of scanning that is not known leaves it open', async () => {
    const { of } = await read({ ...one({}), scanType: 'QUANTUM' }, [image]);
    expect(of(image).scan).toMatchObject({ reason: 'server-error' });
  });

  test('with images.scans: off nobody is asked', async () => {
    const { of, server } = await read(one({}), [image], { scans: 'off' });
    expect(of(image).scan).toBeUndefined();
    expect(server.count('ecr:GetRegistryScanningConfiguration')).toBe(0);
  });

  const children = [1, 2].map((at) =>
    imageOf({ mediaType: OCI_IMAGE, config: config(String(at)), layers: [] }, { pushedAt: PUSHED }),
  );
  const attestation = {
    mediaType: OCI_IMAGE,
    digest: digestOf('9'),
    size: 1,
    platform: { os: 'unknown', architecture: 'unknown' },
    annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
  };
  const index = imageOf(
    {
      mediaType: OCI_INDEX,
      manifests: [
        ...children.map(({ digest }) => ({
          mediaType: OCI_IMAGE,
          digest,
          size: 1,
          platform: { os: 'linux', architecture: 'x' },
        })),
        attestation,
      ],
    },
    { tags: ['1.4.2'], pushedAt: PUSHED },
  );
  const scans = (...scanned: StoredImage['scan'][]): StoredRegistry => ({
    repositories: {
      app: {
        images: [
          index,
          ...children.map((child, at) => {
            const scan = scanned[at];
            return scan === undefined ? child : { ...child, scan };
          }),
        ],
      },
    },
  });
  const multi = running('app:1.4.2', index.digest);
  const complete = (completedAt: number) => ({ status: 'COMPLETE', completedAt });

  test('those of the images of an index count, the oldest of them', async () => {
    const { of } = await read(scans(complete(SCANNED), complete(SCANNED - DAY)), [multi], {
      level: 'sbom-presence',
    });
    expect(of(multi).scan).toEqual({
      value: { state: 'COMPLETE', completedAt: SCANNED - DAY, source: 'basic' },
    });
  });

  test('an index of which no image was scanned was not', async () => {
    const { of } = await read(scans(), [multi], { level: 'sbom-presence' });
    expect(of(multi).scan).toEqual({ value: { state: 'NONE', completedAt: null, source: 'basic' } });
  });

  test('an index of which some images were scanned leaves it open which of them runs', async () => {
    const { of } = await read(scans(complete(SCANNED)), [multi], { level: 'sbom-presence' });
    expect(of(multi).scan).toMatchObject({ reason: 'scan-unsettled' });
  });

  test('those of an index are not known where manifests may not be read', async () => {
    const { of } = await read(scans(complete(SCANNED), complete(SCANNED)), [multi]);
    expect(of(multi).scan).toMatchObject({ reason: 'registry-not-read' });
  });
});

describe('what is not asked', () => {
  test('a registry that is not listed', async () => {
    const image = { image: 'ghcr.io/team/app:1', imageId: `ghcr.io/team/app@${A}` };
    const { of } = await read(one({}), [image], { level: 'sbom-collect' });
    expect(of(image).tag).toMatchObject({
      reason: 'registry-not-read',
      remedy: expect.stringContaining('{ host: ghcr.io }'),
    });
    expect(of(image).pushedAt).toMatchObject({ reason: 'platform' });
    expect(of(image).sbom).toMatchObject({ reason: 'registry-not-read' });
  });

  test("an account of AWS's own, which lets others only pull", async () => {
    const image = running('eks/coredns:v1', A);
    const { of, server } = await read(one({}), [image], { openEcr: async () => null });
    expect(of(image).pushedAt).toMatchObject({ reason: 'platform' });
    expect(server.count()).toBe(0);
  });

  test('what is left when the time is up is out of time', async () => {
    const image = running('app:1.4.2', A);
    const { ReadError } = await import('../../lambda/errors.ts');
    const signal = AbortSignal.abort(new ReadError('out-of-time', 'The time is up.', 'Wait.'));
    const { of } = await read(one({}), [image], { signal });
    expect(of(image).pushedAt).toMatchObject({ reason: 'out-of-time' });
  });
});

describe('what is kept between runs', () => {
  const image = running(`app@${A}`, A);

  test('a cluster that runs no image, or could not be read, leaves what is kept as it is', async () => {
    const asked: string[] = [];
    const { facts } = await readImages([], {
      level: 'metadata',
      scans: 'auto',
      now: NOW,
      openEcr: async () => null,
      openOci: async () => null,
      memory: {
        read: async () => {
          asked.push('read');
          return new Map();
        },
        write: async () => {
          asked.push('write');
        },
      },
    });
    expect({ asked, facts: facts.size }).toEqual({ asked: [], facts: 0 });
  });

  test('an image that is named by digest is not asked about again where Inspector scans', async () => {
    const registry: StoredRegistry = { ...one({}), scanType: 'ENHANCED' };
    const first = await read(registry, [image]);
    const second = await read(registry, [image], { known: first.known });
    expect(second.of(image)).toEqual(first.of(image));
    expect(second.server.count('ecr:DescribeImages')).toBe(0);
  });

  test('scans and tags are asked for again', async () => {
    const tagged = running('app:1.4.2', A);
    const { known } = await read(one({}), [tagged]);
    const scan = { status: 'COMPLETE', completedAt: NOW };
    const { of } = await read(one({ tags: [], scan }), [tagged], { known });
    expect(of(tagged).tag).toEqual({ value: { digest: null, match: 'gone' } });
    expect(of(tagged).scan).toMatchObject({ value: { state: 'COMPLETE' } });
  });
});

test('10,000 images in 1,000 repositories take 2,500 calls at most, and less than 1,000 the next time', async () => {
  const names = Array.from({ length: 1000 }, (_, at) => `team/app-${at}`);
  // A fifth of the repositories is deployed by digest alone.
  const isPinned = (at: number): boolean => at % 5 === 0;
  const hex = (repository: number, image: number): string =>
    `sha256:${(repository * 10 + image).toString(16).padStart(64, '0')}`;
  const images = names.flatMap((name, at) =>
    Array.from({ length: 10 }, (_, image) =>
      running(isPinned(at) ? `${name}@${hex(at, image)}` : `${name}:${image}`, hex(at, image)),
    ),
  );
  const registry: StoredRegistry = {
    scanType: 'ENHANCED',
    repositories: Object.fromEntries(
      names.map((name, at) => [
        name,
        {
          images: Array.from({ length: 10 }, (_, image) => ({
            digest: hex(at, image),
            tags: [String(image)],
            pushedAt: PUSHED,
          })),
        },
      ]),
    ),
  };
  const cold = await read(registry, images);
  expect(cold.reading.facts.size).toBe(10_000);
  expect(cold.server.count()).toBeLessThanOrEqual(2500);
  const warm = await read(registry, images, { known: cold.known });
  expect(warm.reading.facts).toEqual(cold.reading.facts);
  expect(warm.server.count()).toBeLessThan(1000);
});
