import { Readable, Writable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { type Io, lookOf, type Terminal } from '../../lambda/cli/io.ts';
import { main } from '../../lambda/cli/main.ts';

const stream = (facts: { readonly isTTY?: boolean; readonly columns?: number } = {}): Terminal =>
  Object.assign(new Writable(), facts);

const ioWith = (stdout: Terminal, env: Io['env'] = {}): Io => ({
  stdin: Readable.from([]),
  stdout,
  stderr: stream(),
  env,
});

describe('how a page looks', () => {
  test.each([
    { columns: '80', width: 80 },
    { columns: '200', width: 200 },
    { columns: '20', width: 60 },
    { columns: '1000', width: 200 },
    { columns: '', width: 100 },
    { columns: 'wide', width: 100 },
    { columns: '-3', width: 100 },
  ])('a pipe takes its width from COLUMNS: "$columns" gives $width', ({ columns, width }) => {
    expect(lookOf(ioWith(stream(), { COLUMNS: columns }), {}).width).toBe(width);
  });

  test('a terminal says its width itself, whatever COLUMNS says', () => {
    expect(lookOf(ioWith(stream({ isTTY: true, columns: 120 }), { COLUMNS: '80' }), {}).width).toBe(120);
  });

  test('an error names commands as they are called where the reader is', async () => {
    const written: string[] = [];
    const stderr = new Writable({
      write(chunk, _, done) {
        written.push(String(chunk));
        done();
      },
    });
    const io = { ...ioWith(stream()), stderr, program: 'npm run -s cli --' };
    expect(await main(['checks', 'explain', 'zzzzzzzzzz'], io)).toBe(2);
    expect(written.join('')).toContain('npm run -s cli -- checks lists them.');
  });
});
