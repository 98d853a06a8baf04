import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { readSnapshot } from '../../../lambda/collect/snapshot/read.ts';
import { folder, jsonPod, messagesOf, namesOf, noStdin, pod, read, usageError, write } from './reading.ts';

describe('documents', () => {
  test('YAML files may hold any number of documents, and empty ones are skipped', async () => {
    const snapshot = await read(`# licence\n---\n${pod('a')}---\n---\n# nothing\n---\n${pod('b')}...\n`);
    expect(namesOf(snapshot)).toEqual(['Pod a', 'Pod b']);
    expect(snapshot.gaps).toEqual([]);
    expect(snapshot.notes).toEqual([]);
    expect(snapshot.objects.map(({ origin }) => origin.replace(`${folder}/`, ''))).toEqual([
      'objects.yaml (document 1)',
      'objects.yaml (document 4)',
    ]);
  });

  test('JSON files are recognised whatever the name of the file says', async () => {
    expect(namesOf(await read(JSON.stringify(jsonPod('a')), 'a.yaml'))).toEqual(['Pod a']);
    expect(namesOf(await read(pod('a'), 'a.json'))).toEqual(['Pod a']);
    expect(namesOf(await read('{apiVersion: v1, kind: Pod, metadata: {name: a}}'))).toEqual(['Pod a']);
  });

  test('files may be UTF-8 or UTF-16, with a byte order mark, with Windows line ends', async () => {
    const windows = pod('a').replaceAll('\n', '\r\n');
    const utf16 = Buffer.from(`\ufeff${windows}`, 'utf16le');
    expect(namesOf(await read(`\ufeff${windows}---\r\n${pod('b')}`))).toEqual(['Pod a', 'Pod b']);
    expect(namesOf(await read(utf16))).toEqual(['Pod a']);
    expect(namesOf(await read(Buffer.from(utf16).swap16()))).toEqual(['Pod a']);
    expect(namesOf(await read(`\ufeff${JSON.stringify(jsonPod('a'))}`))).toEqual(['Pod a']);
  });

  test('YAML values mean what kubectl takes them for', async () => {
    const { objects } = await read(
      pod(
        'a',
        'spec: {yes: on, mode: 0644, time: 2026-01-01T00:00:00Z, clock: 22:30, float: 1e3, none: ~}\n',
      ),
    );
    expect(objects[0]?.object['spec']).toEqual({
      true: true,
      mode: 420,
      time: '2026-01-01T00:00:00Z',
      clock: '22:30',
      float: 1000,
      none: null,
    });
  });

  test.each([
    [
      'a bracket at the indentation of its key',
      'spec: {\n  args: [\n    a,\n  b\n  ]\n}\n',
      { args: ['a', 'b'] },
    ],
    ['at the start of the line', 'spec:\n  args: [\n"a",\n]\n  b: 1\n', { args: ['a'], b: 1 }],
    [
      'tabs between the parts of a line',
      'spec: {args:\t[a,\tb, {\tc:\t\td\te}]\t}\n',
      { args: ['a', 'b', { c: 'd\te' }] },
    ],
    [
      'tabs before a bracket',
      'spec:\n  args: \t[a]\n  text: {a: "b:\tc"\t, "d"\t:\te}\n',
      { args: ['a'], text: { a: 'b:\tc', d: 'e' } },
    ],
    ['tabs inside brackets', 'spec:\n  args: [a,\n\tb, {c:\n\t\td}]\n', { args: ['a', 'b', { c: 'd' }] }],
    [
      'brackets in text, comments and blocks besides',
      'spec:\n  text: a[b\n  quoted: "x: [" # {\n  block: |\n    y: [\n    z\n  args: [ # [\n  c\n  ]\n',
      { text: 'a[b', quoted: 'x: [', block: 'y: [\nz\n', args: ['c'] },
    ],
    ['Windows line ends', 'spec:\r\n  args: [\r\n  a\r\n  ]\r\n', { args: ['a'] }],
  ])('YAML documents may have %s, as kubectl reads it', async (_name, rest, spec) => {
    const { objects, gaps } = await read(pod('a', rest));
    expect(gaps).toEqual([]);
    expect(objects[0]?.object['spec']).toEqual(spec);
  });

  test('YAML documents may merge with << and repeat by alias', async () => {
    const { objects } = await read(
      pod('a', 'base: &base {one: 1}\nmerged: {<<: *base, two: 2}\ntwice: [*base, *base]\n'),
    );
    expect(objects[0]?.object).toMatchObject({ merged: { one: 1, two: 2 }, twice: [{ one: 1 }, { one: 1 }] });
  });
});

describe('lists', () => {
  test('lists may hold any objects', async () => {
    const items = [jsonPod('a'), { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } }];
    expect(namesOf(await read(JSON.stringify({ apiVersion: 'v1', kind: 'List', items })))).toEqual([
      'Pod a',
      'Node n',
    ]);
  });

  test('lists of one kind are read although items do not repeat the kind', async () => {
    const items = [{ metadata: { name: 'a', namespace: 'x' } }, jsonPod('b')];
    const { objects } = await read(JSON.stringify({ apiVersion: 'v1', kind: 'PodList', items }));
    expect(objects.map(({ object }) => object)).toEqual([
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'x' } },
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'b', namespace: 'default' } },
    ]);
  });

  test('lists may be inside lists, and be a bare array', async () => {
    const inner = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicyList',
      items: [{ metadata: { name: 'p' } }],
    };
    const outer = { apiVersion: 'v1', kind: 'List', items: [inner, jsonPod('a')] };
    const snapshot = await read(JSON.stringify([outer, jsonPod('b')]));
    expect(namesOf(snapshot)).toEqual(['NetworkPolicy p', 'Pod a', 'Pod b']);
    expect(snapshot.objects[0]?.origin).toMatch(/\(item 1, item 1, item 1\)$/);
  });

  test('an empty list is an empty cluster, which is no mistake', async () => {
    for (const items of [[], null]) {
      const snapshot = await read(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
      expect(snapshot).toMatchObject({ objects: [], gaps: [], notes: [] });
    }
  });

  test('lists nested without end, or of something else, are gaps', async () => {
    let nested: object = jsonPod('deep');
    for (let depth = 0; depth < 20; depth++) nested = { apiVersion: 'v1', kind: 'List', items: [nested] };
    expect(messagesOf(await read(JSON.stringify(nested)))[0]).toMatch(/lists nested deeper than 8\.$/);
    const wrong = await read(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: { a: 1 } }));
    expect(messagesOf(wrong)[0]).toMatch(/the items of its "List" are no list/);
  });
});

describe('paths', () => {
  test('a folder is read with everything below it, by name, each file once', async () => {
    await write('b/two.yml', pod('two'));
    await write('a/one.yaml', pod('one'));
    await write('c.json', JSON.stringify(jsonPod('three')));
    await write('README.md', 'not a manifest');
    await write('.git/config.yaml', 'not: {a: manifest');
    const snapshot = await readSnapshot([folder, join(folder, 'a'), join(folder, 'c.json')], noStdin);
    expect(namesOf(snapshot)).toEqual(['Pod one', 'Pod two', 'Pod three']);
    expect(snapshot.gaps).toEqual([]);
  });

  test('links are followed, but not in circles', async () => {
    await write('real/a.yaml', pod('a'));
    await symlink(folder, join(folder, 'real', 'up'));
    await symlink(join(folder, 'real'), join(folder, 'link'));
    await symlink(join(folder, 'real', 'a.yaml'), join(folder, 'b.yaml'));
    expect(namesOf(await readSnapshot([folder], noStdin))).toEqual(['Pod a']);
  });

  test('a link that leads nowhere is a gap', async () => {
    await write('a.yaml', pod('a'));
    await symlink(join(folder, 'gone'), join(folder, 'z.yaml'));
    const snapshot = await readSnapshot([folder], noStdin);
    expect(namesOf(snapshot)).toEqual(['Pod a']);
    expect(messagesOf(snapshot)).toEqual(['z.yaml cannot be read (ENOENT).']);
  });

  test('the path - is standard input, once', async () => {
    const stdin = Readable.from([Buffer.from(pod('a')), Buffer.from(`---\n${pod('b')}`)]);
    const snapshot = await readSnapshot(['-', '-'], { stdin });
    expect(namesOf(snapshot)).toEqual(['Pod a', 'Pod b']);
    expect(snapshot.objects[0]?.origin).toBe('standard input (document 1)');
  });

  test('paths that hold nothing are a usage error', async () => {
    const missing = join(folder, 'missing');
    expect(await usageError([missing])).toBe(`There is no file or folder "${missing}".`);
    expect(await usageError([folder])).toBe(`The folder "${folder}" holds no *.yaml, *.yml or *.json file.`);
    const values = await write('values.yaml', 'replicas: 1\n');
    expect(await usageError([values, '-'])).toBe(
      `There is no Kubernetes object in "${values}", standard input.`,
    );
    expect(await usageError([await write('empty.yaml', '')])).toMatch(/There is no Kubernetes object/);
  });
});
