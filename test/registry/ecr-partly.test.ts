import { describe, expect, test } from '@jest/globals';
import { imageOf, OCI_IMAGE, OCI_INDEX, type StoredRegistry } from '../support/ecr-server.ts';
import { ACCOUNT, DAY, digestOf, NOW, read, running } from './read-from.ts';

/** What is refused or fails for some of what a registry is asked, and not for the rest. */

const PUSHED = NOW - 40 * DAY;
const DENIED = { status: 400, code: 'AccessDeniedException' };
const A = digestOf('a');

const registryOf = (names: readonly string[]): StoredRegistry => ({
  repositories: Object.fromEntries(
    names.map((name) => [name, { images: [{ digest: A, tags: ['1'], pushedAt: PUSHED }] }]),
  ),
});

describe('an audit that asks about many repositories', () => {
  const names = Array.from({ length: 20 }, (_, at) => `team/app-${at}`);
  const images = names.map((name) => running(`${name}:1`, A));

  test('is told of each the statement that is missing where none may be described', async () => {
    const { of } = await read(registryOf(names), images, {
      fail: ({ action }) => (action === 'ecr:DescribeRepositories' ? DENIED : null),
    });
    for (const [at, image] of images.entries()) {
      expect(of(image).repository).toMatchObject({
        reason: 'forbidden',
        remedy: expect.stringContaining(
          `"Resource":"arn:aws:ecr:eu-west-1:${ACCOUNT}:repository/${names[at]}"`,
        ),
      });
    }
  });

  test('hears of the others where one may not be described: IAM denies the whole call for one of them', async () => {
    const { of } = await read(registryOf(names), images, {
      fail: ({ action, repositories }) =>
        action === 'ecr:DescribeRepositories' && repositories.includes('team/app-7') ? DENIED : null,
    });
    for (const [at, image] of images.entries()) {
      expect(of(image).repository).toMatchObject(
        at === 7 ? { reason: 'forbidden' } : { value: { tags: 'mutable' } },
      );
    }
  });

  test('hears that one does not exist, and of the others what they are', async () => {
    const gone = running('team/gone:1', A);
    const { of } = await read(registryOf(names), [...images, gone]);
    expect(of(gone).repository).toMatchObject({ reason: 'not-in-registry' });
    for (const image of images) expect(of(image).repository).toMatchObject({ value: { tags: 'mutable' } });
  });

  test('asks once where the registry fails: smaller questions fail likewise', async () => {
    const { of, server } = await read(registryOf(names), images, {
      fail: ({ action }) =>
        action === 'ecr:DescribeRepositories' ? { status: 500, code: 'ServerException' } : null,
    });
    expect(server.count('ecr:DescribeRepositories')).toBe(1);
    for (const image of images) expect(of(image).repository).toMatchObject({ reason: 'server-error' });
  });

  test('asks a bounded number of times where it may describe none', async () => {
    const many = Array.from({ length: 1000 }, (_, at) => `team/app-${at}`);
    const { of, server } = await read(
      registryOf(many),
      many.map((name) => running(`${name}:1`, A)),
      { fail: ({ action }) => (action === 'ecr:DescribeRepositories' ? DENIED : null) },
    );
    expect(server.count('ecr:DescribeRepositories')).toBeLessThanOrEqual(50);
    expect(of(running('team/app-999:1', A)).repository).toMatchObject({ reason: 'forbidden' });
  });
});

test('what fails about the images of an index leaves its scan open: none may have been made', async () => {
  const child = imageOf({ mediaType: OCI_IMAGE, layers: [] }, { pushedAt: PUSHED });
  const index = imageOf(
    { mediaType: OCI_INDEX, manifests: [{ mediaType: OCI_IMAGE, digest: child.digest, size: 1 }] },
    { tags: ['1'], pushedAt: PUSHED },
  );
  let described = 0;
  const image = running('app:1', index.digest);
  const { of } = await read({ repositories: { app: { images: [index, child] } } }, [image], {
    level: 'sbom-presence',
    fail: ({ action }) => {
      if (action !== 'ecr:DescribeImages') return null;
      described++;
      return described === 2 ? { status: 400, code: 'ThrottlingException' } : null;
    },
  });
  expect(described).toBe(2);
  expect(of(image).scan).toMatchObject({ reason: 'server-error' });
});
