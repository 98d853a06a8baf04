import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import stringWidth from 'string-width';
import { type Progress, progressOn } from '../../../lambda/cli/render/progress.ts';

/** A terminal of one line, as much of it as progress needs: carriage return and erase line. */
function aTerminal(columns = 80, isTTY = true) {
  let written = '';
  return {
    isTTY,
    columns,
    write(text: string) {
      written += text;
    },
    all: () => written,
    line: () => stripVTControlCharacters(written.slice(written.lastIndexOf('\u001b[2K') + 4)),
  };
}

function started(terminal: ReturnType<typeof aTerminal>): {
  progress: Progress;
  pass: (milliseconds: number) => void;
} {
  let now = 1_000;
  const progress = progressOn({ stream: terminal, color: false, clock: () => now });
  return {
    progress,
    pass: (milliseconds) => {
      now += milliseconds;
    },
  };
}

describe('progress', () => {
  test('progress shows pages, pods and pods per second of each cluster', () => {
    const terminal = aTerminal();
    const { progress, pass } = started(terminal);
    progress.start('prod-eu');
    pass(500);
    progress.page('prod-eu', { pages: 3, pods: 1500 });
    expect(terminal.line()).toContain('prod-eu: 3 pages, 1,500 pods, 3,000 pods/s');
  });

  test('progress writes nothing where there is no terminal', () => {
    const file = aTerminal(80, false);
    const { progress } = started(file);
    progress.start('a');
    progress.page('a', { pages: 1, pods: 1 });
    progress.done('a');
    progress.stop();
    expect(file.all()).toBe('');
  });

  test('progress clears its line when it stops, and stops only once', () => {
    const terminal = aTerminal();
    const { progress } = started(terminal);
    progress.page('a', { pages: 1, pods: 500 });
    progress.stop();
    const { length } = terminal.all();
    expect(terminal.line()).toBe('');
    progress.stop();
    expect(terminal.all()).toHaveLength(length);
  });

  test('progress stays on one line, however narrow the terminal and hostile the name', () => {
    const terminal = aTerminal(40);
    const { progress, pass } = started(terminal);
    for (const name of ['evil\n\u001b[2J\u202e', '東京'.repeat(30), 'c', 'd', 'e']) {
      pass(1000);
      progress.page(name, { pages: 1, pods: 123_456 });
      expect(terminal.line()).not.toMatch(/\p{Cc}|\p{Cf}/u);
      expect(stringWidth(terminal.line())).toBeLessThan(40);
    }
    expect(terminal.all()).not.toContain('\n');
  });

  test('progress redraws ten times a second at most', () => {
    const terminal = aTerminal();
    const { progress, pass } = started(terminal);
    for (let page = 1; page <= 1000; page++) {
      pass(1);
      progress.page('a', { pages: page, pods: page * 500 });
    }
    expect(terminal.all().split('\r')).toHaveLength(11);
  });

  test('progress counts clusters that are done and those that do not fit', () => {
    const terminal = aTerminal(200);
    const { progress, pass } = started(terminal);
    for (const name of ['a', 'b', 'c', 'd', 'e']) progress.start(name);
    progress.done('a');
    pass(1000);
    progress.page('e', { pages: 1, pods: 1 });
    expect(terminal.line()).toContain('1 more');
    expect(terminal.line()).toContain('1 done');
  });
});
