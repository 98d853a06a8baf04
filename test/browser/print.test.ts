import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { run } from '../cli/run.ts';
import { type Bench, startBench } from './browser.ts';

let bench: Bench;
let folder: string;
let address: string;
beforeAll(async () => {
  bench = await startBench();
  folder = mkdtempSync(join(tmpdir(), 'print-'));
  const out = join(folder, 'reports');
  await run(['audit', '--sample', '--out', out, '--fail-on', 'never', '--allow-incomplete']);
  address = pathToFileURL(join(out, 'latest', 'report.html')).href;
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await bench.close();
});

/** On A4, as a browser prints it. */
async function pagesOf(page: Page): Promise<number> {
  const pdf = await page.pdf({
    format: 'A4',
    margin: { top: '1cm', bottom: '1cm', left: '1cm', right: '1cm' },
  });
  return pdf.toString('latin1').match(/\/Type\s*\/Page[^s]/g)?.length ?? 0;
}

async function onPaper<T>(hash: string, act: (page: Page) => Promise<T>): Promise<T> {
  const { page } = await bench.open(address, { hash, viewport: { width: 720, height: 1000 } });
  await page.emulateMedia({ media: 'print' });
  await page.evaluate("dispatchEvent(new Event('beforeprint'))");
  try {
    return await act(page);
  } finally {
    await page.context().close();
  }
}

describe('the report of the sample, printed', () => {
  test('has few pages, which somebody reads', async () => {
    const { page } = await bench.open(address);
    const pages = await pagesOf(page);
    await page.context().close();
    expect(pages).toBeGreaterThan(3);
    expect(pages).toBeLessThanOrEqual(10);
  });

  test('of all findings the first are printed, with where the others are', () =>
    onPaper('', async (page) => {
      expect(await page.locator('.printed tbody tr').count()).toBe(25);
      expect(await page.locator('.printed p').first().textContent()).toMatch(
        /^The first 25 rows of \d+ findings; all are in findings\.csv.*\. To print others, narrow the table in a browser\.$/,
      );
    }));

  test('of a search all that it found is printed', () =>
    onPaper('q=severity:high', async (page) => {
      expect(await page.locator('.printed tbody tr').count()).toBeGreaterThan(70);
      expect(await page.locator('.printed p').first().textContent()).toMatch(/^\d+ findings of a search\.$/);
    }));

  test('each of the worst workloads has up to three causes with their fixes, and what is left out is said', () =>
    onPaper('', async (page) => {
      const seen = (selector: string) => page.locator(selector).filter({ visible: true }).count();
      expect(await seen('#worst .card')).toBe(10);
      const shown = await seen('#worst .causes > ol > li');
      expect(shown).toBeGreaterThan(10);
      expect(shown).toBeLessThanOrEqual(30);
      expect(await seen('#worst .remedy')).toBe(shown);
      expect(await seen('#worst .command, #worst .risk, #worst .copied')).toBe(0);
      expect(await page.locator('#worst .on-paper').textContent()).toContain('are in report.html');
      expect(await seen('#worst .on-paper')).toBe(1);
    }));

  test('what was folded is folded again afterwards', async () => {
    const { page } = await bench.open(address);
    const open = () => page.locator('#worst details.causes[open]').count();
    const before = await open();
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    expect(await open()).toBe(10);
    await page.evaluate("dispatchEvent(new Event('afterprint'))");
    expect([await open(), await page.locator('#worst .on-paper').isVisible()]).toEqual([before, false]);
    await page.context().close();
  });
});
