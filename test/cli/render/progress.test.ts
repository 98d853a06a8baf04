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

  test('progress says at once which cluster it connects to, before anything has come from it', () => {
    const terminal = aTerminal();
    const { progress, pass } = started(terminal);
    progress.start('prod-eu');
    expect(terminal.line()).toContain('prod-eu: connecting');
    pass(3_000);
    progress.start('prod-us');
    expect(terminal.line()).toContain('prod-eu: connecting, 3 s');
    expect(terminal.line()).toContain('prod-us: connecting');
    progress.stop();
  });

  test('progress says what is done where no cluster is read, and forgets it when reading begins', () => {
    const terminal = aTerminal();
    const { progress, pass } = started(terminal);
    progress.say('finding clusters');
    expect(terminal.line()).toContain('finding clusters');
    pass(200);
    progress.start('prod-eu');
    expect(terminal.line()).not.toContain('finding clusters');
    progress.stop();
  });

  test('progress goes on while a server does not answer', async () => {
    const terminal = aTerminal();
    const { progress, pass } = started(terminal);
    progress.start('prod-eu');
    pass(2_000);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(terminal.line()).toContain('prod-eu: connecting, 2 s');
    progress.stop();
  });

  test('progress writes nothing where there is no terminal', () => {
    const file = aTerminal(80, false);
    const { progress } = started(file);
    progress.say('connecting');
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
