import { describe, expect, test } from '@jest/globals';
import { paragraphLines } from '../../lambda/cli/render/columns.ts';
import { wrapped } from '../../lambda/report/words.ts';

const COMMAND = 'eks-drift-audit egress --context production shop/web --explain';
const TEXT = `Narrow it to what its pods need; ${COMMAND} shows what it opens.`;

describe('a command in a paragraph', () => {
  test.each([40, 60, 80, 100])('stays in one line of %s columns', (width) => {
    const terminal = paragraphLines(TEXT, { width, indent: 2, lines: 9 });
    const mail = wrapped(TEXT, width, '-> ', '   ');
    for (const lines of [terminal, mail]) {
      expect(lines.filter((line) => line.includes(COMMAND))).toHaveLength(1);
      expect(lines.map((line) => line.trim()).join(' ')).toContain(TEXT);
    }
  });

  test('is left out where it would be cut', () => {
    const text = paragraphLines(TEXT, { width: 44, indent: 0, lines: 1 }).join('\n');
    expect(text).toMatch(/^Narrow it to what its pods need; *…$/);
  });
});
