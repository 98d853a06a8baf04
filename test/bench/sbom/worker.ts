import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { findPackage } from '../../../lambda/questions/find-package.ts';
import { parseQuery } from '../../../lambda/sbom/query.ts';
import { folderStore } from '../../../lambda/store/folder-store.ts';
import { gzipLines } from '../../../lambda/store/gzip.ts';
import { inventoryKey, latestKey } from '../../../lambda/store/layout.ts';
import { addCollected } from '../../../lambda/store/sbom/collected.ts';
import {
  addToIndex,
  type IndexEntry,
  partsText,
  shardOf,
  shortDigest,
} from '../../../lambda/store/sbom/index-shards.ts';
import { type Cost, type Measurement, processCost, startClock } from '../measure.ts';
import { CLUSTER } from '../state/rows.ts';

/** One case of the benchmark of SBOMs, in a process of its own: `worker.js CASE IMAGES FOLDER`. */
type Outcome = Cost & Pick<Measurement, 'details'>;
type Job = { readonly images: number; readonly folder: string };

const CASES: Readonly<Record<string, (job: Job) => Promise<Outcome>>> = {
  'make the store': make,
  'find in all images': ({ folder }) => find(folder, 'log4j-core@<2.17.1'),
  'find in few images': ({ folder }) => find(folder, 'package-19990'),
  'add 200 images': ({ folder }) => add(folder),
};

const PACKAGES = 400;
const NAMES = 20_000;
/** Images that are added to the index at once: a million packages. */
const BATCH = 2500;
const RUN = { id: '20260301T060000Z-aaaaaaaa', startedAt: '2026-03-01T06:00:00.000Z' };
const OPTIONS = { contentType: 'application/gzip' };

const digestOf = (image: string): string => `sha256:${createHash('sha256').update(image).digest('hex')}`;

/** A linear congruential generator: the same store on every machine. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function* packagesOf(image: string, next: () => number): Generator<IndexEntry> {
  for (let index = 0; index < PACKAGES; index++) {
    // Some packages are everywhere, most are rare. The first one is log4j-core, and in every image.
    const number = index === 0 ? 0 : Math.floor(next() ** 2.5 * NAMES);
    const name = number === 0 ? 'log4j-core' : `package-${number}`;
    const version = `2.${Math.floor(next() * 20)}.${Math.floor(next() * 3)}`;
    const purl = `pkg:maven/org.example.group/${name}@${version}`;
    yield { key: name, name, version, purl, image: shortDigest(digestOf(image)) };
  }
}

function* entriesOf(from: number, to: number, prefix: string): Generator<IndexEntry> {
  const next = numbers(from + 1);
  for (let image = from; image < to; image++) yield* packagesOf(`${prefix}${image}`, next);
}

async function make({ images, folder }: Job): Promise<Outcome> {
  const store = folderStore(join(folder, 'store'));
  const parts = new Map<string, Set<number>>();
  const stop = startClock();
  for (let from = 0; from < images; from += BATCH) {
    await addToIndex(store, noting(parts, entriesOf(from, Math.min(images, from + BATCH), 'image')));
  }
  const cost = stop();
  const collected = Array.from({ length: images }, (_, index) => ({
    digest: digestOf(`image${index}`),
    searchable: index % 20 !== 0,
    reason: index % 20 === 0 ? 'No SBOM of a platform.' : null,
    documents: [],
    parts: partsText(parts.get(shortDigest(digestOf(`image${index}`))) ?? []),
    collectedAt: RUN.startedAt,
    again: false,
  }));
  await addCollected(store, collected);
  const summary = JSON.stringify({ run: RUN, clusters: [{ cluster: CLUSTER }] });
  await store.put(latestKey('summary.json'), [Buffer.from(summary)], OPTIONS);
  await store.put(inventoryKey(RUN, CLUSTER), gzipLines(podsOf(images)), OPTIONS);
  return { ...cost, details: {} };
}

/** Hands entries on, and keeps in which parts of the index each image is. */
function* noting(parts: Map<string, Set<number>>, entries: Iterable<IndexEntry>): Generator<IndexEntry> {
  for (const entry of entries) {
    const shards = parts.get(entry.image) ?? new Set();
    parts.set(entry.image, shards.add(shardOf(entry.key)));
    yield entry;
  }
}

function* podsOf(images: number): Generator<string> {
  for (let pod = 0; pod < images * 3; pod++) {
    const app = Math.floor(pod / 3);
    const repository = `111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/app-${app}`;
    const row = {
      cluster: CLUSTER.name,
      namespace: `team-${app % 200}`,
      pod: `app-${app}-${pod}`,
      uid: '2e3f17ca-5f36-4e32-8b32-0f0f3e903582',
      workload: { kind: 'Deployment', name: `app-${app}` },
      node: 'ip-10-20-1-27.eu-west-1.compute.internal',
      phase: 'Running',
      startedAt: RUN.startedAt,
      terminating: false,
      images: [
        {
          container: 'app',
          image: `${repository}:1.0`,
          imageId: `${repository}@${digestOf(`image${app}`)}`,
          startedAt: RUN.startedAt,
        },
      ],
    };
    yield `${JSON.stringify(row)}\n`;
  }
}

async function find(folder: string, text: string): Promise<Outcome> {
  const query = parseQuery(text);
  if (typeof query === 'string') throw new Error(query);
  const stop = startClock();
  const { found } = await findPackage(folderStore(join(folder, 'store')), query);
  return { ...stop(), details: { found: found.length } };
}

async function add(folder: string): Promise<Outcome> {
  const stop = startClock();
  await addToIndex(folderStore(join(folder, 'store')), entriesOf(0, 200, 'new'));
  return { ...stop(), details: {} };
}

function indexBytes(folder: string): number {
  const index = join(folder, 'store', 'sbom', 'index');
  return readdirSync(index).reduce((sum, name) => sum + statSync(join(index, name)).size, 0);
}

const [name = '', images = '', folder = ''] = process.argv.slice(2);
const outcome = await CASES[name]?.({ images: Number(images), folder });
if (outcome === undefined) throw new Error(`there is no case "${name}"`);
const measurement: Measurement = {
  name,
  pods: Number(images),
  ...outcome,
  ...processCost(),
  bytes: indexBytes(folder),
};
process.stdout.write(JSON.stringify(measurement));
