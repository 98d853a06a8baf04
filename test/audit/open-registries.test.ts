import { describe, expect, test } from '@jest/globals';
import { openRegistries } from '../../lambda/audit/open-registries.ts';
import { parseConfig } from '../../lambda/config/load.ts';
import { type AwsAccess, type AwsRole, openAwsAccess } from '../../lambda/connect/aws/access.ts';
import { type ImageInUse, imageKey } from '../../lambda/inventory/images.ts';
import { readImages } from '../../lambda/registry/read-images.ts';
import { type AwsFront, startAwsFront } from '../support/aws-front.ts';
import {
  type AwsFailure,
  type AwsServer,
  type AwsServerOptions,
  HUB,
  hubCredentials,
  OTHER,
  startAwsServer,
} from '../support/aws-server.ts';
import { keptForOneTest } from '../support/closed-after-each.ts';
import { type EcrServer, imageOf, OCI_IMAGE, startEcrServer } from '../support/ecr-server.ts';
import { type OciServer, type OciServerOptions, startOciServer } from '../support/oci-server.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const THIRD = '777788889999';
const SECRET = `arn:aws:secretsmanager:eu-central-1:${HUB}:secret:ghcr-AbCdEf`;
const APP = imageOf({ mediaType: OCI_IMAGE, layers: [] }, { tags: ['1'], pushedAt: NOW - 1000 });

const roleIn = (account: string, name: string): AwsRole => ({
  arn: `arn:aws:iam::${account}:role/${name}`,
  externalId: null,
  tags: {},
});
const AUDITOR = roleIn(OTHER, 'Auditor');
const MEMBER = { roleName: 'Member', regions: ['eu-west-1'] };

const inEcr = (account: string, region = 'eu-west-1'): ImageInUse => ({
  image: `${account}.dkr.ecr.${region}.amazonaws.com/app:1`,
  imageId: `${account}.dkr.ecr.${region}.amazonaws.com/app@${APP.digest}`,
});
const at = (host: string, name = 'app'): ImageInUse => ({
  image: `${host}/${name}:1`,
  imageId: `${host}/${name}@${APP.digest}`,
});

const kept = keptForOneTest();

interface World extends Pick<AwsServerOptions, 'fail'> {
  readonly sts: AwsServer;
  readonly ecr: EcrServer;
  readonly front: AwsFront;
  readonly access: AwsAccess;
}

async function world(
  fail: NonNullable<AwsServerOptions['fail']> = () => null,
  secrets: Readonly<Record<string, string>> = {},
): Promise<World> {
  const registry = { repositories: { app: { images: [APP] } } };
  const sts = kept(await startAwsServer({ fail }));
  const ecr = kept(
    await startEcrServer({
      registries: Object.fromEntries(
        [HUB, OTHER, THIRD].flatMap((account) =>
          ['eu-west-1', 'us-east-1'].map((region) => [`${account}/${region}`, registry]),
        ),
      ),
    }),
  );
  const front = kept(await startAwsFront({ services: { sts: sts.url, ecr: ecr.url }, secrets }));
  const settings = { region: 'eu-west-1', endpoint: front.url, credentials: hubCredentials, maxAttempts: 1 };
  return { fail, sts, ecr, front, access: kept(openAwsAccess(settings)) };
}

interface Asked {
  readonly config?: string;
  readonly cluster?: Parameters<typeof openRegistries>[0]['cluster'];
}

/** Asks as the audit of one cluster does. */
async function ask(
  { access }: World,
  images: readonly ImageInUse[],
  { config = 'images: { registry: metadata }', cluster = { role: AUDITOR, accountId: OTHER } }: Asked = {},
) {
  const asking = openRegistries({ access, config: parseConfig(config, 'f', []), otherwise: 'off', cluster });
  if (asking === null) throw new Error('registries are not asked');
  const { facts } = await readImages(images, { ...asking, now: NOW });
  return (image: ImageInUse) => {
    const found = facts.get(imageKey(image));
    if (found === undefined) throw new Error(`${image.image} was not asked about`);
    return found;
  };
}

/** Registries that were asked about their repositories. */
const registriesAsked = ({ ecr }: World): readonly string[] => [
  ...new Set(ecr.calls.flatMap(({ registry, repository }) => (repository === null ? [] : registry))),
];

/** Whose credentials asked ECR: the role of a session, or the account of the program's own. */
const askedBy = ({ ecr, sts, fail }: World): readonly string[] => {
  const roles = sts.calls
    .filter((call) => call.action === 'sts:AssumeRole' && !fail?.(call))
    .map(({ parameters }) => parameters.get('RoleArn') ?? '');
  return [...new Set(ecr.calls.map(({ accessKey }) => accessKey))].map((key) =>
    key.startsWith('ASIA') ? (roles[Number(key.slice(4)) - 1] ?? key) : key.slice(4),
  );
};

const denied =
  (...roles: readonly string[]) =>
  ({ action, parameters }: Parameters<NonNullable<AwsServerOptions['fail']>>[0]): AwsFailure | null =>
    action === 'sts:AssumeRole' && roles.some((role) => parameters.get('RoleArn')?.endsWith(role))
      ? { status: 403, code: 'AccessDenied' }
      : null;

describe('whose credentials ask a registry of ECR', () => {
  const listed = `{ images: { registry: metadata }, accounts: [{ id: "${THIRD}", roleName: Member, regions: [eu-west-1] }] }`;
  const organization = `{ images: { registry: metadata }, organization: ${JSON.stringify({ units: ['ou-abcd-12345678'], ...MEMBER })} }`;

  test.each([
    [
      'the member role of its account, where that is listed',
      THIRD,
      listed,
      `arn:aws:iam::${THIRD}:role/Member`,
    ],
    ['the role that reads the cluster, in its own account', OTHER, undefined, AUDITOR.arn],
    ["the program's own in its account, whatever reads the cluster", HUB, undefined, HUB],
    [
      "the cluster's role in an account that is not listed: a repository may let it",
      THIRD,
      undefined,
      AUDITOR.arn,
    ],
    [
      'the member role of an account of the organization',
      THIRD,
      organization,
      `arn:aws:iam::${THIRD}:role/Member`,
    ],
  ])('are those of %s', async (_, account, config, by) => {
    const here = await world();
    const of = await ask(here, [inEcr(account)], config === undefined ? {} : { config });
    expect(of(inEcr(account)).pushedAt).toEqual({ value: NOW - 1000 });
    expect(askedBy(here)).toEqual([by]);
    expect(registriesAsked(here)).toEqual([`${account}/eu-west-1`]);
  });

  test("a cluster that is read with the program's own credentials lends no others", async () => {
    const here = await world();
    await ask(here, [inEcr(THIRD), inEcr(HUB)], { cluster: { role: null, accountId: HUB } });
    expect(askedBy(here)).toEqual([HUB]);
  });

  test('the region is that of the image and not that of the program', async () => {
    const here = await world();
    const image = inEcr(OTHER, 'us-east-1');
    expect((await ask(here, [image]))(image).pushedAt).toEqual({ value: NOW - 1000 });
    expect(registriesAsked(here)).toEqual([`${OTHER}/us-east-1`]);
  });

  test('a listed account that cannot be entered is said, and no other credentials are tried', async () => {
    const here = await world(denied('role/Member'));
    const of = await ask(here, [inEcr(THIRD), inEcr(OTHER)], { config: listed });
    expect(of(inEcr(THIRD))).toMatchObject({
      pushedAt: { reason: 'forbidden', message: expect.stringContaining(`${THIRD}:role/Member`) },
      repository: { reason: 'forbidden' },
      tag: { reason: 'forbidden' },
      scan: { reason: 'forbidden' },
    });
    // The other registry answers all the same.
    expect(of(inEcr(OTHER)).pushedAt).toEqual({ value: NOW - 1000 });
    expect(here.ecr.calls.some(({ registry }) => registry.startsWith(THIRD))).toBe(false);
  });

  test('an account that may not be of the organization after all is asked with the role of the cluster', async () => {
    const here = await world(denied('role/Member'));
    await ask(here, [inEcr(THIRD)], { config: organization });
    expect(askedBy(here)).toEqual([AUDITOR.arn]);
  });

  test("accounts of AWS are not asked, which is no matter of the reader's settings", async () => {
    const here = await world();
    const image = inEcr('602401143452');
    expect((await ask(here, [image]))(image).pushedAt).toMatchObject({ reason: 'platform' });
    expect(here.ecr.calls).toEqual([]);
    expect(here.sts.calls).toEqual([]);
  });

  test('nothing is asked with images.registry: off, nor where it says nothing on a command line', async () => {
    const { access } = await world();
    const cluster = { role: null, accountId: HUB };
    const openWith = (config: string, otherwise: 'metadata' | 'off') =>
      openRegistries({ access, config: parseConfig(config, 'f', []), otherwise, cluster });
    expect(openWith('images: { registry: off }', 'metadata')).toBeNull();
    expect(openWith('{}', 'off')).toBeNull();
    expect(openWith('{}', 'metadata')).toMatchObject({ level: 'metadata', scans: 'auto' });
  });
});

describe('which other registries are asked, and how', () => {
  const LOGIN = '{"username":"robot","password":"hunter2"}';
  const registry = async (options: Partial<OciServerOptions> = {}): Promise<OciServer> =>
    kept(await startOciServer({ repositories: { app: { images: [APP] } }, ...options }));
  const listing = (...registries: readonly object[]): Asked => ({
    config: JSON.stringify({ images: { registry: 'metadata', registries } }),
  });

  test('a listed one anonymously, and no secret is read for it', async () => {
    const [here, { host, requests }] = [await world(), await registry()];
    const of = await ask(here, [at(host)], listing({ host }));
    expect(of(at(host)).tag).toEqual({ value: { digest: APP.digest, match: 'same' } });
    expect(requests).toEqual(['HEAD /v2/app/manifests/1']);
    expect(here.front.secretsAsked).toEqual([]);
  });

  test('one that is not listed is not asked, however much its name is like that of one that is', async () => {
    const [here, one, other] = [await world(), await registry(), await registry()];
    const images = [at(other.host), at(`mirror.${one.host}`), at('127.0.0.1')];
    const of = await ask(here, images, listing({ host: one.host }));
    for (const image of images) {
      expect(of(image).tag).toMatchObject({
        reason: 'registry-not-read',
        remedy: `Add { host: ${image.image.replace('/app:1', '')} } to images.registries.`,
      });
    }
    expect([...one.requests, ...other.requests]).toEqual([]);
  });

  test('its host in a reference may be written in capital letters', async () => {
    const here = await world();
    const { host, requests } = await registry();
    const name = host.replace('127.0.0.1', 'localhost');
    const image = at(name.toUpperCase());
    const of = await ask(here, [image], listing({ host: name }));
    expect(of(image).tag).toEqual({ value: { digest: APP.digest, match: 'same' } });
    expect(requests).toEqual(['HEAD /v2/app/manifests/1']);
  });

  test("a login is read with the program's own credentials, and sent to its own registry alone", async () => {
    const here = await world(undefined, { [SECRET]: LOGIN });
    const [one, other] = [
      await registry({ login: 'robot:hunter2' }),
      await registry({ login: 'robot:hunter2' }),
    ];
    const of = await ask(
      here,
      [at(one.host), at(other.host)],
      listing({ host: one.host, secretArn: SECRET }, { host: other.host }),
    );
    expect(of(at(one.host)).tag).toMatchObject({ value: { match: 'same' } });
    expect(of(at(other.host)).tag).toMatchObject({ reason: 'unauthorized' });
    expect(here.front.secretsAsked).toEqual([
      { secretArn: SECRET, accessKey: `AKIA${HUB}`, region: 'eu-central-1' },
    ]);
  });

  test.each([
    ['that does not exist', {}, 'unauthorized'],
    ['that is no login', { [SECRET]: 'hunter2' }, 'malformed-object'],
  ])('with a secret %s it is not asked anonymously, and others are asked', async (_, secrets, reason) => {
    const here = await world(undefined, secrets);
    const [one, other] = [await registry(), await registry()];
    const of = await ask(
      here,
      [at(one.host), at(other.host)],
      listing({ host: one.host, secretArn: SECRET }, { host: other.host }),
    );
    const facts = of(at(one.host));
    expect(facts.tag).toMatchObject({ reason, message: expect.stringContaining(SECRET) });
    expect(JSON.stringify(facts)).not.toContain('hunter2');
    expect(one.requests).toEqual([]);
    expect(of(at(other.host)).tag).toMatchObject({ value: { match: 'same' } });
  });

  test('each has its own limit of requests, and what is beyond it is not evaluated', async () => {
    const here = await world();
    const names = ['a', 'b', 'c'];
    const repositories = Object.fromEntries(names.map((name) => [name, { images: [APP] }]));
    const [one, other] = [await registry({ repositories }), await registry({ repositories })];
    const images = [one, other].flatMap(({ host }) => names.map((name) => at(host, name)));
    const of = await ask(here, images, listing({ host: one.host, requestsPerRun: 2 }, { host: other.host }));
    expect([one.requests.length, other.requests.length]).toEqual([2, 3]);
    const reasons = images.map((image) => {
      const { tag } = of(image);
      return tag !== undefined && 'reason' in tag ? tag.reason : 'known';
    });
    expect(reasons).toEqual(['known', 'known', 'out-of-time', 'known', 'known', 'known']);
  });
});
