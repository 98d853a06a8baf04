import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { PageInput } from '../../lambda/report/page/page-input.ts';
import { reportPage } from '../../lambda/report/page/report-page.ts';

/** Debian's, or the one that is named. */
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** A browser, and a folder for the pages that it opens as a person would: from a file. */
export interface Bench {
  readonly browser: Browser;
  write(name: string, input: PageInput): string;
  open(address: string, options?: OpenOptions): Promise<Opened>;
  close(): Promise<void>;
}

export interface OpenOptions extends BrowserContextOptions {
  /** What follows the `#`. */
  readonly hash?: string;
}

export interface Opened {
  readonly page: Page;
  /** What the browser complained of: errors, and what the policy of the page has refused. */
  readonly complaints: string[];
  /** Addresses that were asked for. */
  readonly requests: string[];
  /** Messages of dialogs, which only a script that does not belong here opens. */
  readonly alerts: string[];
}

/** Looks again for half a minute: what follows an act in a later task of the browser may be late on a busy machine. */
export async function eventually(look: () => Promise<void>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return await look();
    } catch (error) {
      if (tries === 600) throw error;
    }
    await wait(50);
  }
}

/** @throws Error where there is no browser: to pass without one would prove nothing */
export async function startBench(): Promise<Bench> {
  if (!existsSync(CHROMIUM)) {
    throw new Error(
      `There is no browser at ${CHROMIUM}: install chromium with apt-get, or name one in CHROMIUM.`,
    );
  }
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--enable-precise-memory-info'],
  });
  const folder = mkdtempSync(join(tmpdir(), 'report-'));
  return {
    browser,
    write(name, input) {
      const path = join(folder, `${name}.html`);
      writeFileSync(path, [...reportPage(input)].join(''));
      return pathToFileURL(path).href;
    },
    async open(address, { hash = '', ...options } = {}) {
      const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
      const page = await context.newPage();
      const opened: Opened = { page, complaints: [], requests: [], alerts: [] };
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning')
          opened.complaints.push(message.text());
      });
      page.on('pageerror', (error) => opened.complaints.push(error.message));
      page.on('request', (request) => opened.requests.push(request.url()));
      page.on('dialog', (dialog) => {
        opened.alerts.push(dialog.message());
        void dialog.dismiss();
      });
      await page.goto(`${address}${hash === '' ? '' : `#${hash}`}`);
      if (options.javaScriptEnabled !== false)
        await page.locator('html[data-ready="true"]').waitFor({ timeout: 60_000 });
      return opened;
    },
    async close() {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
