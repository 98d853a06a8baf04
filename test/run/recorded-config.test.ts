import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { configHash } from '../../lambda/config/hash.ts';
import { parseConfig } from '../../lambda/config/load.ts';
import { parseManifest, sha256Of } from '../../lambda/store/manifest.ts';
import { config as defaults, deliver, found, runOf } from '../audit/recording.ts';
import { failingAt, type MemoryStore, memoryStore } from '../store/memory-store.ts';

const config = parseConfig(
  `
accounts:
  - { id: "111122223333", regions: [eu-west-1], roleName: Auditor }
clusters: { exclude: ["*-é-sandbox"] }
limits:
  podMaxAge: 12h
  overrides:
    - match: { namespaces: ["pay*"], labels: { tier: "pci-\u202e*" } }
      podMaxAge: 1h
`,
  'audit.config.yaml',
  ['pod-too-old'],
);

const run = runOf(8);
const KEY = `runs/${run.id}/config.json`;
const textAt = (store: MemoryStore, key: string): string =>
  Buffer.from(store.objects.get(key) ?? []).toString();

describe('the recorded configuration of a run', () => {
  test('config.json is the effective configuration whose SHA-256 the run names, and the manifest names it', async () => {
    const store = memoryStore();
    await deliver({ store, run, config, results: [found(['a'])] });
    const { run: named } = JSON.parse(textAt(store, `runs/${run.id}/summary.json`));
    expect(sha256Of(store.objects.get(KEY) ?? '')).toBe(named.config);
    expect(named.config).toBe(configHash(config));
    expect(JSON.parse(textAt(store, KEY))).toEqual(JSON.parse(JSON.stringify(config)));
    const { objects } = parseManifest(textAt(store, `runs/${run.id}/manifest.json`));
    expect(objects.find(({ key }) => key === KEY)?.sha256).toBe(named.config);
  });

  test('a run that is repeated with another configuration records the one that it was decided by', async () => {
    const broken = memoryStore({
      beforeWrite: (key) => {
        if (key === KEY) throw new Error('killed');
      },
    });
    await deliver({ store: broken, run, config, results: [found(['a'])] }).catch(() => {});
    const store = memoryStore({ objects: broken.objects });
    await deliver({ store, run, config: defaults, results: [found(['a'])], attempt: 'second' });
    expect(sha256Of(store.objects.get(KEY) ?? '')).toBe(configHash(config));
  });

  test('a run whose decision does not hold the whole configuration has no config.json rather than a wrong one', async () => {
    const broken = memoryStore({ beforeWrite: failingAt(1) });
    await deliver({ store: broken, run, config, results: [found(['a'])] }).catch(() => {});
    const key = `runs/${run.id}/conclusion.ndjson.gz`;
    const text = gunzipSync(broken.objects.get(key) ?? Buffer.alloc(0)).toString();
    const earlier = text.replace(/,"accounts":\[\{[^\]]*\]\}\]/, '');
    expect(earlier).not.toBe(text);
    const store = memoryStore({ objects: new Map([[key, gzipSync(earlier)]]) });
    await deliver({ store, run, config, results: [], attempt: 'second' });
    expect(store.objects.has(`runs/${run.id}/manifest.json`)).toBe(true);
    expect(store.objects.has(KEY)).toBe(false);
  });
});
