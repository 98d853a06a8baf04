import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { anAudited } from '../report/builders.ts';
import { drifted, mail, old, openEgress, PROD, US, updates, writable } from '../report/golden-parts.ts';
import { pageInput } from '../report/page/pages.ts';
import { type Bench, eventually, type Opened, startBench } from './browser.ts';

const INPUT = pageInput(
  mail([
    anAudited(PROD, [
      updates({ name: 'checkout', owner: 'payments', status: 'open' }),
      writable({ name: 'checkout', owner: 'payments', status: 'open' }),
      openEgress({ namespace: 'legacy', name: 'erp', owner: 'erp-team', status: 'open', pods: 12 }),
      drifted({ owner: 'payments' }),
      {
        ...writable({ namespace: 'attic', name: 'crm' }),
        status: 'exempt',
        exemption: { reason: 'vendor image', owner: 'crm', expires: '2027-03-31' },
      },
    ]),
    anAudited(US, [
      old({ cluster: US, owner: 'shop', status: 'open' }),
      old({ cluster: US, name: 'gone', status: 'gone' }),
    ]),
  ]),
);

let bench: Bench;
let address: string;
beforeAll(async () => {
  bench = await startBench();
  address = bench.write('table', INPUT);
});
afterAll(() => bench.close());

const rows = (page: Page) => page.locator('.spacer [role="row"]');
const names = async (page: Page): Promise<readonly string[]> =>
  rows(page).locator('.workload b').allTextContents();
const result = (page: Page) => page.locator('.result[role="status"]');

/** Presses a button, which says only for a moment that it has copied. */
async function copying(page: Page, button: string, press: () => Promise<void>): Promise<string> {
  await page.evaluate(`(() => {
    const one = document.querySelector(${JSON.stringify(button)});
    new MutationObserver(() => { one.dataset.said = one.textContent; }).observe(one, { childList: true });
  })()`);
  await press();
  await page.locator(`${button}[data-said="Copied"]`).waitFor();
  return (await page.evaluate('navigator.clipboard.readText()')) as string;
}

async function closing(opened: Promise<Opened>, use: (opened: Opened) => Promise<void>): Promise<void> {
  const own = await opened;
  try {
    await use(own);
    expect(own.complaints).toEqual([]);
  } finally {
    await own.page.context().close();
  }
}

describe('the table of findings', () => {
  test('the page asks for nothing but itself', () =>
    closing(bench.open(address), async ({ page, requests }) => {
      expect(await result(page).textContent()).toBe('7 of 7 findings');
      expect(requests.filter((request) => !request.startsWith('data:'))).toHaveLength(1);
    }));

  test('a search shows what fits, and its address shows the same to others', () =>
    closing(bench.open(address), async ({ page }) => {
      await page.fill('#search', 'owner:payments is:active -check:runtime-*');
      expect(await result(page).textContent()).toBe('2 of 7 findings');
      const again = await bench.open(page.url().split('#')[0] ?? '', {
        hash: page.url().split('#')[1] ?? '',
      });
      expect(await names(again.page)).toEqual(await names(page));
      expect(await again.page.inputValue('#search')).toBe('owner:payments is:active -check:runtime-*');
      await again.page.context().close();
      await page.fill('#search', 'there is no such thing');
      expect(await result(page).textContent()).toContain('nothing fits');
    }));

  test('lists narrow what is shown, and count what other values would show', () =>
    closing(bench.open(address), async ({ page }) => {
      await page.selectOption('#facet-status', { label: 'exempt (1)' });
      expect(await names(page)).toEqual(['attic/Deployment/crm']);
      expect(await page.locator('#facet-status option').allTextContents()).toContain('gone (1)');
      expect(await page.locator('#facet-owner option').allTextContents()).toEqual(['all', 'no owner (1)']);
      await page.click('text=Show all');
      expect(await result(page).textContent()).toBe('7 of 7 findings');
    }));

  test('a heading sorts, and once more the other way round', () =>
    closing(bench.open(address), async ({ page }) => {
      await page.click('.top >> text=Pods');
      expect(await page.locator('.top .pods').getAttribute('aria-sort')).toBe('ascending');
      await page.click('.top >> text=Pods');
      expect((await names(page))[0]).toBe('legacy/Deployment/erp');
      expect(await page.locator('.top .pods').getAttribute('aria-sort')).toBe('descending');
    }));

  test('rows can be grouped', () =>
    closing(bench.open(address), async ({ page }) => {
      await page.selectOption('#group', 'workload');
      expect(await result(page).textContent()).toBe('7 of 7 findings in 5 groups');
      expect(await rows(page).first().textContent()).toBe(
        'payments/Deployment/checkout in prod-eu3 findings',
      );
    }));

  test('links of the sections above lead to what they count', () =>
    closing(bench.open(address), async ({ page }) => {
      await page.click('#teams a:text-is("erp-team")');
      await eventually(async () => expect(await page.inputValue('#search')).toBe('owner:erp-team'));
      expect(await names(page)).toEqual(['legacy/Deployment/erp']);
    }));
});

describe('one finding', () => {
  test('the address of a finding opens it', () =>
    closing(bench.open(address, { hash: LINK }), async ({ page }) => {
      const dialog = page.locator('dialog[open]');
      expect(await dialog.locator('h2').textContent()).toBe('payments/Deployment/checkout critical');
      expect(await dialog.textContent()).toContain('kubectl -n payments patch deployment checkout');
      expect(await dialog.textContent()).toContain('NSA-CISA');
    }));

  test('the address of a finding that this run does not have says so', () =>
    closing(bench.open(address, { hash: 'f=a/b/c/d/e/f' }), async ({ page }) => {
      expect(await result(page).textContent()).toContain('This run has no finding a/b/c/d/e/f');
      expect(await page.locator('dialog[open]').count()).toBe(0);
    }));

  test('a command is copied as it is shown', () =>
    closing(
      bench.open(address, { hash: LINK, permissions: ['clipboard-read', 'clipboard-write'] }),
      async ({ page }) => {
        const button = 'dialog .command .copy';
        expect(await copying(page, button, () => page.click(button))).toBe(
          'kubectl -n payments patch deployment checkout --patch-file fixes/checkout.yaml',
        );
      },
    ));

  test('a button that is pressed again while it says that it has copied has its own name afterwards', () =>
    closing(
      bench.open(address, { hash: LINK, permissions: ['clipboard-read', 'clipboard-write'] }),
      async ({ page }) => {
        const button = 'dialog .command .copy';
        const name = await page.textContent(button);
        const press = () => page.evaluate<void>(`document.querySelector('${button}').click()`);
        await copying(page, button, press);
        await press();
        await eventually(async () => expect(await page.textContent(button)).toBe(name));
        // The second time is over, too, when the first one was.
        await page.waitForTimeout(2_000);
        expect(await page.textContent(button)).toBe(name);
      },
    ));

  test('the cause of a finding leads to all findings of it', () =>
    closing(bench.open(address, { hash: LINK }), async ({ page }) => {
      await page.click('dialog a:has-text("writable root filesystem")');
      await page.locator('dialog[open]').waitFor({ state: 'detached' });
      expect(await names(page)).toEqual(['payments/Deployment/checkout', 'payments/Deployment/checkout']);
    }));
});

const LINK = 'f=prod-eu/payments/Deployment/checkout/app/runtime-library-update';

/** The patch of the first cause of the page, as it is copied. */
const PATCH = [
  '# Written by eks-drift-audit fixes.',
  '# A patch for <checkout> & its "pods".',
  '# Once, so that kubectl knows the cluster:',
  '#   aws eks update-kubeconfig --name prod-eu --region eu-west-1',
  '# To apply it:',
  '#   kubectl --context arn:aws:eks:eu-west-1:111122223333:cluster/prod-eu -n payments patch x --patch-file p.yaml',
  'spec:',
  '  a: <b>',
  '',
].join('\n');
const PATCHED = (() => {
  const finding = writable({ name: 'checkout', owner: 'payments', status: 'open' });
  const patch = {
    cause: finding.cause?.id ?? '',
    name: 'p',
    notes: ['A patch for <checkout> & its "pods".'],
    before: [],
    document: { spec: { a: '<b>' } },
    command: 'kubectl -n payments patch x --patch-file p.yaml',
  };
  const patches = [{ score: 1, workload: 'payments/Deployment/checkout', patches: [patch] }];
  return pageInput(mail([{ ...anAudited(PROD, [finding, openEgress({})]), patches }]));
})();

describe('a patch', () => {
  test.each([
    ['the card of its workload', '', '#worst .copied'],
    ['its finding', LINK.replace('runtime-library-update', 'writable-root-filesystem'), 'dialog .copied'],
  ])('a patch is copied from %s, with all of its lines', (_, hash, box) =>
    closing(
      bench.open(bench.write('patched', PATCHED), {
        hash,
        permissions: ['clipboard-read', 'clipboard-write'],
      }),
      async ({ page }) => {
        await page.click(`${box} summary`);
        const button = `${box} .copy`;
        expect(await copying(page, button, () => page.click(button))).toBe(PATCH);
      },
    ),
  );

  test('a finding of another cause has none, and none is printed', () =>
    closing(bench.open(bench.write('patched', PATCHED)), async ({ page }) => {
      await rows(page).filter({ hasText: 'egress-unrestricted' }).click();
      await page.locator('dialog[open]').waitFor();
      expect(await page.locator('dialog .copied').count()).toBe(0);
      await page.emulateMedia({ media: 'print' });
      await page.evaluate("dispatchEvent(new Event('beforeprint'))");
      expect(await page.locator('#worst .copied').isVisible()).toBe(false);
      expect(await page.locator('#worst .remedy').first().isVisible()).toBe(true);
    }));
});

describe('the keyboard', () => {
  test('Tab goes through the whole page in its order, to what can be seen, and gets stuck nowhere', () =>
    closing(bench.open(bench.write('patched', PATCHED)), async ({ page }) => {
      await page.evaluate(`(() => {
        window.order = [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')]
          .filter((one) => one.checkVisibility({ contentVisibilityAuto: true }));
      })()`);
      const all = (await page.evaluate('order.length')) as number;
      const places: number[] = [];
      for (let at = 0; at < all; at++) {
        await page.keyboard.press('Tab');
        const [place, seen] = (await page.evaluate(
          '(() => { const one = document.activeElement; const { bottom, top, right } = one.getBoundingClientRect(); return [order.indexOf(one), bottom > 0 && top < innerHeight && right > 0]; })()',
        )) as readonly [number, boolean];
        expect([place, seen]).toEqual([place, true]);
        places.push(place);
      }
      expect(places).toEqual(Array.from({ length: all }, (_, place) => place));
    }));

  test('Enter opens the patch of a card, and its button copies it', () =>
    closing(
      bench.open(bench.write('patched', PATCHED), { permissions: ['clipboard-read', 'clipboard-write'] }),
      async ({ page }) => {
        await page.locator('#worst .copied summary').focus();
        await page.keyboard.press('Enter');
        await page.keyboard.press('Tab');
        expect(await page.evaluate('document.activeElement.tagName')).toBe('PRE');
        await page.keyboard.press('Tab');
        const press = () => page.keyboard.press('Enter');
        expect(await copying(page, '#worst .copied .copy', press)).toBe(PATCH);
      },
    ));

  test('a person without a mouse gets from the search to a finding and back', () =>
    closing(bench.open(address), async ({ page }) => {
      await page.keyboard.press('/');
      await page.keyboard.type('payments');
      expect(await page.inputValue('#search')).toBe('payments');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
      const focused = await page.evaluate('document.activeElement.dataset.index');
      expect(focused).toBe('1');
      await page.keyboard.press('Enter');
      // The same key must not press the first button of the dialog.
      await page.waitForTimeout(100);
      expect(await page.locator('dialog[open]').count()).toBe(1);
      await page.keyboard.press('Escape');
      await page.locator('dialog[open]').waitFor({ state: 'detached' });
      const focusedRow = () => page.evaluate('document.activeElement.dataset.index');
      await eventually(async () => expect(await focusedRow()).toBe('1'));
      await page.keyboard.press('End');
      expect(await focusedRow()).toBe('2');
      await page.keyboard.press('Home');
      expect(await focusedRow()).toBe('0');
    }));
});

describe('what leaves the page', () => {
  test('the CSV holds the view and nothing else', () =>
    closing(bench.open(address, { hash: 'q=namespace:legacy', acceptDownloads: true }), async ({ page }) => {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.click('text=CSV of this view'),
      ]);
      const text = readFileSync(await download.path(), 'utf8');
      expect(download.suggestedFilename()).toBe('findings-20260302T060000Z.csv');
      expect(text.split('\r\n').filter((line) => line !== '')).toHaveLength(2);
      expect(text).toContain(
        'high,open,egress-unrestricted,"prod-eu (111122223333, eu-west-1)",legacy,Deployment,erp',
      );
    }));

  test('the printer gets the rows that are shown, as a table', () =>
    closing(bench.open(address, { hash: 'q=is:active' }), async ({ page }) => {
      await page.emulateMedia({ media: 'print' });
      await page.evaluate("dispatchEvent(new Event('beforeprint'))");
      expect(await page.locator('.printed tbody tr').count()).toBe(5);
      expect(await page.locator('.grid').isVisible()).toBe(false);
      expect(await page.locator('nav').isVisible()).toBe(false);
      expect((await page.pdf()).subarray(0, 5).toString()).toBe('%PDF-');
    }));
});
