import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { aPodOf, type Fields, NOW } from '../fixes/audited.ts';
import { writtenFixes } from '../fixes/written.ts';
import { run } from './run.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'eks-drift-audit-page-patches-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The page of an audit of these objects. */
async function pageOf(objects: readonly Fields[]): Promise<string> {
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  const args = ['audit', '--snapshot', '-', '--now', NOW, '--out', folder];
  const { stderr, code } = await run(args, list);
  if (code === 4 || code === 5) throw new Error(stderr);
  return readFileSync(join(folder, 'latest', 'report.html'), 'utf8');
}

/** The patches that can be copied from the cards, as their readers get them. */
const copied = (page: string): readonly string[] =>
  [
    ...page.matchAll(
      /<summary>Patch: [^<]*<\/summary><div class="command"><pre[^>]*><code>([\s\S]*?)<\/code>/g,
    ),
  ].map(([, html = '']) =>
    html
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&#39;', "'")
      .replaceAll('&amp;', '&'),
  );

const TMP = { name: 'tmp', emptyDir: {} };
const deployment = (name: string, more: Fields = {}): Fields =>
  aPodOf({ kind: 'Deployment', name, spec: { volumes: [TMP], ...more } });

describe('patches on the page', () => {
  test('a card shows the text that fixes --write writes, to copy, and says how to apply it', async () => {
    const objects = [deployment('web'), deployment('api', { hostNetwork: true })];
    const written = (await writtenFixes(objects)).filter(({ row }) => row.kind !== 'no-egress-policy');
    expect(written.length).toBeGreaterThan(3);
    const shown = copied(await pageOf(objects));
    for (const { file, text } of written) {
      const name = file.slice(file.lastIndexOf('/') + 1);
      expect(shown).toContain(text.replaceAll(file, name));
    }
    expect(shown).toHaveLength(written.length);
  });

  test('what AWS or a chart manages has none', async () => {
    const labels = { 'app.kubernetes.io/managed-by': 'Helm' };
    expect(copied(await pageOf([aPodOf({ kind: 'Deployment', labels })]))).toEqual([]);
  });

  test('a name with characters that reverse text is in no patch', async () => {
    const page = await pageOf([
      deployment('web', { volumes: [{ name: 'a\u202eb', emptyDir: {} }] }),
      deployment('</code><img src=x onerror=alert(1)>'),
    ]);
    expect(page).not.toContain('\u202e');
    expect(page).not.toContain('<img');
    expect(copied(page).join()).not.toContain('a\\u{202e}b');
  });
});
