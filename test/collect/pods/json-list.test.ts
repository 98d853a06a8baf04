import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseList } from '../../../lambda/collect/pods/json-list.ts';

/** Text that a careless scan would take for structure. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '"',
    '\\',
    '\\"',
    ']',
    '}',
    '[{',
    '"items":[',
    '],"items":[',
    'é\u2028',
    '\ud800',
    '__proto__',
  ),
  fc.constantFrom('items', 'metadata', 'managedFields'),
);
const json = fc.jsonValue({ depthSize: 'small', stringUnit: 'binary' });
const object = fc.dictionary(hostile, fc.oneof(json, hostile));
const item = fc.oneof(
  { weight: 3, arbitrary: fc.record({ metadata: object, spec: json }) },
  fc.record({ metadata: fc.record({ name: hostile, managedFields: json, labels: object }) }),
  object,
  json,
);
const list = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: hostile, metadata: object, items: fc.array(item, { maxLength: 4 }) }),
  },
  fc.record({ items: json, metadata: json }),
  json,
);
const spaces = fc.constantFrom(undefined, 1, '\t', '\n \r');

/** What readers see: they do not look at field managers. */
const withoutManagers = (value: unknown): unknown => {
  const metadata = (value as { metadata?: unknown } | null)?.metadata;
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) return value;
  const { managedFields, ...others } = metadata as Record<string, unknown>;
  return Array.isArray(managedFields) ? { ...(value as object), metadata: others } : value;
};

function outcome(run: () => unknown): unknown {
  try {
    return { value: run() };
  } catch (error) {
    return { error: String(error) };
  }
}

const byItems = (text: string | Buffer) => parseList(Buffer.from(text), withoutManagers);

function atOnce(text: string | Buffer): unknown {
  const value = JSON.parse(Buffer.from(text).toString('utf8'));
  return Array.isArray(value?.items) ? { ...value, items: value.items.map(withoutManagers) } : value;
}

describe('a list that is read item by item', () => {
  test('a list that is read item by item equals the result of JSON.parse', () => {
    fc.assert(
      fc.property(list, spaces, (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(byItems(text)).toEqual(atOnce(text));
      }),
      { numRuns: 1000 },
    );
  });

  test('a list is refused where JSON.parse refuses it, with the same words', () => {
    const damage = fc.constantFrom('', '"', '\\', ',', ':', '[', ']', '{', '}', '\u0001', 'x', ' ', '\ufeff');
    const sound = fc.record({
      kind: hostile,
      items: fc.array(fc.record({ spec: object }), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(sound, damage, fc.nat(), fc.nat({ max: 2 }), (value, inserted, place, removed) => {
        const text = JSON.stringify(value);
        const at = place % (text.length + 1);
        const damaged = text.slice(0, at) + inserted + text.slice(at + removed);
        expect(outcome(() => byItems(damaged))).toEqual(outcome(() => atOnce(damaged)));
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    '{"items":[{"a":1}],"items":[{"a":2}]}',
    '{"items":[{"a":1}],"items":3}',
    '{"items":[1],"\\u0069tems":[2]}',
    '{"\\u0069tems":[2]}',
    '{"items":[]}',
    '{"items":[ ]}',
    '{"items":[,]}',
    '{"items":[1,]}',
    '{"items":[1}]',
    '{"items":[1]]}',
    '{"items":[1]} x',
    '{"items":[\u0001{}]}',
    '{"items":[{}\u000b]}',
    '{"items":[{"metadata":{"managedFields":[{"f:a":"]"}],"name":"a"},"metadata":{"name":"b"}}]}',
    '{"items":[{"metadata":{"managedFields":[],"managedFields":[1],"name":"a"}}]}',
    '{"items":null}',
    '[{"items":[1]}]',
    '"items"',
    '',
  ])('a list of any form is read or refused as by JSON.parse: %j', (text) => {
    expect(outcome(() => byItems(text))).toEqual(outcome(() => atOnce(text)));
  });

  test('a list with invalid UTF-8 is read as by JSON.parse', () => {
    const bytes = fc
      .uint8Array({ minLength: 1, maxLength: 6 })
      .map((some) => some.filter((byte) => byte > 0x7f));
    fc.assert(
      fc.property(bytes, (some) => {
        const text = Buffer.concat([
          Buffer.from('{"items":[{"a":"'),
          some,
          Buffer.from('"},{"b":"'),
          some,
          Buffer.from('"}]}'),
        ]);
        expect(byItems(text)).toEqual(atOnce(text));
      }),
    );
  });

  test('items are handed over without their field managers', () => {
    const seen: unknown[] = [];
    const text = '{"items":[{"metadata":{"name":"a","managedFields":[{"manager":"x]\\"}"}],"uid":"1"}}]}';
    parseList(Buffer.from(text), (one) => seen.push(one));
    expect(seen).toEqual([{ metadata: { name: 'a', managedFields: [], uid: '1' } }]);
  });
});
