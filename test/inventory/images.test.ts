import { describe, expect, test } from '@jest/globals';
import { imageKey, reaches, runningImage } from '../../lambda/inventory/images.ts';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('what an imageID says of a running image', () => {
  test.each([
    ['a digest behind a repository', `registry.example.com:5000/team/app@${DIGEST}`, 'repo-digest'],
    ['as Docker wrote it', `docker-pullable://nginx@${DIGEST}`, 'repo-digest'],
    ['a bare digest, which is that of the configuration', DIGEST, 'config-id'],
    ['the same as Docker wrote it', `docker://${DIGEST}`, 'config-id'],
  ])('%s', (_, imageId, form) => {
    expect(runningImage(imageId)).toEqual({ form, digest: DIGEST });
  });

  test.each([
    ['nothing', null],
    ['an empty text', ''],
    ['a digest that is cut off', `app@${DIGEST.slice(0, 20)}`],
    ['a tag', 'registry.example.com/app:1.4.2'],
  ])('nothing is known of %s', (_, imageId) => {
    expect(runningImage(imageId)).toEqual({ form: 'none', digest: null });
  });
});

test('an image whose tag moved on is another one than the same image that has been pulled again', () => {
  const image = 'registry.example.com/app:1.4.2';
  expect(imageKey({ image, imageId: `app@${DIGEST}` })).not.toBe(imageKey({ image, imageId: null }));
});

test('each level of reading registries includes those before it', () => {
  expect(reaches('sbom-collect', 'sbom-presence')).toBe(true);
  expect(reaches('sbom-presence', 'sbom-presence')).toBe(true);
  expect(reaches('metadata', 'sbom-presence')).toBe(false);
});
