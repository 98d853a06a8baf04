import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

const CSS = readFileSync(new URL('../../../lambda/report/page/client/page.css', import.meta.url), 'utf8');

/** The colours of one scheme: dark ones take the place of those in light. */
function colours(scheme: 'light' | 'dark'): ReadonlyMap<string, string> {
  const blocks = [...CSS.matchAll(/:root \{([^}]*)\}/g)].map(([, body = '']) => body);
  const used = scheme === 'light' ? blocks.slice(0, 1) : blocks.slice(0, 2);
  return new Map(
    used.flatMap((body) =>
      [...body.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(
        ([, name = '', value = '']) => [name, value] as const,
      ),
    ),
  );
}

/** https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(a: string, b: string): number {
  const [darker = 0, lighter = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (lighter + 0.05) / (darker + 0.05);
}

/** What is written on what. */
const PAIRS: readonly (readonly [text: string, ground: string])[] = [
  ...['page-text', 'muted-text', 'link-text'].flatMap((text) =>
    ['page', 'panel'].map((ground) => [text, ground] as const),
  ),
  ...['critical', 'high', 'medium', 'low', 'gap', 'good', 'selected'].map(
    (name) => [`${name}-text`, name] as const,
  ),
  ['gap-text', 'gap'],
];

describe.each(['light', 'dark'] as const)('the %s colours', (scheme) => {
  test.each(PAIRS)('%s can be read on %s', (text, ground) => {
    const all = colours(scheme);
    const [on, under] = [all.get(text), all.get(ground)];
    if (on === undefined || under === undefined)
      throw new RangeError(`There is no colour ${text} or ${ground}.`);
    // AA for text of any size.
    expect(contrast(on, under)).toBeGreaterThanOrEqual(4.5);
  });

  test('what is not text stands out from its ground, too', () => {
    const all = colours(scheme);
    for (const name of ['focus', 'gap-text', 'high']) {
      expect(contrast(all.get(name) ?? '', all.get('page') ?? '')).toBeGreaterThanOrEqual(3);
    }
  });
});
