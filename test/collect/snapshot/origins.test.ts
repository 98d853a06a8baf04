import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { readSnapshot, type Snapshot } from '../../../lambda/collect/snapshot/read.ts';
import { folder, jsonPod, noStdin, pod, read, write } from './reading.ts';

/** `name:line` of each object. */
const linesOf = ({ objects }: Snapshot): string[] =>
  objects.map(
    ({ object, at }) => `${(object['metadata'] as { name: string }).name}:${at?.line ?? 'no line'}`,
  );

describe('the line of an object in YAML', () => {
  test('the line of a YAML object is that of its first key, whatever comes before it', async () => {
    const text = `# Source: chart/templates/a.yaml\n${pod('a')}---\n# Source: b\n\n${pod('b')}--- # c\n${pod('c')}`;
    expect(linesOf(await read(text))).toEqual(['a:2', 'b:9', 'c:14']);
  });

  test('the line of a YAML object is right where documents end with dots, and where lines end with CRLF', async () => {
    const text = `${pod('a')}...\n${pod('b')}`.replaceAll('\n', '\r\n');
    expect(linesOf(await read(text))).toEqual(['a:1', 'b:6']);
  });

  test('the line of an item in a YAML list is its own, in a list of lists, too', async () => {
    const item = (name: string, indent: string) =>
      `${indent}- apiVersion: v1\n${indent}  kind: Pod\n${indent}  metadata: {name: ${name}}\n`;
    const text = `apiVersion: v1\nkind: List\nitems:\n${item('a', '')}# next\n${item('b', '')}- apiVersion: v1\n  kind: List\n  items:\n${item('c', '  ')}`;
    expect(linesOf(await read(text))).toEqual(['a:4', 'b:8', 'c:14']);
  });

  test('the line of an item in a bare YAML sequence is its own', async () => {
    const text =
      '- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n\n- {apiVersion: v1, kind: Pod, metadata: {name: b}}\n';
    expect(linesOf(await read(text))).toEqual(['a:1', 'b:3']);
  });

  test('the line of an alias is where it is named', async () => {
    const text = `x: 1\napiVersion: v1\nkind: List\ntemplate: &a\n  apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\nitems:\n- *a\n`;
    expect(linesOf(await read(text))).toEqual(['a:9']);
  });

  test('the line of a YAML object is known where brackets are indented as only kubectl accepts them', async () => {
    const text = `# one\n---\n${pod('a', 'spec: {\ncontainers: [\n]\n}\n')}---\n${pod('b')}`;
    expect(linesOf(await read(text))).toEqual(['a:3', 'b:12']);
  });

  test('the line of a YAML item is that of the list where items come from elsewhere', async () => {
    const text = `x: &x\n  items:\n  - {apiVersion: v1, kind: Pod, metadata: {name: a}}\n<<: *x\napiVersion: v1\nkind: List\n`;
    expect(linesOf(await read(text))).toEqual(['a:1']);
  });
});

describe('the line of an object in JSON', () => {
  test('the line of a JSON object is that of its bracket', async () => {
    expect(linesOf(await read(`\n\n${JSON.stringify(jsonPod('a'), null, 2)}\n`))).toEqual(['a:3']);
  });

  test('the lines of several JSON documents are known, one after the other', async () => {
    const text = `${JSON.stringify(jsonPod('a'), null, 2)}\n${JSON.stringify(jsonPod('b'))} ${JSON.stringify(jsonPod('c'))}`;
    expect(linesOf(await read(text))).toEqual(['a:1', 'b:8', 'c:8']);
  });

  test('the line of an item in a JSON list is its own, whatever is in strings and in other lists', async () => {
    const tricky = { args: ['"items": [{', '\\', '\n'], items: [{}, {}] };
    const list = {
      items: [
        jsonPod('a', { spec: tricky }),
        { apiVersion: 'v1', kind: 'List', items: [jsonPod('b'), jsonPod('c')] },
      ],
      apiVersion: 'v1',
      kind: 'List',
    };
    const text = JSON.stringify(list, null, 2);
    const lines = text.split('\n');
    const lineOf = (name: string): number => {
      const named = lines.findIndex((line) => line.includes(`"name": "${name}"`));
      return lines.findLastIndex((line, index) => index < named && line.trim() === '{') + 1;
    };
    expect(linesOf(await read(text))).toEqual(['a', 'b', 'c'].map((name) => `${name}:${lineOf(name)}`));
    expect(lineOf('b')).toBeGreaterThan(lineOf('a') + 10);
  });

  test('the line of an item in a JSON array is its own', async () => {
    const text = `[\n${JSON.stringify(jsonPod('a'))},\n${JSON.stringify(jsonPod('b'))}]`;
    expect(linesOf(await read(text))).toEqual(['a:2', 'b:3']);
  });

  test('the lines of JSON items are those of the last of equal keys, as the parser reads them', async () => {
    const text = `{"apiVersion": "v1", "kind": "List", "items": [1, 2, 3],\n"items": [\n${JSON.stringify(jsonPod('a'))}]}`;
    expect(linesOf(await read(text))).toEqual(['a:3']);
  });
});

describe('the file of an object', () => {
  test('the file of an object is its path as given, and a hyphen for standard input', async () => {
    const a = await write('app/a.yaml', pod('a'));
    const stdin = Readable.from([pod('b')]);
    const { objects } = await readSnapshot([folder, '-'], { stdin });
    expect(objects.map(({ at }) => at)).toMatchObject([
      { file: a, line: 1 },
      { file: '-', line: 1 },
    ]);
  });

  test('the file of an object is its own where two objects differ', async () => {
    const a = await write('a.yaml', `---\n${pod('a')}`);
    const b = await write('b.yaml', pod('a', 'spec: {}\n'));
    const { objects } = await readSnapshot([b, a], noStdin);
    expect(objects.map(({ at }) => at)).toMatchObject([
      { file: b, line: 1 },
      { file: a, line: 2 },
    ]);
  });
});

describe('the lines of containers', () => {
  const text = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      initContainers:
      - name: init
        image: a
      containers:
      - image: a
        env: [{name: app, value: x}]
        name: web
      - {name: "side\\u0063ar", image: b}
      volumes: [{name: data}]
`;
  const containersOf = ({ objects }: Snapshot) =>
    objects.map(({ at }) => Object.fromEntries(at?.containers ?? []));

  test('the lines of containers are those of the dashes in YAML', async () => {
    expect(containersOf(await read(text))).toEqual([{ init: 8, web: 11, sidecar: 14 }]);
  });

  test('the lines of containers are those of the brackets in JSON, each of its own object', async () => {
    const of = (...names: string[]) =>
      jsonPod('x', { spec: { containers: names.map((name) => ({ ports: [{ name: 'http' }], name })) } });
    const list = [of('a', 'b'), of('a')].map((object) =>
      JSON.stringify(object).replaceAll('{"ports"', '\n{"ports"'),
    );
    expect(containersOf(await read(`[${list.join(',')}]`.replace('"x"', '"y"')))).toEqual([
      { a: 2, b: 3 },
      { a: 4 },
    ]);
  });
});
