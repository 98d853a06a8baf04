import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { gunzipLines, gzipLines } from '../../lambda/store/gzip.ts';

async function linesOf(bytes: Uint8Array): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const line of gunzipLines(bytes)) lines.push(line);
  return lines;
}

describe('lines that are unpacked', () => {
  test('unpacked lines are those that were compressed, wherever the pieces were cut', async () => {
    // Of three bytes each, so that the ends of pieces fall into characters, and longer than a piece.
    const written = [
      ...Array.from({ length: 30_000 }, (_, index) => `${index} ${'€'.repeat(index % 97)}`),
      '€'.repeat(900_000),
      '',
      'after an empty one, with \u2028 and \r inside',
    ];
    const bytes = Buffer.concat([...gzipLines(written.map((line) => `${line}\n`))]);
    expect(await linesOf(bytes)).toEqual(written);
  });

  test('unpacked lines need no line break at the end', async () => {
    expect(await linesOf(gzipSync('one\ntwo'))).toEqual(['one', 'two']);
  });

  test('an empty file unpacks to no lines', async () => {
    expect(await linesOf(gzipSync(''))).toEqual([]);
  });

  test('unpacking a truncated or damaged file is an error', async () => {
    const whole = gzipSync('one\n'.repeat(100_000));
    await expect(linesOf(whole.subarray(0, whole.length - 20))).rejects.toThrow('unexpected end of file');
    await expect(linesOf(Buffer.from('no gzip'))).rejects.toThrow('incorrect header check');
  });
});

describe('lines that are compressed', () => {
  test('compressed members that were made before are kept as they are', async () => {
    const members = [...gzipLines(['two\n', 'three\n'])];
    const pieces = [...gzipLines(['one\n', members, 'four\n'])];
    expect(pieces).toEqual([...gzipLines(['one\n']), ...members, ...gzipLines(['four\n'])]);
    expect(await linesOf(Buffer.concat(pieces))).toEqual(['one', 'two', 'three', 'four']);
  });
});
