import { describe, expect, test } from '@jest/globals';
import { nameLines, paragraphLines, tableLines } from '../../../lambda/cli/render/columns.ts';

const HOSTILE = 'a\u001b[2J\nb';
const SAFE = 'a\\u{1b}[2J\\nb';

describe('columns', () => {
  const columns = [{ cut: 'middle' }, { align: 'right' }, { cut: 'end' }] as const;

  test('columns are aligned, numbers to the right', () => {
    const rows = [
      [{ text: 'NAME' }, { text: 'PODS' }, { text: 'WHY' }],
      [{ text: '東京' }, { text: '1,200' }, { text: 'old' }],
    ];
    expect(tableLines(rows, { columns, width: 80, indent: 2 })).toEqual([
      '  NAME   PODS  WHY',
      '  東京  1,200  old',
    ]);
  });

  test('the widest columns that may be cut are cut first, and columns that may not are kept', () => {
    const rows = [[{ text: 'n'.repeat(60) }, { text: '123456' }, { text: 'w'.repeat(20) }]];
    const [line = ''] = tableLines(rows, { columns, width: 60, indent: 0 });
    expect(line).toHaveLength(60);
    expect(line).toContain('  123456  ');
    expect(line).toMatch(/^n+…n+ /);
    expect(line).toContain('w'.repeat(20));
  });

  test('columns contain no unsafe characters', () => {
    expect(tableLines([[{ text: HOSTILE }]], { columns: [{}], width: 80, indent: 0 })).toEqual([SAFE]);
    expect(paragraphLines(HOSTILE, { width: 80, indent: 0, lead: HOSTILE })).toEqual([SAFE + SAFE]);
    expect(nameLines([HOSTILE], { width: 80, indent: 0, lead: HOSTILE })).toEqual([SAFE + SAFE]);
  });
});

describe('a paragraph', () => {
  test('a paragraph is indented below its lead and cut after its maximum of lines', () => {
    expect(
      paragraphLines('one two three four five six seven', { width: 24, indent: 2, lead: '→ ', lines: 2 }),
    ).toEqual(['  → one two three four', '    five six seven']);
    expect(paragraphLines('word '.repeat(50), { width: 40, indent: 0, lines: 2 })[1]).toMatch(/…$/);
  });
});

describe('a list of names', () => {
  test('a list of names counts those that it leaves out', () => {
    const names = Array.from({ length: 100 }, (_, index) => `name-${index}`);
    const text = nameLines(names, { width: 40, indent: 0 }).join(' ');
    const shown = text.match(/name-\d+/g)?.length ?? 0;
    expect(text).toContain(`and ${100 - shown} more`);
    expect(shown).toBeGreaterThan(3);
  });
});
