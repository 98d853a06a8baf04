import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { CHECK_IDS } from '../../lambda/checks/catalogue.ts';
import { checkConfig } from '../../lambda/config/load.ts';
import { configSchema, type JsonSchema, SCHEMA_ID } from '../../lambda/config/schema-document.ts';

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');

describe('the JSON Schema', () => {
  it('the JSON Schema names its draft and itself', () => {
    expect(configSchema()).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: SCHEMA_ID,
      additionalProperties: false,
    });
  });

  it('the JSON Schema describes every key', () => {
    expect(keysWithoutDescription(configSchema(CHECK_IDS), '')).toEqual([]);
  });

  it('the JSON Schema offers the ids of checks, and any id where the catalogue is unknown', () => {
    expect(JSON.stringify(configSchema(['some-check']))).toContain('"some-check":{');
    expect(JSON.stringify(configSchema())).not.toContain('some-check');
  });

  it.each([
    read('audit.config.yaml'),
    read('audit.config.yaml').replaceAll(/^#:/gm, ''),
    'checks: { pod-too-old: false }',
    'limits: { writableLayerMaxBytes: 1048576 }',
    'limits:\nexemptions:\n',
    'exemptions: [{ check: "*", namespace: a, reason: r, owner: o, expires: 2027-03-31 }]',
  ])('the JSON Schema accepts what is loaded (%#)', (text) => {
    expect(checkConfig(text, CHECK_IDS).problems).toEqual([]);
    expect(accepts(parse(text))).toBe(true);
  });

  it.each([
    'preset: hard',
    'unknown: 1',
    'limits: { podMaxAge: 30 }',
    'limits: { podMaxAge: 30 days }',
    'limits: { writableLayerMaxBytes: 10MB }',
    'checks: { pod-to-old: high }',
    'checks: { pod-too-old: on }',
    'exemptions: [{ check: pod-too-old }]',
    'accounts: [{ id: 111122223333, regions: [eu-west-1] }]',
    'egress: { insecurePorts: [0] }',
    'deployment: { mode: many }',
    'deployment: { stack: x }',
  ])('the JSON Schema refuses %s, as loading does', (text) => {
    expect(checkConfig(text, CHECK_IDS).config).toBeNull();
    expect(accepts(parse(text))).toBe(false);
  });
});

const accepts = (value: unknown): boolean =>
  z.fromJSONSchema(configSchema(CHECK_IDS) as Parameters<typeof z.fromJSONSchema>[0]).safeParse(value)
    .success;

function keysWithoutDescription(schema: JsonSchema, path: string): readonly string[] {
  const below = [schema.items, ...(schema.anyOf ?? [])].flatMap((part) =>
    part === undefined ? [] : keysWithoutDescription(part, path),
  );
  const own = Object.entries(schema.properties ?? {}).flatMap(([key, part]) => [
    ...(typeof part['description'] === 'string' ? [] : [`${path}.${key}`]),
    ...keysWithoutDescription(part, `${path}.${key}`),
  ]);
  return [...below, ...own];
}
