import { describe, expect, test } from '@jest/globals';
import type { RegistryLevel } from '../../lambda/inventory/images.ts';
import { imageKey } from '../../lambda/inventory/images.ts';
import { type RegistryAnswer, registriesInFiles } from '../../lambda/registry/in-files.ts';
import { NO_MEMORY } from '../../lambda/registry/known.ts';
import { readImages } from '../../lambda/registry/read-images.ts';
import { imageOf, OCI_IMAGE } from '../support/ecr-server.ts';
import { ACCOUNT, DAY, NOW, running } from './read-from.ts';

const APP = imageOf({ mediaType: OCI_IMAGE, layers: [] });
const SIGNATURE = imageOf({
  mediaType: OCI_IMAGE,
  layers: [{ mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json', digest: APP.digest, size: 1 }],
  subject: { mediaType: OCI_IMAGE, digest: APP.digest, size: 1 },
});
const own = { registryId: ACCOUNT, repositoryName: 'app' };

/** As `aws ecr describe-images` and `batch-get-image` print it. */
const described = (digests: readonly string[], rest: object = {}): RegistryAnswer => ({
  imageDetails: digests.map((imageDigest, at) => ({
    ...own,
    imageDigest,
    imagePushedAt: new Date(NOW - DAY).toISOString(),
    imageManifestMediaType: OCI_IMAGE,
    ...(at === 0 ? { imageTags: ['1'] } : {}),
  })),
  ...rest,
});
const manifests = (...images: readonly (typeof APP)[]): RegistryAnswer => ({
  images: images.map(({ digest, manifest }) => ({
    ...own,
    imageId: { imageDigest: digest },
    imageManifest: manifest,
    imageManifestMediaType: OCI_IMAGE,
  })),
});
const RULES: RegistryAnswer = { pullThroughCacheRules: [] };

async function asked(
  answers: readonly RegistryAnswer[],
  { tag = '1', level = 'sbom-presence' }: { readonly tag?: string; readonly level?: RegistryLevel } = {},
) {
  const image = running(`app:${tag}`, APP.digest);
  const { facts } = await readImages([image], {
    ...registriesInFiles([RULES, ...answers]),
    level,
    scans: 'auto',
    now: NOW,
    memory: NO_MEMORY,
  });
  const found = facts.get(imageKey(image));
  if (found === undefined) throw new Error('it was not asked about');
  return found;
}

describe('what files hold of a registry', () => {
  test('that there is no SBOM is known where the manifests of all images of the repository are there', async () => {
    const whole = [described([APP.digest, SIGNATURE.digest]), manifests(APP, SIGNATURE)];
    expect((await asked(whole)).sbom).toEqual({ value: [] });
    const part = [described([APP.digest, SIGNATURE.digest]), manifests(APP)];
    expect((await asked(part)).sbom).toMatchObject({
      reason: 'not-in-snapshot',
      remedy: expect.stringContaining('aws ecr batch-get-image --repository-name app'),
    });
  });

  test('an image that is listed without its manifest is not gone from the registry', async () => {
    const other = imageOf({ mediaType: OCI_IMAGE, layers: [], annotations: { a: 'b' } });
    const { sbom } = await asked([described([APP.digest]), manifests(other)]);
    expect(sbom).toMatchObject({ reason: 'not-in-snapshot' });
  });

  test.each([['nextToken'], ['NextToken']])(
    'a tag that is not in a list that goes on (%s) is not gone',
    async (member) => {
      const level = 'metadata' as const;
      expect((await asked([described([APP.digest])], { tag: '2', level })).tag).toEqual({
        value: { digest: null, match: 'gone' },
      });
      const cut = described([APP.digest], { [member]: 'more' });
      expect((await asked([cut], { tag: '2', level })).tag).toMatchObject({ reason: 'not-in-snapshot' });
      expect((await asked([cut], { level })).tag).toMatchObject({ value: { match: 'same' } });
      expect((await asked([cut, manifests(APP)])).sbom).toMatchObject({ reason: 'not-in-snapshot' });
    },
  );
});
