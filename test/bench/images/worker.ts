import { join } from 'node:path';
import type { CredentialsProvider } from '../../../lambda/connect/aws/client.ts';
import { openEcr } from '../../../lambda/connect/aws/ecr.ts';
import { MOST_REPOSITORIES, openInspector } from '../../../lambda/connect/aws/inspector.ts';
import { inParallel } from '../../../lambda/in-parallel.ts';
import { readImages } from '../../../lambda/registry/read-images.ts';
import { imageMemory } from '../../../lambda/run/image-memory.ts';
import { folderStore } from '../../../lambda/store/folder-store.ts';
import { type Cost, type Measurement, processCost, startClock } from '../measure.ts';
import { CLUSTER } from '../state/rows.ts';
import { ACCOUNT, idsByRepository, imagesInUse, NOW, REGION } from './registry.ts';

/** One case of the benchmark of images, in a process of its own: `worker.js CASE IMAGES SERVER FOLDER`. */
const [, , name = '', images = '', server = '', folder = ''] = process.argv;
const count = Number(images);
let calls = 0;

/** The same, with every question counted. */
const counted = <Api extends object>(api: Api): Api =>
  new Proxy(api, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== 'function' || property === 'close') return value;
      return (...given: unknown[]): unknown => {
        calls++;
        return Reflect.apply(value, target, given);
      };
    },
  });

const accessKeyId = name.includes('50 ms') ? 'AKIASLOW' : 'AKIAFAST';
const settings = {
  region: REGION,
  endpoint: server,
  credentials: (async () => ({ accessKeyId, secretAccessKey: 'secret' })) as unknown as CredentialsProvider,
};
const ecr = counted(openEcr({ ...settings, registryId: ACCOUNT }));
const inspector = counted(openInspector(settings));

async function audited(): Promise<Cost> {
  const inUse = imagesInUse(count);
  const stop = startClock();
  const { facts } = await readImages(inUse, {
    level: 'metadata',
    scans: 'auto',
    now: NOW,
    memory: imageMemory(folderStore(join(folder, name.startsWith('warm') ? 'cold' : name)), CLUSTER),
    openOci: async () => null,
    openEcr: async ({ accountId, region }) => ({
      ecr,
      inspector: () => inspector,
      asker: {
        accountId,
        region,
        partition: 'aws',
        principalArn: `arn:aws:iam::${ACCOUNT}:role/Auditor`,
        ownAccountId: ACCOUNT,
      },
    }),
  });
  const cost = stop();
  const known = [...facts.values()].filter(({ pushedAt }) => 'value' in pushedAt).length;
  if (known !== count) throw new Error(`${known} of ${count} images were described`);
  return cost;
}

/** Calls at once, as the audit makes them. */
const AT_ONCE = 4;

/** The calls that it takes, and nothing else: what comes back is dropped. */
async function alone(): Promise<Cost> {
  const repositories = idsByRepository(count);
  const names = repositories.map((one) => one.name);
  const some = (from: number, most: number): readonly string[] => names.slice(from, from + most);
  const stop = startClock();
  await ecr.cachePrefixes();
  await ecr.scanType();
  for (let from = 0; from < names.length; from += 100) await ecr.repositories(some(from, 100));
  for (let from = 0; from < names.length; from += MOST_REPOSITORIES)
    await inspector.coverage(some(from, MOST_REPOSITORIES));
  await inParallel(repositories, AT_ONCE, ({ name: repository, digests, tags }) =>
    ecr.images(repository, [
      ...digests.map((imageDigest) => ({ imageDigest })),
      ...tags.map((imageTag) => ({ imageTag })),
    ]),
  );
  return stop();
}

const cost = name === 'the calls alone' ? await alone() : await audited();
const measurement: Measurement = {
  name,
  pods: count,
  ...cost,
  ...processCost(),
  bytes: 0,
  details: { calls },
};
process.stdout.write(JSON.stringify(measurement));
ecr.close();
inspector.close();
