import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { InventoryRow } from '../../lambda/inventory/inventory.ts';
import { openSbomCollector } from '../../lambda/run/collect-sboms.ts';
import { folderStore } from '../../lambda/store/folder-store.ts';
import { sbomIndexKey } from '../../lambda/store/layout.ts';
import { shardOf } from '../../lambda/store/sbom/index-shards.ts';
import { aRegistry } from '../run/sbom-registry.ts';
import { cycloneDx, type Listed } from '../sbom/documents.ts';
import { run } from './run.ts';

const NOW = '2026-03-02T06:00:00Z';
const log4j = (version: string): Listed => ({
  name: 'log4j-core',
  version,
  purl: `pkg:maven/org.apache.logging.log4j/log4j-core@${version}`,
});

const folder = mkdtempSync(join(tmpdir(), 'eks-drift-audit-sbom-'));
const store = folderStore(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function rows(): Promise<readonly InventoryRow[]> {
  const found: InventoryRow[] = [];
  for await (const key of store.list('inventory/')) {
    const text = gunzipSync(readFileSync(join(folder, key))).toString('utf8');
    for (const line of text.trim().split('\n')) found.push(JSON.parse(line) as InventoryRow);
  }
  return found;
}

/** The digest that runs of an image whose name holds a text. */
async function digestOf(image: string): Promise<string> {
  for (const row of await rows()) {
    const found = row.images.find((one) => one.image?.includes(image) && one.imageId !== null);
    if (found?.imageId) return found.imageId.slice(found.imageId.indexOf('@') + 1);
  }
  throw new Error(`nothing runs ${image}`);
}

async function attach(image: string, packages: readonly Listed[] | string): Promise<void> {
  const of = aRegistry();
  const collector = await openSbomCollector(store, Date.parse(NOW));
  const digest = await digestOf(image);
  const document = typeof packages === 'string' ? packages : cycloneDx(packages);
  await collector.take(digest, { places: [of.attach(digest, document)], left: null }, of.registry);
  expect(await collector.finish()).toMatchObject({ images: 1 });
}

const find = (text: string, ...flags: readonly string[]) =>
  run(['sbom', 'find', text, '--store', folder, ...flags]);

beforeAll(async () => {
  await run(['audit', '--sample', '--now', NOW, '--out', folder, '--fail-on', 'never', '--allow-incomplete']);
  await attach('erp/monolith', [log4j('@version@')]);
  await attach('library/postgres', '<bom xmlns="http://cyclonedx.org/schema/bom/1.6"/>');
});

describe('sbom find', () => {
  test('workloads with a version in the range are listed, those without are not', async () => {
    const { code, stdout } = await find('log4j-core@<2.17.1');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^PACKAGE +VERSION +IMAGE +CLUSTER +WORKLOAD +PODS +RUNNING SINCE$/m);
    expect(stdout).toMatch(
      /^log4j-core +2\.14\.1 +shop\/search:8\.2\.0 +shop-prod +\S*search\S* +\d+ +20\d\d-\d\d-\d\d$/m,
    );
    expect(stdout).not.toContain('ledger');
  });

  test('a version that cannot be compared is listed, and said to be so', async () => {
    const { stdout } = await find('log4j-core@<2.17.1');
    expect(stdout).toMatch(/^log4j-core +@version@ \? +erp/m);
    expect(stdout).toContain(
      'One row is marked with ?: the version or the type of its package cannot be compared, so look',
    );
  });

  test('the last line counts the images that could not be searched', async () => {
    for (const text of ['log4j-core', 'no-such-package']) {
      const { stdout } = await find(text);
      expect(stdout.trimEnd().split('\n').at(-1)).toMatch(
        /^\d+ of \d+ running images have no searchable SBOM; they may contain it\.$/,
      );
    }
  });

  test('nothing found proves nothing while some images cannot be searched', async () => {
    const { code, stdout } = await find('no-such-package');
    expect(code).toBe(3);
    expect(stdout).toContain(
      'No SBOM of the images that ran at the last run (Mon, 02 Mar 2026 06:00 UTC) lists',
    );
  });

  test('a program gets all of it: pods, digests, and the images that cannot be searched', async () => {
    const { code, stdout, stderr } = await find(
      'pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1',
      '-o',
      'json',
    );
    expect(code).toBe(1);
    const document = JSON.parse(stdout) as {
      found: { match: string; digest: string; pods: string[]; cluster: { accountId: string } }[];
      images: { running: number; unsearchable: number };
      unsearchable: { reason: string }[];
    };
    const [first] = document.found;
    expect(first).toMatchObject({ match: 'yes', digest: await digestOf('shop/search:8.2.0') });
    expect(first?.pods.length).toBeGreaterThan(0);
    expect(document.unsearchable).toHaveLength(document.images.unsearchable);
    expect(document.unsearchable.map(({ reason }) => reason)).toContain(
      'An SBOM was found that cannot be searched: CycloneDX XML cannot be searched.',
    );
    expect(stderr).toMatch(/running images have no searchable SBOM; they may contain it\.\n$/);
  });

  test('a spreadsheet gets one row a workload', async () => {
    const { stdout } = await find('log4j-core@2.14.1', '-o', 'csv');
    const [head, first] = stdout.replace('\ufeff', '').split('\r\n');
    expect(head).toBe(
      'package,version,purl,match,image,digest,account,region,cluster,namespace,kind,workload,containers,pods,running_since',
    );
    expect(first?.split(',').slice(0, 4)).toEqual(['log4j-core', '2.14.1', log4j('2.14.1').purl, 'yes']);
  });

  test.each([
    [['sbom', 'find', 'x'], 2],
    [['sbom', 'find', 'x@^1', '--store', folder], 2],
    [['sbom', 'find', 'x', '--store', 's3://B'], 2],
    [['sbom', 'find', 'x', '--store', join(folder, 'missing')], 4],
    [['sbom', 'find', 'x', '--store', join(folder, 'sbom')], 4],
  ])('%j ends with code %d', async (argv, code) => {
    const ran = await run(argv);
    expect(ran.code).toBe(code);
    expect(ran.stdout).toBe('');
    expect(ran.stderr).toMatch(/^error: /);
  });
});

describe('an index that lost a part', () => {
  const part = join(folder, sbomIndexKey(shardOf('log4j-core')));
  const lines = async () => (await find('log4j-core', '-o', 'json')).stdout;
  const missing = `Its packages are missing from ${part}`;

  test('no image of which it held packages counts as searched', async () => {
    const whole = JSON.parse(await lines()) as { images: { unsearchable: number } };
    const bytes = readFileSync(part);
    rmSync(part);
    try {
      const { code, stdout } = await find('log4j-core', '-o', 'json');
      const without = JSON.parse(stdout) as {
        images: { unsearchable: number };
        unsearchable: { reason: string }[];
      };
      expect(code).toBe(3);
      expect(without.images.unsearchable).toBeGreaterThan(whole.images.unsearchable);
      expect(without.unsearchable.map(({ reason }) => reason).join('\n')).toContain(missing);
    } finally {
      writeFileSync(part, bytes);
    }
    expect(await lines()).not.toContain(missing);
  });
});
