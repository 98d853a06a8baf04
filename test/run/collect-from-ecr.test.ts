import { describe, expect, test } from '@jest/globals';
import { openSbomCollector } from '../../lambda/run/collect-sboms.ts';
import { readCollected } from '../../lambda/store/sbom/collected.ts';
import { readShard, shardOf } from '../../lambda/store/sbom/index-shards.ts';
import { digestOf, NOW, read, running } from '../registry/read-from.ts';
import { bundle, cycloneDx, dsse, spdx2, statement } from '../sbom/documents.ts';
import { memoryStore } from '../store/memory-store.ts';
import { imageOf, OCI_IMAGE, OCI_INDEX, type StoredImage, sha256 } from '../support/ecr-server.ts';

const LODASH = { name: 'lodash', version: '4.17.20', purl: 'pkg:npm/lodash@4.17.20' };
const EMPTY = { mediaType: 'application/vnd.oci.empty.v1+json', digest: sha256('{}'), size: 2 };

const layer = (mediaType: string, text: string, annotations: Readonly<Record<string, string>> = {}) => ({
  mediaType,
  digest: sha256(text),
  size: text.length,
  annotations,
});

/** A manifest that refers to an image and holds one document. */
const attached = (subject: string, mediaType: string, text: string, artifactType = mediaType): StoredImage =>
  imageOf({
    schemaVersion: 2,
    mediaType: OCI_IMAGE,
    artifactType,
    config: EMPTY,
    layers: [layer(mediaType, text)],
    subject: { mediaType: OCI_IMAGE, digest: subject, size: 1 },
  });

const plain = (annotations = {}) =>
  imageOf({
    schemaVersion: 2,
    mediaType: OCI_IMAGE,
    config: layer('application/vnd.oci.image.config.v1+json', '{}'),
    layers: [],
    annotations,
  });

async function collectedFrom(digest: string, images: readonly StoredImage[], texts: readonly string[]) {
  const store = memoryStore();
  const collector = await openSbomCollector(store, NOW);
  const blobs = new Map([...texts, '{}'].map((text) => [sha256(text), text]));
  await read({ repositories: { app: { images, blobs } } }, [running('app:1', digest)], {
    level: 'sbom-collect',
    sbomSink: collector,
  });
  await collector.finish();
  const rows = await readShard(store, shardOf('lodash'));
  return { image: (await readCollected(store)).get(digest), rows };
}

describe('SBOMs that are collected from ECR', () => {
  test.each([
    ['SPDX that was attached', 'application/spdx+json', spdx2([LODASH])],
    ['CycloneDX that was attached', 'application/vnd.cyclonedx+json', cycloneDx([LODASH])],
  ])('%s is searchable', async (_, mediaType, document) => {
    const image = plain();
    const text = JSON.stringify(document);
    const found = await collectedFrom(image.digest, [image, attached(image.digest, mediaType, text)], [text]);
    expect(found.image).toMatchObject({
      searchable: true,
      documents: [{ via: 'referrer', packages: expect.any(Number) }],
    });
    expect(found.rows).toMatchObject([LODASH]);
  });

  test('an SBOM in a bundle of Sigstore is searchable', async () => {
    const image = plain();
    const text = JSON.stringify(bundle(dsse(statement(spdx2([LODASH]), image.digest.slice(7)))));
    const type = 'application/vnd.dev.sigstore.bundle.v0.3+json';
    const found = await collectedFrom(image.digest, [image, attached(image.digest, type, text)], [text]);
    expect(found.image).toMatchObject({ searchable: true });
    expect(found.rows).toMatchObject([LODASH]);
  });

  test('attestations of BuildKit cover the platforms of an index, and one without leaves it open', async () => {
    const [amd, arm] = [plain({ of: 'amd64' }), plain({ of: 'arm64' })];
    const attestation = (subject: StoredImage) => {
      const text = JSON.stringify(statement(spdx2([LODASH]), subject.digest.slice(7)));
      const predicate = { 'in-toto.io/predicate-type': 'https://spdx.dev/Document' };
      const manifest = imageOf({
        schemaVersion: 2,
        mediaType: OCI_IMAGE,
        config: layer('application/vnd.oci.image.config.v1+json', '{}'),
        layers: [layer('application/vnd.in-toto+json', text, predicate)],
      });
      return { text, manifest, subject };
    };
    const found = async (attestations: readonly ReturnType<typeof attestation>[]) => {
      const index = imageOf({
        schemaVersion: 2,
        mediaType: OCI_INDEX,
        manifests: [
          ...[amd, arm].map(({ digest }, at) => ({
            mediaType: OCI_IMAGE,
            digest,
            size: 1,
            platform: { os: 'linux', architecture: at === 0 ? 'amd64' : 'arm64' },
          })),
          ...attestations.map(({ manifest, subject }) => ({
            mediaType: OCI_IMAGE,
            digest: manifest.digest,
            size: 1,
            platform: { os: 'unknown', architecture: 'unknown' },
            annotations: {
              'vnd.docker.reference.type': 'attestation-manifest',
              'vnd.docker.reference.digest': subject.digest,
            },
          })),
        ],
      });
      const images = [index, amd, arm, ...attestations.map(({ manifest }) => manifest)];
      return collectedFrom(
        index.digest,
        images,
        attestations.map(({ text }) => text),
      );
    };
    expect((await found([attestation(amd), attestation(arm)])).image).toMatchObject({ searchable: true });
    const half = await found([attestation(amd)]);
    expect(half.image).toMatchObject({ searchable: false, reason: '1 of its 2 platforms has no SBOM.' });
    expect(half.rows).toMatchObject([LODASH]);
  });

  test('a document that is not in the registry any more is known to be missing', async () => {
    const image = plain();
    const text = JSON.stringify(spdx2([LODASH]));
    const found = await collectedFrom(
      image.digest,
      [image, attached(image.digest, 'application/spdx+json', text)],
      [],
    );
    expect(found.image).toMatchObject({ searchable: false, again: true });
    expect(found.rows).toEqual([]);
  });

  test('an image without an SBOM is not collected', async () => {
    const image = plain();
    expect((await collectedFrom(image.digest, [image], [])).image).toBeUndefined();
    expect((await collectedFrom(digestOf('e'), [image], [])).image).toBeUndefined();
  });
});
