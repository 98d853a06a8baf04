import { describe, expect, test } from '@jest/globals';
import { readSnapshot } from '../../../lambda/collect/snapshot/read.ts';
import { folder, messagesOf, namesOf, noStdin, pod, read, write } from './reading.ts';

describe('unreadable files', () => {
  test('broken YAML is a gap with its line; the other documents and files are read', async () => {
    await write('a.yaml', `${pod('one')}---\nkind: Pod\nname: "never closed\n---\n${pod('two')}`);
    await write('b.yaml', '{{- if .Values.enabled }}\napiVersion: v1\n');
    await write('c.yaml', pod('three'));
    const snapshot = await readSnapshot([folder], noStdin);
    expect(namesOf(snapshot)).toEqual(['Pod one', 'Pod two', 'Pod three']);
    expect(messagesOf(snapshot)).toEqual([
      expect.stringMatching(
        /^a\.yaml, line [678]: this is neither valid YAML nor JSON \(.+\); the objects of this document were not read\.$/,
      ),
      expect.stringMatching(
        /^b\.yaml, line 1: it is a Helm template that was not rendered, so nothing in it was read\.$/,
      ),
    ]);
    expect(snapshot.gaps).toMatchObject([
      { resource: null, reason: 'unreadable-file', scope: { kind: 'File' } },
      { resource: null },
    ]);
    expect(snapshot.gaps[1]?.remedy).toMatch(/helm template CHART/);
  });

  test('a Helm template is named as one, with the line of its first expression', async () => {
    const template = `${pod('a')}spec:\n  hostname: {{ .Values.host }}\n`;
    expect(messagesOf(await read(`${pod('b')}---\n${template}`))[0]).toBe(
      'objects.yaml, line 11: it is a Helm template that was not rendered, so nothing in it was read.',
    );
  });

  test('broken JSON is a gap with its line', async () => {
    expect(messagesOf(await read('{"kind": "Pod",\n"metadata": {', 'a.json'))[0]).toMatch(
      /^a\.json, line 2: /,
    );
  });

  test.each([
    ['an image', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0xfe, 0x00])],
    ['text with zero bytes', Buffer.from('a: \0\n')],
  ])('a file with %s is a gap', async (_name, bytes) => {
    expect(messagesOf(await read(bytes))[0]).toMatch(/^objects\.yaml was not read: it is not a text file/);
  });
});

describe('hostile files', () => {
  test('an annotation of 10 MB is read', async () => {
    const { objects } = await read(pod('a', `  annotations: {big: "${'x'.repeat(10_000_000)}"}\n`));
    expect(objects).toHaveLength(1);
  });

  test.each([
    ['YAML', `a: ${'['.repeat(100_000)}`],
    ['JSON that ends early', '{"a":'.repeat(100_000)],
  ])('a file with %s nested without end is a gap', async (_name, content) => {
    expect((await read(content)).gaps).toMatchObject([{ reason: 'unreadable-file' }]);
  });

  test('deeply nested JSON is read, and compared without a stack overflow', async () => {
    const spec = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const content = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":${spec}}`;
    const snapshot = await readSnapshot(
      [await write('a.json', content), await write('b.json', content)],
      noStdin,
    );
    expect(snapshot.objects).toHaveLength(1);
    expect(snapshot.notes).toEqual([]);
  });

  test('a few lines of YAML that expand to gigabytes are a gap, or shared, and compared in bounded time', async () => {
    const bomb = (levels: number): string =>
      Array.from(
        { length: levels },
        (_, at) => `k${at}: &k${at} ${at === 0 ? '[x]' : `[*k${at - 1}, *k${at - 1}]`}\n`,
      ).join('');
    expect((await read(pod('a', bomb(60)))).gaps).toMatchObject([{ reason: 'unreadable-file' }]);
    // Within the bound of 100 aliases this is 2^45 values.
    const { objects, notes } = await read(`${pod('a', bomb(46))}---\n${pod('a', bomb(46))}`);
    expect(objects).toHaveLength(2);
    expect(notes[0]).toMatch(/differs between/);
  });

  test('keys of objects do not become their prototypes', async () => {
    const yaml = await read(
      pod('a', '__proto__: {polluted: true}\nconstructor: {prototype: {polluted: true}}\n'),
    );
    const json = await read(
      `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","__proto__":{"polluted":1}},"__proto__":{"kind":"Secret"}}`,
    );
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    for (const { objects } of [yaml, json]) {
      expect(objects).toHaveLength(1);
      expect(Object.getPrototypeOf(objects[0]?.object)).toBe(Object.prototype);
      expect(objects[0]?.object['metadata']).not.toHaveProperty('polluted');
    }
  });

  test('a kind that is named like a property of every object is unknown', async () => {
    const { notes } = await read('apiVersion: v1\nkind: constructor\nmetadata: {name: a}\n');
    expect(notes[0]).toMatch(/1 constructor \(v1\)/);
  });
});
