import { afterEach, describe, expect, test } from '@jest/globals';
import { openOciApi, type RegistryLogin } from '../../lambda/connect/oci/oci-api.ts';
import { imageKey, type RegistryLevel } from '../../lambda/inventory/images.ts';
import { NO_MEMORY } from '../../lambda/registry/known.ts';
import { placeOf } from '../../lambda/registry/place.ts';
import { readImages } from '../../lambda/registry/read-images.ts';
import { imageOf, OCI_IMAGE, OCI_INDEX, type StoredImage, sha256 } from '../support/ecr-server.ts';
import { type OciServer, type OciServerOptions, startOciServer } from '../support/oci-server.ts';

let server: OciServer | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

const CONFIG = JSON.stringify({ config: { User: '101' } });
const APP = imageOf(
  { mediaType: OCI_IMAGE, config: { mediaType: 'x/config', digest: sha256(CONFIG), size: 1 }, layers: [] },
  { tags: ['1.4.2'] },
);

interface Asked extends Partial<OciServerOptions> {
  readonly images?: readonly StoredImage[];
  readonly level?: RegistryLevel;
  readonly login?: string;
  readonly as?: RegistryLogin | null;
  readonly mostRequests?: number;
  readonly tag?: string;
  readonly runs?: string;
  /** What the status of the pod says. @defaultValue the repository with the digest that runs */
  readonly imageId?: string | null;
}

async function ask({
  images = [APP],
  level = 'metadata',
  as = null,
  mostRequests = 100,
  ...rest
}: Asked = {}) {
  const { tag = '1.4.2', runs = APP.digest, imageId, ...options } = rest;
  await server?.close();
  server = await startOciServer({
    repositories: { 'team/app': { images, blobs: new Map([[sha256(CONFIG), CONFIG]]) } },
    ...options,
  });
  const { host } = server;
  const named = imageId === undefined ? `${host}/team/app@${runs}` : imageId;
  const image = { image: `${host}/team/app:${tag}`, imageId: named };
  const { facts } = await readImages([image], {
    level,
    scans: 'auto',
    now: Date.parse('2026-03-01T12:00:00Z'),
    memory: NO_MEMORY,
    openEcr: async () => null,
    openOci: async () => openOciApi({ host, login: as, mostRequests }),
  });
  const found = facts.get(imageKey(image));
  if (found === undefined) throw new Error('it was not asked about');
  return found;
}

describe('a registry by the OCI API', () => {
  test('says what a tag points at, by HEAD alone', async () => {
    expect((await ask()).tag).toEqual({ value: { digest: APP.digest, match: 'same' } });
    expect(server?.requests).toEqual(['HEAD /v2/team/app/manifests/1.4.2']);
  });

  test('says nothing of push times, mutability and scans, which is known and no setting', async () => {
    const { pushedAt, repository, scan } = await ask();
    for (const fact of [pushedAt, repository, scan]) expect(fact).toMatchObject({ reason: 'platform' });
  });

  test('a tag that is gone is gone', async () => {
    expect((await ask({ tag: '9' })).tag).toEqual({ value: { digest: null, match: 'gone' } });
  });

  test.each([
    [null, 'field-missing'],
    [sha256(CONFIG), 'no-digest'],
  ])(
    'a tag that is gone is not called so where %s is all that is known of what runs',
    async (imageId, reason) => {
      expect((await ask({ tag: '9', imageId })).tag).toMatchObject({ reason });
      expect(server?.requests).toHaveLength(1);
    },
  );

  test('a tag is not called gone where it could not be asked for what runs', async () => {
    const status = ({ path }: { readonly path: string }) => (path.includes('sha256:') ? 500 : null);
    expect((await ask({ tag: '9', status })).tag).toMatchObject({ reason: 'server-error' });
  });

  test('a child of the index of the tag is the same image', async () => {
    const index = imageOf(
      { mediaType: OCI_INDEX, manifests: [{ mediaType: OCI_IMAGE, digest: APP.digest, size: 1 }] },
      { tags: ['2'] },
    );
    const { tag } = await ask({ images: [APP, index], tag: '2' });
    expect(tag).toEqual({ value: { digest: index.digest, match: 'child' } });
  });

  test('the header of an index may have parameters', async () => {
    const index = imageOf(
      { mediaType: OCI_INDEX, manifests: [{ mediaType: OCI_IMAGE, digest: APP.digest, size: 1 }] },
      { tags: ['1.4.2'] },
    );
    const images = [
      { ...index, mediaType: `${OCI_INDEX}; charset=utf-8` },
      { ...APP, tags: [] },
    ];
    expect((await ask({ images })).tag).toMatchObject({ value: { match: 'child' } });
  });

  test('an image that was replaced under its tag is another one', async () => {
    const other = imageOf({ mediaType: OCI_IMAGE, layers: [], annotations: { a: 'b' } }, { tags: ['2'] });
    expect((await ask({ images: [APP, other], tag: '2' })).tag).toEqual({
      value: { digest: other.digest, match: 'other' },
    });
  });

  test('a login gets a token for its repository', async () => {
    const as = { username: 'auditor', password: 'hunter2' };
    expect((await ask({ login: 'auditor:hunter2', as })).tag).toMatchObject({ value: { match: 'same' } });
    expect(server?.requests).toContain('GET /token');
  });

  test.each([
    ['no login', null],
    ['a wrong login', { username: 'auditor', password: 'wrong' }],
  ])('with %s nothing is decided, and a login is what it takes', async (_, as) => {
    for (const challenge of [undefined, 'Basic realm="registry"']) {
      const { tag } = await ask({ login: 'auditor:hunter2', as, ...(challenge && { challenge }) });
      expect(tag).toMatchObject({
        reason: 'unauthorized',
        message: expect.stringContaining('/team/app'),
        remedy: expect.stringContaining('images.registries[].secretArn'),
      });
      expect(JSON.stringify(tag)).not.toContain('wrong');
    }
  });

  test('a login is sent as it is where the registry asks for that', async () => {
    const as = { username: 'auditor', password: 'hunter2' };
    const { tag } = await ask({ login: 'auditor:hunter2', as, challenge: 'Basic realm="registry"' });
    expect(tag).toMatchObject({ value: { match: 'same' } });
    expect(server?.requests).not.toContain('GET /token');
  });

  test.each([
    'secret-token',
    '{"token": secret-token}',
    '["secret-token"]',
    '{"token":{"is":"secret-token"}}',
    'null',
  ])('an answer of its token server that cannot be read is not repeated: %s', async (tokenAnswer) => {
    const as = { username: 'auditor', password: 'hunter2' };
    const { tag } = await ask({ login: 'auditor:hunter2', as, tokenAnswer });
    expect(tag).toMatchObject({ reason: 'server-error', message: expect.stringContaining('gives no token') });
    expect(JSON.stringify(tag)).not.toMatch(/secret-|hunter2/);
  });

  test.each([
    [403, 'forbidden'],
    [500, 'server-error'],
  ])('status %d leaves it open (%s)', async (status, reason) => {
    expect((await ask({ status: () => status })).tag).toMatchObject({ reason });
  });

  test('429 ends all questions to this registry in the run', async () => {
    const { tag, sbom } = await ask({ level: 'sbom-presence', status: () => 429 });
    expect(tag).toMatchObject({ reason: 'server-error', message: expect.stringContaining('429') });
    expect(sbom).toMatchObject({ reason: 'server-error' });
    expect(server?.requests).toHaveLength(1);
  });

  test('no more requests are sent than the configuration allows', async () => {
    const { sbom } = await ask({ level: 'sbom-presence', mostRequests: 2 });
    expect(sbom).toMatchObject({ reason: 'out-of-time', remedy: expect.stringContaining('requestsPerRun') });
    expect(server?.requests).toHaveLength(2);
  });

  test('a registry that cannot be reached leaves it open', async () => {
    const { host } = await startOciServer({ repositories: {} }).then(async (gone) => {
      await gone.close();
      return gone;
    });
    const image = { image: `${host}/app:1`, imageId: `${host}/app@${APP.digest}` };
    const { facts } = await readImages([image], {
      level: 'metadata',
      scans: 'off',
      now: 0,
      memory: NO_MEMORY,
      openEcr: async () => null,
      openOci: async () => openOciApi({ host, login: null, mostRequests: 9 }),
    });
    expect(facts.get(imageKey(image))?.tag).toMatchObject({ reason: 'unreachable' });
  });

  const attached = (tags: readonly string[] = []): StoredImage =>
    imageOf(
      {
        mediaType: OCI_IMAGE,
        layers: [{ mediaType: 'application/spdx+json', digest: sha256('{}'), size: 2 }],
        subject: { mediaType: OCI_IMAGE, digest: APP.digest, size: 1 },
      },
      { tags },
    );

  test('an SBOM is found by the list of referrers, and its image has a user', async () => {
    const { sbom, user } = await ask({ images: [APP, attached()], level: 'sbom-collect' });
    expect(sbom).toMatchObject({ value: [{ via: 'referrer', format: 'spdx-json' }] });
    expect(user).toEqual({ value: '101' });
  });

  test('an SBOM is found by the fallback tag where there is no such list', async () => {
    const sbom = attached();
    const fallback = imageOf(
      { mediaType: OCI_INDEX, manifests: [{ mediaType: OCI_IMAGE, digest: sbom.digest, size: 1 }] },
      { tags: [APP.digest.replace(':', '-')] },
    );
    const facts = await ask({ images: [APP, sbom, fallback], referrers: false, level: 'sbom-presence' });
    expect(facts.sbom).toMatchObject({ value: [{ via: 'tag', format: 'spdx-json' }] });
  });

  test('a manifest whose bytes are not those of its digest is not believed', async () => {
    const forged = { ...APP, manifest: JSON.stringify({ mediaType: OCI_IMAGE, layers: [] }) };
    expect((await ask({ images: [forged], level: 'sbom-presence' })).sbom).toMatchObject({
      reason: 'malformed-object',
    });
  });
});

describe('where an image comes from', () => {
  const ecr = (host: string) => ({ place: placeOf(`${host}/team/app:1`)?.place });

  test.each([
    '111122223333.dkr.ecr.eu-west-1.amazonaws.com',
    '111122223333.dkr.ecr-fips.us-gov-west-1.amazonaws.com',
    '111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn',
    '111122223333.dkr-ecr.eu-west-1.on.aws',
    '111122223333.dkr-ecr-fips.us-east-1.on.aws',
    '111122223333.dkr.ecr.eusc-de-east-1.amazonaws.eu',
  ])('%s is a registry of ECR', (host) => {
    expect(ecr(host)).toMatchObject({ place: { kind: 'ecr', accountId: '111122223333' } });
  });

  test.each([
    'public.ecr.aws',
    '111122223333.dkr.ecr.eu-west-1.amazonaws.com.evil.example',
    'dkr.ecr.eu-west-1.amazonaws.com',
  ])('%s is none', (host) => {
    expect(ecr(host)).toMatchObject({ place: { kind: 'oci', host } });
  });

  // Whoever writes a pod chooses the text, and the registry of it is asked with the auditor's login.
  test.each([
    'ghcr.io/../../token:1',
    'ghcr.io/a/../b:1',
    'ghcr.io/a?b:1',
    'ghcr.io/a#b:1',
    'ghcr.io/a%2e%2e/b:1',
    'ghcr.io//b:1',
    'ghcr.io/B:1',
    'ghcr.io/ä:1',
  ])('%s names no repository, and nothing is asked about it', (image) => {
    expect(placeOf(image)).toBeNull();
  });

  test.each([
    ['ghcr.io/a/b__c/d-_e:1', null],
    ['ghcr.io/a/b__c/d---e.f_g:1', 'a/b__c/d---e.f_g'],
  ])('%s names the repository %s', (image, repository) => {
    expect(placeOf(image)?.repository ?? null).toBe(repository);
  });

  test.each([
    ['redis', 'docker.io', 'library/redis', 'latest'],
    ['team/app:1', 'docker.io', 'team/app', '1'],
    ['docker.io/redis:7', 'docker.io', 'library/redis', '7'],
    ['index.docker.io/team/app', 'docker.io', 'team/app', 'latest'],
    ['localhost/app:1', 'localhost', 'app', '1'],
    ['registry:5000/app', 'registry:5000', 'app', 'latest'],
  ])('%s is %s/%s', (image, host, repository, tag) => {
    expect(placeOf(image)).toEqual({ place: { kind: 'oci', host }, repository, tag, digest: null });
  });
});
