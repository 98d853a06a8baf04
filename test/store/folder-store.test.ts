import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { folderStore } from '../../lambda/store/folder-store.ts';

const TEXT = { contentType: 'text/plain' };
const bytes = (text: string): Uint8Array => Buffer.from(text);

describe('a folder of reports', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'reports-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  test('a folder store returns what was put, with its size and hash', async () => {
    const store = folderStore(join(root, 'out'));
    const stored = await store.put('runs/x/digest.txt', [bytes('hel'), bytes('lo')], TEXT);
    expect(stored).toEqual({
      key: 'runs/x/digest.txt',
      bytes: 5,
      sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
    });
    expect(Buffer.from((await store.get('runs/x/digest.txt')) ?? []).toString()).toBe('hello');
    expect(store.location('runs/x/digest.txt')).toBe(join(root, 'out/runs/x/digest.txt'));
  });

  test('a folder store has nothing under a key that was never put', async () => {
    expect(await folderStore(root).get('runs/x/digest.txt')).toBeNull();
  });

  test('a folder store keeps the old object whole when a new one fails half-way, and leaves no other file behind', async () => {
    const store = folderStore(root);
    await store.put('a/b', [bytes('old')], TEXT);
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield bytes('new');
      throw new Error('the list broke off');
    }
    await expect(store.put('a/b', broken(), TEXT)).rejects.toThrow('the list broke off');
    expect(await readFile(join(root, 'a/b'), 'utf8')).toBe('old');
    expect(await readdir(join(root, 'a'))).toEqual(['b']);
  });

  test.each(['../x', '/etc/x', 'a/../../x', 'a//b', '', '.', 'a/.', 'a\\..\\x', 'C:x', 'a\0b'])(
    'a folder store refuses the key %j',
    async (key) => {
      const store = folderStore(join(root, 'inner'));
      await expect(store.put(key, [bytes('x')], TEXT)).rejects.toThrow(
        'does not name a file inside the report folder',
      );
      await expect(store.get(key)).rejects.toThrow('does not name a file inside the report folder');
      expect(await readdir(root)).toEqual([]);
    },
  );

  test('a folder store says in a sentence why it cannot store', async () => {
    await writeFile(join(root, 'file'), '');
    await expect(folderStore(join(root, 'file')).put('a/b', [], TEXT)).rejects.toThrow(
      /cannot be stored or read: a part of its path is a file; choose another folder\.$/,
    );
    await mkdir(join(root, 'a/b'), { recursive: true });
    await expect(folderStore(root).get('a/b')).rejects.toThrow('it is a folder');
  });

  test('a conditional put creates an object once, and replaces exactly the version that was read', async () => {
    const store = folderStore(root);
    const put = (text: string, expected: string | null) =>
      store.putIf('state/x', [bytes(text)], { ...TEXT, expected });
    expect(await put('one', null)).toMatchObject({ bytes: 3 });
    expect(await put('two', null)).toBeNull();
    const one = await store.getVersioned('state/x');
    expect(await put('three', one?.version ?? null)).not.toBeNull();
    expect(await put('four', one?.version ?? null)).toBeNull();
    expect(Buffer.from((await store.get('state/x')) ?? []).toString()).toBe('three');
    expect(await readdir(join(root, 'state'))).toEqual(['x']);
  });

  test('only one of many concurrent conditional puts to a key creates the object', async () => {
    const store = folderStore(root);
    const attempts = await Promise.all(
      Array.from({ length: 8 }, (_, n) => store.putIf('once', [bytes(`${n}`)], { ...TEXT, expected: null })),
    );
    expect(attempts.filter((stored) => stored !== null)).toHaveLength(1);
  });

  test('a folder store lists the keys below a folder, and nothing where there is none', async () => {
    const store = folderStore(root);
    await store.put('state/account=1/cluster=a%2Fb/state.json.gz', [], TEXT);
    await store.put('runs/x', [], TEXT);
    const keys = async (prefix: string) => {
      const found: string[] = [];
      for await (const key of store.list(prefix)) found.push(key);
      return found;
    };
    expect(await keys('state/')).toEqual(['state/account=1/cluster=a%2Fb/state.json.gz']);
    expect(await keys('nothing/')).toEqual([]);
  });

  test('a folder store names the folders right below a folder, each once, and no files', async () => {
    const store = folderStore(root);
    for (const key of ['runs/a/x.json', 'runs/a/y.json', 'runs/b%2F/deep/z.json', 'runs/lock.json'])
      await store.put(key, [], TEXT);
    const found: string[] = [];
    for await (const folder of store.folders('runs/')) found.push(folder);
    expect(found.sort()).toEqual(['runs/a', 'runs/b%2F']);
    for await (const folder of store.folders('nothing/')) throw new Error(`There is no ${folder}.`);
  });
});
