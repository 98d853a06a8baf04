import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson, configHash } from '../../lambda/config/hash.ts';
import { defaultConfig, parseConfig } from '../../lambda/config/load.ts';

const load = (text: string) => parseConfig(text, 'f', ['pod-too-old', 'image-tag-mutable']);

describe('the hash of a configuration', () => {
  it('the hash of a configuration is the same however the file was written', () => {
    const one = load('checks: { pod-too-old: off, image-tag-mutable: high }\nlimits: { podMaxAge: 24h }');
    const other = load(`
# the same
limits:
  podMaxAge: 1d
checks:
  image-tag-mutable: high
  pod-too-old: false
`);
    expect(configHash(one)).toBe(configHash(other));
    expect(configHash(load(''))).toBe(configHash(defaultConfig()));
  });

  it.each([
    'preset: strict',
    'limits: { podMaxAge: 29d }',
    'checks: { pod-too-old: off }',
    'exemptionAnnotations: true',
  ])('the hash of a configuration differs with %s', (text) => {
    expect(configHash(load(text))).not.toBe(configHash(defaultConfig()));
  });

  it('the hash of a configuration is SHA-256 in hexadecimal, and does not change by chance', () => {
    expect(configHash(defaultConfig())).toMatch(/^[0-9a-f]{64}$/);
    expect(canonicalJson({ b: [1, { d: null, c: 'é' }], a: true })).toBe(
      '{"a":true,"b":[1,{"c":"é","d":null}]}',
    );
  });

  it('a hash belongs to one value only: canonical JSON reads back as it was', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
