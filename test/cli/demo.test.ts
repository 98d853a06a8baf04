import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import stringWidth from 'string-width';
import { run } from './run.ts';

/** The command behind `npm run demo`. */
function demo(): readonly string[] {
  const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return String(scripts.demo).split(' ').slice(2);
}

describe('the demo', () => {
  test('the demo takes two screens of 50 lines at 100 columns, and its last one holds all answers', async () => {
    const { stdout, code } = await run([...demo(), '--now', '2026-11-29T12:00:00Z']);
    const lines = stdout.trimEnd().split('\n');
    expect(code).toBe(0);
    expect(lines.length).toBeLessThanOrEqual(100);
    expect(lines.filter((line) => stringWidth(line) > 100)).toEqual([]);
    const last = lines.slice(-50).join('\n');
    for (const label of [
      'verdicts decided.',
      'NOT EVALUATED',
      'FIX FIRST',
      'AWS-MANAGED',
      'Exit code 0.',
      'Why:',
    ]) {
      expect(last).toContain(label);
    }
  });

  test('commands that the demo prints work as printed', async () => {
    const { stdout } = await run([...demo(), '--now', '2026-11-29T12:00:00Z']);
    const commands = [...stdout.matchAll(/^(?:All of it|Fixes|Why): +eks-drift-audit (?<command>.+)$/gm)];
    expect(commands).toHaveLength(3);
    for (const { groups } of commands) {
      const ran = await run((groups?.['command'] ?? '').split(' '));
      expect(ran.stderr).toBe('');
      expect(ran.stdout).not.toBe('');
    }
  });
});
