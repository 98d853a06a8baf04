import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Finding } from '../../lambda/findings/finding.ts';
import type { InventoryRow } from '../../lambda/inventory/inventory.ts';
import { SBOMS } from '../../lambda/sample/sbom-documents.ts';
import { run } from '../cli/run.ts';
import { EVERYTHING, hub } from '../lib/deployed.ts';
import { type Answers, ask, type Catalog, catalogOf } from './support/athena.ts';

/**
 * The tables and saved queries as they are deployed, over what runs have written: two runs of the sample, ten days
 * apart, the second with an exemption and with the inventory of a cluster that was read in two parts.
 */
const DAY = 86_400_000;
const NOW = new Date(Math.floor(Date.now() / 1000) * 1000);
const TODAY = NOW.toISOString().slice(0, 10);
const CONFIG = `exemptions:
  - { check: writable-root-filesystem, namespace: "*", reason: vendor image, owner: team@example.com, expires: 2999-12-31 }
`;

let folder: string;
let catalog: Catalog;
let told: Answers;
let findings: readonly Finding[];
let inventory: readonly InventoryRow[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'athena-'));
  const config = join(folder, 'audit.config.yaml');
  writeFileSync(config, CONFIG);
  const out = join(folder, 'reports');
  const audit = ['audit', '--sample', '--out', out, '-o', 'json', '--fail-on', 'never', '--allow-incomplete'];
  const before = new Date(NOW.getTime() - 10 * DAY).toISOString();
  await run([...audit, '--now', before, '--config', config]);
  makeNews(out);
  await run([...audit, '--now', NOW.toISOString(), '--config', config]);
  catalog = catalogOf(hub(EVERYTHING));
  const today = `date=${TODAY}`;
  findings = objectsOf(join(out, 'findings'), today).flatMap((path) => rowsOf<Finding>(path));
  const pods = objectsOf(join(out, 'inventory'), today);
  inventory = pods.flatMap((path) => rowsOf<InventoryRow>(path));
  splitInParts(pods[0] ?? '');
  const { findings: of, inventory: pod, packages, compliance } = catalog.tables;
  told = await ask(out, {
    ...catalog,
    tables: {
      findings: of ?? {},
      inventory: pod ?? {},
      packages: packages ?? {},
      compliance: compliance ?? {},
    },
  });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const objectsOf = (root: string, date: string): readonly string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.includes(date) && path.endsWith('.ndjson.gz'))
    .map((path) => join(root, path))
    .sort();

const linesOf = (path: string): readonly string[] =>
  gunzipSync(readFileSync(path)).toString('utf8').trimEnd().split('\n');

const rowsOf = <Row>(path: string): readonly Row[] => linesOf(path).map((line) => JSON.parse(line) as Row);

/** Some findings of the second run were not known before: they are taken out of the state. */
function makeNews(out: string): void {
  const root = join(out, 'state');
  const [path = ''] = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((one) =>
    one.endsWith('state.json.gz'),
  );
  const file = join(root, path);
  rmSync(file);
}

/** As a fleet writes a cluster that it audits in parts. */
function splitInParts(path: string): void {
  const lines = linesOf(path);
  const run = basename(path, '.ndjson.gz');
  mkdirSync(dirname(path), { recursive: true });
  const half = Math.floor(lines.length / 2);
  for (const [name, part] of [
    ['shard-01-of-02', lines.slice(0, half)],
    ['shard-02-of-02', lines.slice(half)],
  ] as const) {
    writeFileSync(join(dirname(path), `${run}-${name}.ndjson.gz`), gzipSync(`${part.join('\n')}\n`));
  }
  rmSync(path);
}

const answers = (name: string) => told.answers[name] ?? [];
const isActive = ({ status }: Finding): boolean => status === 'new' || status === 'open';
const nameOf = ({ cluster, workload }: Finding): string =>
  [cluster.name, workload.namespace, workload.kind, workload.name].join(' ');
const named = ({ cluster, namespace, kind, name }: Readonly<Record<string, unknown>>): string =>
  [cluster, namespace, kind, name].join(' ');

describe('the tables', () => {
  test('declare what is written, no more and no less, in its types', () => {
    // Only rows of manifests have an origin, and only withdrawn ones a reason; few causes are told by their content, and few findings
    // stay when their cause is removed.
    const some = ['cause.content', 'origin', 'reason', 'remainsby', 'remainsby.content'].map(
      (column) => `${column} is a column, and not written`,
    );
    expect(told.problems).toEqual({ findings: some, inventory: [], packages: [], compliance: [] });
    expect(told.counts['findings']).toBeGreaterThan(findings.length);
    expect(told.counts['inventory']).toBeGreaterThan(inventory.length);
  });

  test('of one cluster have the same columns', () => {
    const { tables } = catalog;
    expect(tables['findings_of_cluster']).toEqual(tables['findings']);
    expect(tables['inventory_of_cluster']).toEqual(tables['inventory']);
  });
});

describe('the saved queries', () => {
  test('are all run here', () => {
    expect(catalog.queries.map(({ id }) => id).sort()).toEqual([
      'Controls over time',
      'Controls that do not pass',
      'Exemptions in force',
      'New in the last seven days',
      'Oldest workloads',
      'Running images without an SBOM',
      'Where a package runs',
      'Where an image runs',
      'Who can reach a package registry',
    ]);
  });

  test('name the oldest workloads of the last run, oldest first', () => {
    const wanted = findings.filter(
      (one) => isActive(one) && ['pod-too-old', 'container-too-old'].includes(one.check),
    );
    const rows = answers('Oldest workloads');
    expect(rows.map(named).sort()).toEqual(wanted.map(nameOf).sort());
    expect(rows.length).toBeGreaterThan(5);
    const times = rows.map(({ oldest }) => String(oldest));
    expect(times).toEqual([...times].sort());
    expect(new Set(times).size).toBeGreaterThan(3);
  });

  test('name who can reach a registry, those first who could install what they fetch', () => {
    const wanted = findings.filter(
      (one) => isActive(one) && ['egress-package-registry', 'runtime-library-update'].includes(one.check),
    );
    const rows = answers('Who can reach a package registry');
    expect(rows.map(named).sort()).toEqual([...new Set(wanted.map(nameOf))].sort());
    const installs = new Set(wanted.filter(({ check }) => check === 'runtime-library-update').map(nameOf));
    expect(
      rows.slice(0, installs.size).every((row) => row['can_install'] === true && installs.has(named(row))),
    ).toBe(true);
    expect(installs.size).toBeGreaterThan(0);
    expect(rows.length).toBeGreaterThan(installs.size);
  });

  test('name what is new, and not what was there before', () => {
    const wanted = findings.filter(
      (one) => isActive(one) && Date.parse(one.firstSeen) > NOW.getTime() - 7 * DAY,
    );
    const rows = answers('New in the last seven days');
    expect(rows.map((row) => `${named(row)} ${row['check']} ${row['container']}`).sort()).toEqual(
      wanted.map((one) => `${nameOf(one)} ${one.check} ${one.container}`).sort(),
    );
    expect(wanted.length).toBeGreaterThan(0);
    expect(wanted.length).toBeLessThan(findings.filter(isActive).length);
    const ranks = rows.map(({ severity }) => ['critical', 'high', 'medium', 'low'].indexOf(String(severity)));
    expect(ranks).toEqual([...ranks].sort());
  });

  test('name the controls of the last run that do not pass, as its compliance.csv does', () => {
    const rows = answers('Controls that do not pass');
    const [last] = readdirSync(join(folder, 'reports', 'runs'))
      .sort()
      .slice(-1);
    const path = join(folder, 'reports', 'compliance', `date=${TODAY}`, `${last}.ndjson.gz`);
    const wanted = rowsOf<Readonly<Record<string, unknown>>>(path).filter(
      ({ result }) => result !== 'pass' && result !== 'not applicable',
    );
    const keyOf = (row: Readonly<Record<string, unknown>>): string =>
      ['framework', 'control', 'check', 'cluster', 'result', 'run'].map((name) => row[name]).join(' ');
    expect(rows.map(keyOf).sort()).toEqual(wanted.map(keyOf).sort());
    expect(new Set(rows.map(({ result }) => result)).size).toBeGreaterThan(1);
  });

  test('count the runs of each month in which a control failed, and never one as passed that was not decided', () => {
    const rows = answers('Controls over time');
    expect(rows.length).toBeGreaterThan(20);
    for (const row of rows) {
      const [runs, fails, open, passes] = [
        'runs',
        'runs_that_fail',
        'runs_not_evaluated',
        'runs_that_pass',
      ].map((name) => Number(row[name]));
      expect(Number(passes) + Math.max(Number(fails), Number(open))).toBeLessThanOrEqual(Number(runs));
    }
  });

  test('name the exemptions in force', () => {
    const wanted = findings.filter(({ status }) => status === 'exempt');
    expect(wanted.length).toBeGreaterThan(0);
    expect(answers('Exemptions in force').map(named).sort()).toEqual(wanted.map(nameOf).sort());
  });

  /** The digests of what runs now. */
  const running = (): readonly (string | null)[] =>
    inventory
      .filter(({ phase }) => !['Succeeded', 'Failed'].includes(phase ?? ''))
      .flatMap(({ images }) => images.map(({ imageId }) => imageId?.split('@')[1] ?? null));

  test('find where a package runs, with its version', () => {
    const wanted = SBOMS.flatMap(({ digest, packages }) =>
      packages
        .filter((purl) => purl.includes('/log4j-core@') && running().includes(digest))
        .map((purl) => purl.slice(purl.lastIndexOf('@') + 1)),
    );
    const rows = answers('Where a package runs');
    expect(wanted.length).toBeGreaterThan(1);
    expect(rows.map(({ version }) => version)).toEqual(wanted.toSorted());
    expect(rows.every((row) => row['package'] === 'log4j-core' && Number(row['pods']) > 0)).toBe(true);
  });

  test('name the running images of which no package is known', () => {
    const known = new Set(SBOMS.filter(({ packages }) => packages.length > 0).map(({ digest }) => digest));
    const wanted = new Set(running().filter((digest) => digest === null || !known.has(digest)));
    const named = new Set(answers('Running images without an SBOM').map(({ digest }) => digest || null));
    expect(named).toEqual(wanted);
    expect(wanted.size).toBeLessThan(new Set(running()).size);
  });

  test('find an image in the last run of every cluster, also of one that was read in parts', async () => {
    const images = inventory.flatMap((pod) => pod.images.map(({ image }) => ({ pod: pod.pod, image })));
    const image = images.at(0)?.image ?? '';
    const [query] = catalog.queries.filter(({ id }) => id === 'Where an image runs');
    const sql = query?.sql.replace("'log4j'", `'${image}'`) ?? '';
    expect(sql).toContain(image);
    const { answers: found } = await ask(join(folder, 'reports'), {
      tables: { inventory: catalog.tables['inventory'] ?? {} },
      queries: [{ id: 'image', sql }],
    });
    expect(found['image']?.map(({ pod }) => pod).sort()).toEqual(
      images
        .filter((one) => one.image === image)
        .map(({ pod }) => pod)
        .sort(),
    );
    const clusters = new Set(inventory.map(({ cluster }) => cluster));
    expect(clusters.size).toBe(2);
  });
});
