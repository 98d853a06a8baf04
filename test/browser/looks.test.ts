import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DigestInput } from '../../lambda/report/digest-input.ts';
import { mail } from '../report/golden-parts.ts';
import { GOLDEN_RUNS } from '../report/golden-runs.ts';
import { pageInput } from '../report/page/pages.ts';
import { type Bench, startBench } from './browser.ts';
import { hostileRun } from './inputs.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const run = (name: string): DigestInput => GOLDEN_RUNS[name]?.() ?? mail([]);

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());

interface Violation {
  readonly id: string;
  readonly nodes: readonly string[];
}

/** Rules of WCAG up to 2.2 AA that do not hold, but for some. */
const checked = (...without: readonly string[]): string =>
  `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], rules: ${JSON.stringify(Object.fromEntries(without.map((rule) => [rule, { enabled: false }])))} }).then(({ violations }) => violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ target }) => target.join(' ')) })))`;

const CHECKED = checked();
/** Where it has to scroll, a link to a query that is out of sight is taken for one that skips. */
const CHECKED_IN_DIALOG = checked('skip-link');

describe.each(['light', 'dark'] as const)('in the %s scheme', (colorScheme) => {
  test.each(['several-at-once', 'all-clusters-missing', 'fleet-of-60', 'hostile-names'])(
    'the page of the run %s has no violation of accessibility, nor has the dialog',
    async (name) => {
      const address = bench.write(`axe-${name}`, pageInput(run(name)));
      // The policy would keep out the checker as well.
      const { page } = await bench.open(address, { colorScheme, bypassCSP: true, hash: 'q=' });
      await page.addScriptTag({ content: AXE });
      expect((await page.evaluate(CHECKED)) as Violation[]).toEqual([]);
      if ((await page.locator('.spacer [role="row"]').count()) > 0) {
        await page.click('.spacer [role="row"]');
        expect((await page.evaluate(CHECKED)) as Violation[]).toEqual([]);
      }
      await page.context().close();
    },
  );
});

describe.each(['light', 'dark'] as const)('in the %s scheme, where it is narrow', (colorScheme) => {
  test.each([400, 900])('the page has no violation of accessibility at a width of %d', async (width) => {
    const address = bench.write('axe-narrow', hostileRun('<b>"x"</b>'));
    const { page } = await bench.open(address, {
      colorScheme,
      bypassCSP: true,
      viewport: { width, height: 900 },
    });
    await page.addScriptTag({ content: AXE });
    await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
    expect((await page.evaluate(CHECKED)) as Violation[]).toEqual([]);
    await page.click('.spacer [role="row"]');
    await page.evaluate("document.querySelectorAll('dialog details').forEach((one) => { one.open = true; })");
    expect((await page.evaluate(CHECKED_IN_DIALOG)) as Violation[]).toEqual([]);
    await page.context().close();
  });

  test('reasons of what could not be checked are readable without scrolling, also with a digest in them', async () => {
    const image = `111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop/web@sha256:${'a'.repeat(64)}`;
    const address = bench.write('narrow-reasons', hostileRun(image));
    const { page } = await bench.open(address, { colorScheme, viewport: { width: 400, height: 900 } });
    const widths = (await page.evaluate(
      "[...document.querySelectorAll('#not-evaluated tbody th')].map((cell) => cell.getBoundingClientRect().width)",
    )) as number[];
    expect(widths.length).toBeGreaterThan(0);
    expect(Math.max(...widths)).toBeLessThanOrEqual(400);
    await page.context().close();
  });

  test('a button that copies stays in one line, also beside a long patch', async () => {
    const address = bench.write('narrow', hostileRun('<b>"x"</b>'.repeat(20)));
    const { page } = await bench.open(address, { colorScheme, viewport: { width: 400, height: 900 } });
    await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
    const heights = (await page.evaluate(
      "[...document.querySelectorAll('.copy')].map((one) => one.getBoundingClientRect().height)",
    )) as number[];
    expect(heights.length).toBeGreaterThan(2);
    expect(Math.max(...heights)).toBeLessThan(40);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(400);
    await page.context().close();
  });
});

describe('on paper', () => {
  test.each(['several-at-once', 'hostile-names'])(
    'nothing of the run %s is cut at the edge',
    async (name) => {
      const { page } = await bench.open(bench.write(`paper-${name}`, pageInput(run(name))), {
        viewport: { width: 720, height: 1000 },
      });
      await page.emulateMedia({ media: 'print' });
      await page.evaluate("dispatchEvent(new Event('beforeprint'))");
      expect(
        await page.evaluate(
          "[...document.querySelectorAll('main *:not(caption)')].filter((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0 && getComputedStyle(one).overflowX !== 'visible').map((one) => one.className || one.tagName)",
        ),
      ).toEqual([]);
      expect(
        await page.evaluate(
          "[...document.querySelectorAll('pre')].filter((one) => one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1).length",
        ),
      ).toBe(0);
      await page.context().close();
    },
  );
});

describe.each([400, 900, 1400])('at a width of %d', (width) => {
  test.each(['several-at-once', 'fleet-of-60', 'hostile-names', 'measured-drift'])(
    'the page of the run %s does not scroll sideways',
    async (name) => {
      const address = bench.write(`width-${name}`, pageInput(run(name)));
      const { page } = await bench.open(address, { viewport: { width, height: 900 } });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      await page.context().close();
    },
  );
});

test.each([1000, 1120, 1200])(
  'at a width of %d the table has room for the name of a workload',
  async (width) => {
    const address = bench.write(`names-${width}`, pageInput(run('quiet-week')));
    const { page } = await bench.open(address, { viewport: { width, height: 900 } });
    const widths = (await page.evaluate(
      "[...document.querySelectorAll('.spacer .workload')].map((one) => one.getBoundingClientRect().width)",
    )) as number[];
    expect(Math.min(...widths)).toBeGreaterThan(240);
    await page.context().close();
  },
);
