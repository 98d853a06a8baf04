import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { SAMPLE_CONFIG } from '../lambda/sample/config.ts';

/**
 * Writes the pictures of the report that the README and docs/report.md show: the sample, audited in four weeks by its own
 * configuration, whose limits grew stricter. Needs Chromium, as the tests in a browser do.
 */
const ROOT = fileURLToPath(new URL('../', import.meta.url));
const IMAGES = join(ROOT, 'docs', 'images');

/** What each week's configuration has beside that of the sample. */
const WEEKS: readonly (readonly [now: string, config: string])[] = [
  ['2026-02-09T06:00:00Z', 'limits: { podMaxAge: 90d }\nchecks: { unbounded-empty-dir: off }\n'],
  ['2026-02-16T06:00:00Z', 'limits: { podMaxAge: 90d }\n'],
  ['2026-02-23T06:00:00Z', 'limits: { podMaxAge: 30d }\n'],
  [
    '2026-03-02T06:00:00Z',
    [
      'limits: { podMaxAge: 30d }',
      'exemptions:',
      '  - { check: writable-root-filesystem, namespace: legacy, reason: vendor image, owner: erp-team@example.com, expires: 2026-03-14 }',
      '',
    ].join('\n'),
  ],
];

const PICTURES = [
  { name: 'report.png', hash: '', scheme: 'light', scroll: 0 },
  { name: 'report-findings.png', hash: '#q=is:active&sort=-pods', scheme: 'dark', scroll: null },
] as const;

const folder = mkdtempSync(join(tmpdir(), 'screenshots-'));
try {
  const out = join(folder, 'reports');
  for (const [index, [now, config]] of WEEKS.entries()) {
    const file = join(folder, `week-${index}.yaml`);
    writeFileSync(file, `${SAMPLE_CONFIG}${config}`);
    const args = [
      'audit',
      '--sample',
      '--now',
      now,
      '--config',
      file,
      '--out',
      out,
      '--fail-on',
      'never',
      '--allow-incomplete',
    ];
    execFileSync(join(ROOT, 'node_modules/.bin/tsx'), ['bin/eks-drift-audit.ts', ...args], {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
  const address = pathToFileURL(join(out, 'latest', 'report.html')).href;
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  for (const { name, hash, scheme, scroll } of PICTURES) {
    const page = await browser.newPage({ viewport: { width: 1200, height: 760 }, colorScheme: scheme });
    await page.goto(`${address}${hash}`);
    await page.locator('html[data-ready="true"]').waitFor();
    if (scroll !== null) await page.evaluate(`scrollTo(0, ${scroll})`);
    await page.screenshot({ path: join(IMAGES, name) });
  }
  await browser.close();
} finally {
  if (process.env['KEEP'] === undefined) rmSync(folder, { recursive: true, force: true });
  else console.error(folder);
}
