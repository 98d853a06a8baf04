import { describe, expect, test } from '@jest/globals';
import { intoDocument, markdownTable, targetLine } from './result.ts';

describe('a table of the benchmark', () => {
  test('a table of the benchmark is aligned Markdown with numbers to the right', () => {
    expect(markdownTable(['case', 's'], [['audit', '10.50']])).toEqual([
      '| case  |     s |',
      '| ----- | ----: |',
      '| audit | 10.50 |',
    ]);
  });

  test('a table of the benchmark replaces the earlier one of the same command, and no other', () => {
    const place = (command: string, content: string): string =>
      `<!-- bench: ${command} -->\n${content}<!-- end -->\n`;
    const document = `# Before\n${place('pods --pods 1k', 'old\n')}${place('pods', 'other\n')}after\n`;
    expect(intoDocument(document, 'pods --pods 1k', ['new'])).toBe(
      `# Before\n${place('pods --pods 1k', '\nnew\n\n')}${place('pods', 'other\n')}after\n`,
    );
    expect(() => intoDocument(document, 'egress', [])).toThrow('no place marked');
  });
});

describe('a target', () => {
  test('a target is met up to its number, and a miss is given in percent', () => {
    expect(targetLine({ what: 'wall', measured: 0.5, most: 0.5 })).toBe('- wall: 0.50, target ≤ 0.5: met');
    expect(targetLine({ what: 'RSS', measured: 320, most: 256, unit: ' MiB' })).toBe(
      '- RSS: 320 MiB, target ≤ 256 MiB: **missed** by 25 %',
    );
  });
});
