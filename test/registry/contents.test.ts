import { describe, expect, test } from '@jest/globals';
import {
  imageOf,
  OCI_IMAGE,
  OCI_INDEX,
  type StoredImage,
  type StoredRegistry,
  sha256,
} from '../support/ecr-server.ts';
import { DAY, digestOf, NOW, read, running } from './read-from.ts';

const PUSHED = NOW - 10 * DAY;
const CONFIG = JSON.stringify({ architecture: 'arm64', config: { User: '1000:1000' } });
const blob = (mediaType: string, text: string, annotations = {}) => ({
  mediaType,
  digest: sha256(text),
  size: text.length,
  annotations,
});
const image = (
  config = CONFIG,
  rest: Partial<StoredImage> = {},
): StoredImage & { readonly manifest: string } =>
  imageOf(
    { mediaType: OCI_IMAGE, config: blob('application/vnd.oci.image.config.v1+json', config), layers: [] },
    { pushedAt: PUSHED, ...rest },
  );
const APP = image();
/** What refers to an image, or has it for its subject. */
const about = (subject: string, layer: object, rest: object = {}): StoredImage =>
  imageOf({
    mediaType: OCI_IMAGE,
    config: blob('application/vnd.oci.empty.v1+json', '{}'),
    layers: [layer],
    subject: { mediaType: OCI_IMAGE, digest: subject, size: 1 },
    ...rest,
  });
const repository = (images: readonly StoredImage[], texts: readonly string[] = [CONFIG]): StoredRegistry => ({
  repositories: { app: { images, blobs: new Map(texts.map((text) => [sha256(text), text])) } },
});
const SPDX = 'application/spdx+json';
const ATTESTED = 'application/vnd.in-toto+json';
const APP_RUNS = running(`app@${APP.digest}`, APP.digest);

const sbomsOf = async (images: readonly StoredImage[], runs = APP_RUNS, level = 'sbom-presence' as const) =>
  (await read(repository(images), [runs], { level })).of(runs).sbom;

describe('where SBOMs are', () => {
  test('nothing that refers to an image, and no tag of it: there is none', async () => {
    expect(await sbomsOf([APP])).toEqual({ value: [] });
  });

  test('a referrer, whatever its entry in the list says of its type', async () => {
    const sbom = about(APP.digest, blob(SPDX, '{}'));
    expect(await sbomsOf([APP, sbom])).toEqual({
      value: [
        {
          format: 'spdx-json',
          via: 'referrer',
          subject: APP.digest,
          manifest: sbom.digest,
          blob: { digest: sha256('{}'), mediaType: SPDX, size: 2 },
        },
      ],
    });
  });

  test.each([
    ['application/vnd.cyclonedx+json', 'cyclonedx-json'],
    ['application/vnd.cyclonedx+json;version=1.6', 'cyclonedx-json'],
    ['text/spdx', 'other'],
    ['application/vnd.cyclonedx+xml', 'other'],
    ['application/vnd.syft+json', 'other'],
  ])('a document of type %s is found as %s', async (type, format) => {
    expect(await sbomsOf([APP, about(APP.digest, blob(type, '{}'))])).toMatchObject({
      value: [{ format }],
    });
  });

  test('a signature, and provenance, are none', async () => {
    const signature = about(APP.digest, blob('application/vnd.dev.cosign.simplesigning.v1+json', '{}'));
    const provenance = about(
      APP.digest,
      blob(ATTESTED, '{}', { 'in-toto.io/predicate-type': 'https://slsa.dev/provenance/v1' }),
    );
    expect(await sbomsOf([APP, signature, provenance])).toEqual({ value: [] });
  });

  test('a bundle of cosign 3 says its predicate by an annotation', async () => {
    const bundle = about(APP.digest, blob('application/vnd.dev.sigstore.bundle.v0.3+json', '{}'), {
      annotations: { 'dev.sigstore.bundle.predicateType': 'https://cyclonedx.org/bom' },
    });
    expect(await sbomsOf([APP, bundle])).toMatchObject({ value: [{ format: 'cyclonedx-json' }] });
  });

  test.each(['.att', '.sbom'])('the tag %s of cosign before version 3', async (suffix) => {
    const tag = `${APP.digest.replace(':', '-')}${suffix}`;
    const attached = imageOf(
      { mediaType: OCI_IMAGE, config: blob('x/config', '{}'), layers: [blob(SPDX, '{}')] },
      { tags: [tag] },
    );
    expect(await sbomsOf([APP, attached])).toMatchObject({ value: [{ via: 'cosign-tag' }] });
  });

  test('the attestations that BuildKit puts into an index, for the image of its platform', async () => {
    const attestation = imageOf({
      mediaType: OCI_IMAGE,
      config: blob('x/config', '{}'),
      layers: [blob(ATTESTED, '{}', { 'in-toto.io/predicate-type': 'https://spdx.dev/Document' })],
    });
    const index = imageOf(
      {
        mediaType: OCI_INDEX,
        manifests: [
          {
            mediaType: OCI_IMAGE,
            digest: APP.digest,
            size: 1,
            platform: { os: 'linux', architecture: 'arm64' },
          },
          {
            mediaType: OCI_IMAGE,
            digest: attestation.digest,
            size: 1,
            platform: { os: 'unknown', architecture: 'unknown' },
            annotations: {
              'vnd.docker.reference.type': 'attestation-manifest',
              'vnd.docker.reference.digest': APP.digest,
            },
          },
        ],
      },
      { pushedAt: PUSHED },
    );
    const runs = running(`app@${index.digest}`, index.digest);
    expect(await sbomsOf([index, APP, attestation], runs)).toMatchObject({
      value: [{ via: 'buildkit', subject: APP.digest, format: 'spdx-json' }],
    });
  });

  test('what refers to an image of the index that runs counts', async () => {
    const index = imageOf(
      { mediaType: OCI_INDEX, manifests: [{ mediaType: OCI_IMAGE, digest: APP.digest, size: 1 }] },
      { pushedAt: PUSHED },
    );
    const runs = running(`app@${index.digest}`, index.digest);
    expect(await sbomsOf([index, APP, about(APP.digest, blob(SPDX, '{}'))], runs)).toMatchObject({
      value: [{ subject: APP.digest }],
    });
  });

  test('an image that is gone from its registry is not said to have none', async () => {
    const runs = running(`app@${digestOf('c')}`, digestOf('c'));
    expect(await sbomsOf([APP], runs)).toMatchObject({ reason: 'not-in-registry' });
  });

  test('a right that is missing leaves it open', async () => {
    const { of } = await read(repository([APP]), [APP_RUNS], {
      level: 'sbom-presence',
      fail: ({ action }) =>
        action === 'ecr:ListImageReferrers' ? { status: 400, code: 'AccessDeniedException' } : null,
    });
    expect(of(APP_RUNS).sbom).toMatchObject({
      reason: 'forbidden',
      remedy: expect.stringContaining('"Action":"ecr:BatchGetImage"'),
    });
  });

  test('what ECR has and does not hand out is no place without an SBOM', async () => {
    const sbom = about(APP.digest, blob(SPDX, '{}'), {});
    const tag = `${APP.digest.replace(':', '-')}.att`;
    const attached = imageOf(
      { mediaType: OCI_IMAGE, config: blob('x/config', '{}'), layers: [blob(SPDX, '{}')] },
      { tags: [tag] },
    );
    for (const failure of ['KmsError', 'ImageInaccessible', 'UpstreamUnavailable']) {
      for (const hidden of [sbom, attached]) {
        expect(await sbomsOf([APP, { ...hidden, failure }])).toMatchObject({
          reason: 'server-error',
          message: expect.stringContaining(`(${failure}: as planned)`),
        });
      }
    }
    expect(await sbomsOf([APP, { ...sbom, failure: 'UpstreamAccessDenied' }])).toMatchObject({
      reason: 'forbidden',
    });
  });

  test('an SBOM in the archive of ECR is listed, and leaves it open where there is no other one', async () => {
    const archived: StoredImage = { ...about(APP.digest, blob(SPDX, '{}')), archived: true };
    expect(await sbomsOf([APP, archived])).toMatchObject({
      reason: 'not-in-registry',
      message: expect.stringContaining('archive'),
    });
    const other = about(APP.digest, blob('application/vnd.cyclonedx+json', '{}'));
    expect(await sbomsOf([APP, archived, other])).toMatchObject({ value: [{ format: 'cyclonedx-json' }] });
  });

  test.each([['application/vnd.example.sbom.v1+json'], ['sbom/example']])(
    'an artifact that calls itself an SBOM (%s) is opened and not passed over',
    async (artifactType) => {
      const attached = about(APP.digest, blob('application/json', '{}'), { artifactType });
      expect(await sbomsOf([APP, attached])).toMatchObject({ value: [{ format: 'unknown' }] });
    },
  );

  test('an index of more images than any needs is not gone through to its end', async () => {
    const manifests = Array.from({ length: 3000 }, (_, at) => ({
      mediaType: OCI_IMAGE,
      digest: sha256(String(at)),
      size: 1,
    }));
    const index = imageOf({ mediaType: OCI_INDEX, manifests }, { pushedAt: PUSHED });
    const runs = running(`app@${index.digest}`, index.digest);
    const { of, server } = await read(repository([index]), [runs], { level: 'sbom-collect' });
    expect(of(runs)).toMatchObject({
      sbom: { reason: 'too-large' },
      user: { reason: 'too-large' },
      scan: { reason: 'too-large' },
    });
    expect(server.count()).toBeLessThan(500);
  });

  test('of more than 50 artifacts those that were not opened are said to whoever collects them', async () => {
    const signatures = Array.from({ length: 50 }, (_, at) =>
      about(APP.digest, blob('application/vnd.dev.cosign.simplesigning.v1+json', String(at))),
    );
    const sbom = about(APP.digest, blob(SPDX, '{}'));
    expect(await sbomsOf([APP, ...signatures, sbom])).toMatchObject({ reason: 'too-large' });
    const taken: unknown[] = [];
    const sbomSink = {
      take: async (_: string, found: { readonly left: unknown }) => {
        taken.push(found.left);
      },
    };
    const images = repository([APP, sbom, ...signatures], [CONFIG, '{}']);
    const first = await read(images, [APP_RUNS], { level: 'sbom-collect', sbomSink });
    expect(first.of(APP_RUNS).sbom).toMatchObject({ value: [{ format: 'spdx-json' }] });
    await read(images, [APP_RUNS], { level: 'sbom-collect', sbomSink, known: first.known });
    await read(repository([APP, sbom], [CONFIG, '{}']), [APP_RUNS], { level: 'sbom-collect', sbomSink });
    const left = expect.stringContaining('More than 50 artifacts');
    expect(taken).toEqual([left, left, null]);
  });

  test('what was found is kept, and that there is none for a week', async () => {
    const level = 'sbom-presence' as const;
    const none = await read(repository([APP]), [APP_RUNS], { level });
    const sbom = about(APP.digest, blob(SPDX, '{}'));
    const later = (now: number) =>
      read(repository([APP, sbom]), [APP_RUNS], { level, now, known: none.known });
    expect((await later(NOW + DAY)).of(APP_RUNS).sbom).toEqual({ value: [] });
    const found = await later(NOW + 8 * DAY);
    expect(found.of(APP_RUNS).sbom).toMatchObject({ value: [{ via: 'referrer' }] });
    const again = await read(repository([APP, sbom]), [APP_RUNS], { level, known: found.known });
    expect(again.of(APP_RUNS)).toMatchObject({ sbom: { value: [{ via: 'referrer' }] } });
    expect(again.server.count('ecr:ListImageReferrers')).toBe(0);
  });
});

describe('SBOMs that were found before and cannot be searched', () => {
  const spdx = JSON.stringify({
    spdxVersion: 'SPDX-2.3',
    packages: [{ name: 'left-pad', versionInfo: '1.3.0' }],
  });
  const envelope = JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'app', digest: { sha256: APP.digest.slice(7) } }],
    predicateType: 'https://spdx.dev/Document',
    predicate: JSON.parse(spdx),
  });
  const unnamed = about(APP.digest, blob(ATTESTED, envelope));
  const images = repository([APP, unnamed], [CONFIG, envelope]);

  test('what does not say what it is, is opened as soon as the configuration lets documents be opened', async () => {
    const before = await read(images, [APP_RUNS], { level: 'sbom-presence' });
    expect(before.of(APP_RUNS).sbom).toMatchObject({ value: [{ format: 'unknown' }] });
    const { of, known } = await read(images, [APP_RUNS], { level: 'sbom-collect', known: before.known });
    expect(of(APP_RUNS).sbom).toMatchObject({ value: [{ format: 'spdx-json' }] });
    const after = await read(images, [APP_RUNS], { level: 'sbom-collect', known });
    expect(after.of(APP_RUNS).sbom).toEqual(of(APP_RUNS).sbom);
    expect(after.server.count('ecr:GetDownloadUrlForLayer')).toBe(0);
  });

  test('what turns out to be no SBOM when it is opened is none, also in the next run', async () => {
    const provenance = JSON.stringify({
      ...JSON.parse(envelope),
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: { builder: {} },
    });
    const other = repository([APP, about(APP.digest, blob(ATTESTED, provenance))], [CONFIG, provenance]);
    let { known } = await read(other, [APP_RUNS], { level: 'sbom-presence' });
    for (let run = 0; run < 2; run++) {
      const opened = await read(other, [APP_RUNS], { level: 'sbom-collect', known });
      expect(opened.of(APP_RUNS).sbom).toEqual({ value: [] });
      known = opened.known;
    }
  });

  test.each([
    ['one that does not say what it is', unnamed],
    ['one in a format that cannot be searched', about(APP.digest, blob('application/vnd.syft+json', '{}'))],
  ])('beside %s, one that is attached later is found after a week', async (_, first) => {
    const level = 'sbom-presence' as const;
    const before = await read(repository([APP, first]), [APP_RUNS], { level });
    const attached = repository([APP, first, about(APP.digest, blob(SPDX, spdx))]);
    const later = (now: number) => read(attached, [APP_RUNS], { level, now, known: before.known });
    expect((await later(NOW + DAY)).of(APP_RUNS).sbom).toEqual(before.of(APP_RUNS).sbom);
    expect((await later(NOW + 7 * DAY)).of(APP_RUNS).sbom).toMatchObject({
      value: expect.arrayContaining([expect.objectContaining({ format: 'spdx-json' })]),
    });
  });

  test('what is opened meanwhile and is no SBOM does not put off the search for another one', async () => {
    const provenance = JSON.stringify({
      ...JSON.parse(envelope),
      predicateType: 'https://slsa.dev/provenance/v1',
      predicate: { builder: {} },
    });
    const first = about(APP.digest, blob(ATTESTED, provenance));
    const registryOf = (...more: readonly StoredImage[]) =>
      repository([APP, first, ...more], [CONFIG, provenance, spdx]);
    const before = await read(registryOf(), [APP_RUNS], { level: 'sbom-presence' });
    const level = 'sbom-collect' as const;
    const { known } = await read(registryOf(), [APP_RUNS], {
      level,
      now: NOW + 6 * DAY,
      known: before.known,
    });
    const attached = registryOf(about(APP.digest, blob(SPDX, spdx)));
    const { of } = await read(attached, [APP_RUNS], { level, now: NOW + 7 * DAY, known });
    expect(of(APP_RUNS).sbom).toMatchObject({ value: [{ format: 'spdx-json' }] });
  });
});

test.each([[SPDX], ['application/vnd.cyclonedx+json']])(
  'an SBOM that was found and can be searched (%s) is not looked for again',
  async (type) => {
    const found = repository([APP, about(APP.digest, blob(type, '{}'))]);
    const level = 'sbom-presence' as const;
    const before = await read(found, [APP_RUNS], { level });
    expect([...before.known.values()]).toEqual([
      expect.not.objectContaining({ withoutSbomAt: expect.anything() }),
    ]);
    const { of, server } = await read(repository([APP]), [APP_RUNS], {
      level,
      now: NOW + 30 * DAY,
      known: before.known,
    });
    expect(of(APP_RUNS).sbom).toEqual(before.of(APP_RUNS).sbom);
    expect(server.count('ecr:ListImageReferrers')).toBe(0);
  },
);

describe('what takes the right to pull', () => {
  const collect = (images: readonly StoredImage[], texts: readonly string[], runs = APP_RUNS) =>
    read(repository(images, texts), [runs], { level: 'sbom-collect' });

  test('the user that an image names', async () => {
    expect((await collect([APP], [CONFIG])).of(APP_RUNS).user).toEqual({ value: '1000:1000' });
  });

  test('an image that names none runs as root', async () => {
    const config = JSON.stringify({ config: {} });
    const root = image(config);
    const runs = running(`app@${root.digest}`, root.digest);
    expect((await collect([root], [config], runs)).of(runs).user).toEqual({ value: '' });
  });

  test('images of an index that differ in it leave it open', async () => {
    const other = JSON.stringify({ config: { User: 'root' } });
    const children = [APP, image(other)];
    const index = imageOf(
      {
        mediaType: OCI_INDEX,
        manifests: children.map(({ digest }) => ({ mediaType: OCI_IMAGE, digest, size: 1 })),
      },
      { pushedAt: PUSHED },
    );
    const runs = running(`app@${index.digest}`, index.digest);
    const { of } = await collect([index, ...children], [CONFIG, other], runs);
    expect(of(runs).user).toMatchObject({ reason: 'field-missing' });
  });

  test('a configuration whose bytes are not those of its digest is not believed', async () => {
    const forged = new Map([[sha256(CONFIG), '{"config":{"User":"1"}}']]);
    const { of } = await read({ repositories: { app: { images: [APP], blobs: forged } } }, [APP_RUNS], {
      level: 'sbom-collect',
    });
    expect(of(APP_RUNS).user).toMatchObject({ reason: 'malformed-object' });
  });

  test('a configuration that may not be fetched leaves the user open', async () => {
    const { of } = await read(repository([APP]), [APP_RUNS], {
      level: 'sbom-collect',
      fail: ({ action }) =>
        action === 'ecr:GetDownloadUrlForLayer' ? { status: 400, code: 'AccessDeniedException' } : null,
    });
    expect(of(APP_RUNS).user).toMatchObject({
      reason: 'forbidden',
      remedy: expect.stringContaining('"Action":"ecr:GetDownloadUrlForLayer"'),
    });
  });

  test('an attestation that does not say what it is says so when it is opened', async () => {
    const statement = (predicateType: string, predicate: object): string =>
      JSON.stringify({
        _type: 'https://in-toto.io/Statement/v1',
        subject: [{ name: 'app', digest: { sha256: APP.digest.slice(7) } }],
        predicateType,
        predicate,
      });
    const sbom = statement('https://cyclonedx.org/bom', {
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      components: [{ type: 'library', name: 'left-pad', version: '1.3.0', purl: 'pkg:npm/left-pad@1.3.0' }],
    });
    const provenance = statement('https://slsa.dev/provenance/v1', { builder: {} });
    const found = await collect([APP, about(APP.digest, blob(ATTESTED, sbom))], [CONFIG, sbom]);
    expect(found.of(APP_RUNS).sbom).toMatchObject({ value: [{ format: 'cyclonedx-json' }] });
    const none = await collect([APP, about(APP.digest, blob(ATTESTED, provenance))], [CONFIG, provenance]);
    expect(none.of(APP_RUNS).sbom).toEqual({ value: [] });
  });
});
