import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { anAudited } from '../report/builders.ts';
import { mail, openEgress, PROD } from '../report/golden-parts.ts';
import { pageInput } from '../report/page/pages.ts';
import { type Bench, startBench } from './browser.ts';
import { HOSTILE, hostileRun } from './inputs.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());

const COUNTS = `['img','svg:not(.trend)','iframe','object','link','style','script','base','form','meta'].map((tag) => [tag, document.querySelectorAll(tag).length])`;

describe('text from clusters in a browser', () => {
  test.each(HOSTILE.map((text, index) => [text, index] as const))(
    '%j stays text in every field, in sections, rows and the dialog',
    async (text, index) => {
      const plain = await bench.open(bench.write(`plain-${index}`, hostileRun('plain')));
      const expected = await plain.page.evaluate(COUNTS);
      await plain.page.context().close();
      const { page, complaints, alerts, requests } = await bench.open(
        bench.write(`hostile-${index}`, hostileRun(text)),
      );
      await page.click('.spacer [role="row"]');
      await page.locator('dialog[open]').waitFor();
      await page.evaluate("dispatchEvent(new Event('beforeprint'))");
      expect(await page.evaluate(COUNTS)).toEqual(expected);
      expect(alerts).toEqual([]);
      expect(complaints).toEqual([]);
      expect(requests.filter((request) => !request.startsWith('data:'))).toHaveLength(1);
      const name = await page.locator('dialog h2').textContent();
      expect(name).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      await page.context().close();
    },
  );
});

describe('the policy of the page in a browser', () => {
  test('markup from text, other scripts and requests are refused', async () => {
    const address = bench.write('policy', pageInput(mail([anAudited(PROD, [openEgress({})])])));
    const { page } = await bench.open(address);
    const attempt = (code: string): Promise<unknown> =>
      page.evaluate(
        `(async () => { try { ${code}; return 'allowed' } catch (error) { return error.name } })()`,
      );
    expect(await attempt("document.body.innerHTML = '<b>x</b>'")).toBe('TypeError');
    expect(await attempt("await fetch('https://example.com/')")).toBe('TypeError');
    expect(
      await page.evaluate(
        "new Promise((done) => { addEventListener('securitypolicyviolation', (event) => done(event.effectiveDirective)); const image = new Image(); image.src = 'https://example.com/x.png'; })",
      ),
    ).toBe('img-src');
    await page.context().close();
  });
});

describe('without scripts', () => {
  test('the sections can be read, and the table says where its rows are', async () => {
    const address = bench.write(
      'no-script',
      pageInput(
        mail([anAudited(PROD, [openEgress({ namespace: 'legacy', name: 'erp', owner: 'erp-team' })])]),
      ),
    );
    const { page } = await bench.open(address, { javaScriptEnabled: false });
    for (const [section, text] of [
      ['answer', '1 new'],
      ['changed', 'namespace legacy in prod-eu'],
      ['not-evaluated', 'Every check was decided'],
      ['worst', 'legacy/Deployment/erp'],
      ['teams', 'erp-team'],
      ['egress', 'legacy in prod-eu'],
      ['findings', 'findings.csv'],
      ['auditor', 'Verdicts by check'],
    ]) {
      expect(await page.locator(`#${section}`).textContent()).toContain(text);
    }
    // What only a script could do is not offered.
    expect(await page.locator('button:visible').count()).toBe(0);
    await page.context().close();
  });
});
