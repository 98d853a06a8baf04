import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { InventoryRow } from '../../lambda/inventory/inventory.ts';
import { SBOMS } from '../../lambda/sample/sbom-documents.ts';
import { parsePurl } from '../../lambda/sbom/purl.ts';
import { folderStore } from '../../lambda/store/folder-store.ts';
import { run } from '../cli/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'eks-drift-audit-sample-sboms-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(async () => {
  const audit = ['audit', '--sample', '--out', folder, '--fail-on', 'never', '--allow-incomplete'];
  await run([...audit, '--now', '2026-03-02T06:00:00Z']);
});

const find = (text: string, ...flags: readonly string[]) =>
  run(['sbom', 'find', text, '--store', folder, ...flags]);

describe('the SBOMs of the sample', () => {
  test('each is of an image that runs in the sample, and each of its purls is one', async () => {
    const running = new Set<string>();
    for await (const key of folderStore(folder).list('inventory/')) {
      const lines = gunzipSync(readFileSync(join(folder, key)))
        .toString('utf8')
        .trim()
        .split('\n');
      for (const line of lines) {
        for (const { imageId } of (JSON.parse(line) as InventoryRow).images)
          running.add(imageId?.split('@')[1] ?? '');
      }
    }
    expect(SBOMS.map(({ digest }) => digest).filter((digest) => !running.has(digest))).toEqual([]);
    expect(
      SBOMS.flatMap(({ packages }) => packages).filter((purl) => parsePurl(purl)?.version == null),
    ).toEqual([]);
  });

  test('the sample answers which workloads have a vulnerable log4j-core, and what it cannot know', async () => {
    const { code, stdout } = await find('log4j-core@<2.17.1');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^log4j-core +2\.14\.1 +shop\/search:8\.2\.0 +shop-prod/m);
    expect(stdout).toMatch(/^log4j-core +2\.16\.0 +shop\/settlement:2\.2\.0 +shop-prod/m);
    expect(stdout).not.toContain('2.17.1 ');
    expect(stdout).toContain('CycloneDX XML cannot be searched.');
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(
      '44 of 59 running images have no searchable SBOM; they may contain it.',
    );
  });

  test.each([
    ['openssl@<3.0.12', 'deb', true],
    ['openssl@<3.0.11', 'deb', false],
    ['pkg:apk/alpine/openssl@<3.3.1-r4', 'apk', true],
    ['openssl-libs@<3.0.8', 'rpm', false],
    ['openssl-libs@<=3.0.8', 'rpm', true],
    ['nokogiri@<1.15.3', 'gem', true],
    ['urllib3@<1.26.17', 'pypi', true],
    ['express@<4.19.0', 'npm', true],
    ['github.com/golang-jwt/jwt@<5.2.2', 'golang', true],
    ['stdlib@<1.24.3', 'golang', false],
  ])('%s compares versions of %s', async (text, type, expected) => {
    const { stdout } = await find(text, '-o', 'json');
    const { found } = JSON.parse(stdout) as { found: { match: string; package: { purl: string } }[] };
    const of = found.filter(({ package: { purl } }) => purl.startsWith(`pkg:${type}/`));
    expect(of.length > 0).toBe(expected);
    expect(of.every(({ match }) => match === 'yes')).toBe(true);
  });
});
