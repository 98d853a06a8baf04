import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DigestInput } from '../../lambda/report/digest-input.ts';
import { mail } from '../report/golden-parts.ts';
import { GOLDEN_RUNS } from '../report/golden-runs.ts';
import { pageInput } from '../report/page/pages.ts';
import { type Bench, startBench } from './browser.ts';

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

/** Rules of WCAG up to 2.2 AA that do not hold. */
const CHECKED = `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then(({ violations }) => violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ target }) => target.join(' ')) })))`;

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
