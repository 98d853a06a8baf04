import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readlinkSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { gzipLines } from '../../lambda/store/gzip.ts';
import { inventorySpool } from '../../lambda/store/inventory-spool.ts';
import { sha256Of } from '../../lambda/store/manifest.ts';
import { overflow } from '../../lambda/store/overflow.ts';
import { temporaryFile } from '../../lambda/store/temporary-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spool-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Files of this process (on Linux) that were made in the folder, by their numbers; those that lost their name, too. */
const openFiles = (): readonly string[] =>
  readdirSync('/proc/self/fd').flatMap((number) => {
    const path = `/proc/self/fd/${number}`;
    try {
      return readlinkSync(path).startsWith(folder) ? [path] : [];
    } catch {
      // The one that listed them.
      return [];
    }
  });

const spoolIn = (place: string) => inventorySpool(() => overflow(() => temporaryFile(place)));

/** Rows of six megabytes, of which compression leaves four. */
const MANY = Array.from({ length: 600 }, () => randomBytes(7_500).toString('base64'));

const hashOf = (chunks: Iterable<Uint8Array>): string => sha256Of(Buffer.concat([...chunks]));

const fileOf = (lines: readonly string[]): string => hashOf(gzipLines(lines.map((line) => `${line}\n`)));

describe('an inventory', () => {
  test('an inventory of few pods makes no file', () => {
    const spool = spoolIn(folder);
    for (const line of MANY.slice(0, 20)) spool.add(line);
    expect(hashOf(spool.chunks())).toBe(fileOf(MANY.slice(0, 20)));
    expect(openFiles()).toEqual([]);
    spool.close();
  });

  test('an inventory of many pods waits in a file that only its owner can open, and is the same as if it stayed in memory', () => {
    const spool = spoolIn(folder);
    for (const line of MANY) spool.add(line);
    expect(hashOf(spool.chunks())).toBe(fileOf(MANY));
    expect(readdirSync(folder)).toEqual([]);
    const [file = ''] = openFiles();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(file).size).toBeGreaterThan(2_000_000);
    spool.close();
  });

  test('the inventory can be read any number of times, also after a reader stopped halfway', () => {
    const spool = spoolIn(folder);
    for (const line of MANY) spool.add(line);
    const chunks = spool.chunks();
    for (const _ of chunks) break;
    expect(hashOf(chunks)).toBe(fileOf(MANY));
    expect(hashOf(chunks)).toBe(fileOf(MANY));
    spool.close();
  });

  test('the spool leaves no file behind when it is closed or restarted', () => {
    const spool = spoolIn(folder);
    for (const line of MANY) spool.add(line);
    expect(openFiles()).toHaveLength(1);
    spool.restart();
    expect(openFiles()).toEqual([]);
    for (const line of MANY) spool.add(line);
    spool.close();
    spool.close();
    expect(openFiles()).toEqual([]);
  });

  test('the spool restarts when the list does', () => {
    const spool = spoolIn(folder);
    for (const line of MANY) spool.add(line);
    spool.restart();
    spool.add('fresh');
    expect(gunzipSync(Buffer.concat([...spool.chunks()])).toString()).toBe('fresh\n');
    spool.close();
  });

  test('an inventory of no pods is a valid empty file', () => {
    expect(gunzipSync(Buffer.concat([...spoolIn(folder).chunks()])).length).toBe(0);
  });

  test('an inventory takes no rows of an abandoned reading', () => {
    const spool = spoolIn(folder);
    spool.close();
    for (const line of MANY) spool.add(line);
    spool.restart();
    for (const line of MANY) spool.add(line);
    expect(openFiles()).toEqual([]);
  });

  test('an inventory stays whole in memory where no file can be created', () => {
    const spool = spoolIn(join(folder, 'missing'));
    for (const line of MANY) spool.add(line);
    expect(hashOf(spool.chunks())).toBe(fileOf(MANY));
    spool.close();
  });

  test('an inventory loses nothing when the disk becomes full', () => {
    const almostFull = () => {
      const file = temporaryFile(folder);
      let writes = 0;
      const append: typeof file.append = (pieces) => {
        writes += 1;
        if (writes > 1) throw new Error('ENOSPC: no space left on device, write');
        file.append(pieces);
      };
      return { ...file, append };
    };
    const spool = inventorySpool(() => overflow(almostFull));
    for (const line of MANY) spool.add(line);
    expect(hashOf(spool.chunks())).toBe(fileOf(MANY));
    spool.close();
  });
});

describe('a temporary file', () => {
  const piece = (text: string): Uint8Array => Buffer.from(text);

  test('a temporary file holds nothing of a write that failed halfway', () => {
    const file = temporaryFile(folder);
    file.append([piece('first,')]);
    const broken = Object.defineProperty(piece('x'), 'byteLength', {
      get() {
        throw new Error('EIO');
      },
    });
    expect(() => file.append([piece('lost'), broken])).toThrow('EIO');
    file.append([piece('second')]);
    expect(Buffer.concat([...file.chunks()]).toString()).toBe('first,second');
    file.close();
  });

  test('a temporary file that cannot be read again says what is wrong', () => {
    const file = temporaryFile(folder);
    file.append([piece('text')]);
    truncateSync(openFiles()[0] ?? '');
    expect(() => [...file.chunks()]).toThrow(
      'A temporary file cannot be read again (it is shorter than what was written); run again.',
    );
    file.close();
    expect(() => [...file.chunks()]).toThrow(
      'A temporary file cannot be read again (it is closed); run again.',
    );
  });
});
