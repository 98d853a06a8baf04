import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { AuditorError } from '../../lambda/errors.ts';
import { readRecords } from '../../lambda/history/records.ts';
import { endPoints } from '../../lambda/history/verify/end.ts';
import { signatureOf } from '../../lambda/history/verify/signatures.ts';
import type { Shortfall } from '../../lambda/report/news.ts';
import { linkedManifest, linkManifest } from '../../lambda/store/chain.ts';
import { readHead } from '../../lambda/store/head.ts';
import { parseManifest, sha256Of } from '../../lambda/store/manifest.ts';
import { sealManifest } from '../../lambda/store/seal.ts';
import { type Signer, signingBy } from '../../lambda/store/signing.ts';
import { aRun } from '../report/builders.ts';
import { aSigner } from '../support/signing.ts';
import { failingAt, type MemoryStore, memoryStore } from './memory-store.ts';

const runOf = (id: string) => ({ ...aRun(), run: { ...aRun().run, id } });

/** Links and seals a run of one object. */
async function seal(store: MemoryStore, id: string, signer: Signer | null, shortfalls: Shortfall[] = []) {
  const object = await store.put(`runs/${id}/summary.json`, [Buffer.from(id)], { contentType: 'text/plain' });
  const manifest = await linkManifest(store, runOf(id), {
    objects: [object],
    tool: { version: '1.2.3', bundleSha256: null },
    signing: signer === null ? null : signingBy(signer, shortfalls),
  });
  await sealManifest(store, id, { manifest, signer, fresh: true, shortfalls });
  return manifest;
}

const refuse = async (): Promise<Uint8Array> => {
  throw new AuditorError('The key is disabled; enable it.');
};

const text = (store: MemoryStore, key: string): string =>
  Buffer.from(store.objects.get(key) ?? []).toString();

describe('a sealed manifest', () => {
  test('the signature of a manifest is valid for its bytes, by the public key', async () => {
    const [store, signer] = [memoryStore(), aSigner()];
    await seal(store, 'r1', signer);
    const manifest = store.objects.get('runs/r1/manifest.json') ?? Buffer.alloc(0);
    const signature = store.objects.get('runs/r1/manifest.json.sig') ?? Buffer.alloc(0);
    expect(verify('sha256', manifest, signer.publicKey, signature)).toBe(true);
    expect(verify('sha256', Buffer.concat([manifest, Buffer.from('\n')]), signer.publicKey, signature)).toBe(
      false,
    );
    expect(parseManifest(Buffer.from(manifest).toString()).signingKey).toBe(signer.keyArn);
  });

  test('the list of hashes names each object of the run and its manifest, as sha256sum takes them', async () => {
    const store = memoryStore();
    const { sha256 } = await seal(store, 'r1', null);
    expect(text(store, 'runs/r1/SHA256SUMS')).toBe(
      `${sha256Of('r1')}  runs/r1/summary.json\n${sha256}  runs/r1/manifest.json\n`,
    );
    expect(store.objects.has('runs/r1/manifest.json.sig')).toBe(false);
  });

  test('runs are numbered from 1 without a hole, and a repeated run keeps its number', async () => {
    const store = memoryStore();
    const numbers: (number | null)[] = [];
    for (const id of ['r1', 'r2', 'r2', 'r3']) numbers.push((await seal(store, id, null)).sequence);
    expect(numbers).toEqual([1, 2, 2, 3]);
  });

  test('the first numbered run after runs of an earlier version continues them, and has the number 1', async () => {
    const store = memoryStore();
    const early = JSON.stringify({ run: runOf('r0').run, previous: null, objects: [] });
    const link = { run: 'r0', sha256: sha256Of(early), previous: null };
    await store.put('runs/r0/manifest.json', [Buffer.from(early)], { contentType: 'application/json' });
    await store.put('state/manifest-head.json', [Buffer.from(JSON.stringify(link))], {
      contentType: 'application/json',
    });
    expect((await seal(store, 'r1', null)).sequence).toBe(1);
    expect(parseManifest(text(store, 'runs/r1/manifest.json')).previous).toEqual({
      run: 'r0',
      sha256: sha256Of(early),
    });
    expect((await seal(store, 'r2', null)).sequence).toBe(2);
  });

  test('the number goes on from the manifest where an earlier version has written the head', async () => {
    const store = memoryStore();
    await seal(store, 'r1', null);
    const { sha256 } = await seal(store, 'r2', null);
    const head = Buffer.from(JSON.stringify({ run: 'r2', sha256, previous: null }));
    await store.put('state/manifest-head.json', [head], { contentType: 'application/json' });
    expect((await seal(store, 'r3', null)).sequence).toBe(3);
  });
});

describe('one run that is linked by two deliveries, while another run ends', () => {
  test('a delivery that comes late finds the run linked, and does not overwrite what the other run has continued', async () => {
    const fast = memoryStore();
    const first = await seal(fast, 'r1', null);
    const second = await seal(fast, 'r2', null);
    // The slow delivery of the first run has read an empty store; both are linked before it moves the head.
    const slow = memoryStore({
      beforeWrite: (key) => {
        if (key !== 'state/manifest-head.json' || (slow.objects as Map<string, Uint8Array>).has(key)) return;
        for (const [other, bytes] of fast.objects)
          (slow.objects as Map<string, Uint8Array>).set(other, bytes);
      },
    });
    expect((await seal(slow, 'r1', null)).sha256).toBe(first.sha256);
    const manifests = ['r1', 'r2'].map((id) => sha256Of(text(slow, `runs/${id}/manifest.json`)));
    expect(manifests).toEqual([first.sha256, second.sha256]);
  });
});

describe('a delivery that comes to link a run when a later run has continued it', () => {
  test('the manifest stays as it was continued, and is given', async () => {
    const store = memoryStore();
    const first = await seal(store, 'r1', null);
    const second = await seal(store, 'r2', null);
    expect((await seal(store, 'r1', null)).sha256).toBe(first.sha256);
    expect(sha256Of(text(store, 'runs/r1/manifest.json'))).toBe(first.sha256);
    expect((await readHead(store))?.value?.sha256).toBe(second.sha256);
  });
});

describe('a run that is killed right after it became part of the chain', () => {
  /** Killed before it stores its manifest: the second write after the object of the run. */
  async function killed(signer: Signer | null): Promise<MemoryStore> {
    const dying = memoryStore({ beforeWrite: failingAt(2) });
    await expect(seal(dying, 'r1', signer)).rejects.toThrow('interrupted');
    expect([...dying.objects.keys()]).toEqual(['runs/r1/summary.json', 'state/manifest-head.json']);
    return memoryStore({ objects: dying.objects });
  }

  test('the next run stores its manifest as it was signed, and continues it', async () => {
    const signer = aSigner();
    const store = await killed(signer);
    const next = await seal(store, 'r2', null);
    const manifest = store.objects.get('runs/r1/manifest.json') ?? Buffer.alloc(0);
    const signature = store.objects.get('runs/r1/manifest.json.sig') ?? Buffer.alloc(0);
    expect(verify('sha256', manifest, signer.publicKey, signature)).toBe(true);
    expect([next.sequence, parseManifest(text(store, 'runs/r2/manifest.json')).previous]).toEqual([
      2,
      { run: 'r1', sha256: sha256Of(manifest) },
    ]);
    expect(text(store, 'state/manifest-head.json')).not.toContain('pending');
  });

  test('its repetition stores the manifest that it has signed before', async () => {
    const signer = aSigner();
    const store = await killed(signer);
    const linked = await linkedManifest(store, 'r1');
    expect(linked?.sha256).toBe(sha256Of(text(store, 'runs/r1/manifest.json')));
    expect([store.objects.has('runs/r1/manifest.json.sig'), signer.signed()]).toEqual([true, 1]);
  });

  test('until then the end of the records is not verifiable, and no failure', async () => {
    const store = await killed(null);
    const [first] = await endPoints([], { store, expected: [] });
    expect([first?.outcome, first?.run, first?.message]).toEqual([
      'not verifiable',
      'r1',
      'The manifest of the newest run, r1, is not stored: the run was stopped right before that, or the manifest was deleted. The next run stores it again from state/manifest-head.json.',
    ]);
  });

  test('what is pending and has not the hash of the head is not stored in the name of the run', async () => {
    const store = await killed(null);
    const head = text(store, 'state/manifest-head.json').replace('1.2.3', '1.2.4');
    await store.put('state/manifest-head.json', [Buffer.from(head)], { contentType: 'application/json' });
    await seal(store, 'r2', null);
    expect(store.objects.has('runs/r1/manifest.json')).toBe(false);
  });
});

describe('a manifest that is sealed again', () => {
  test('an interrupted seal is finished, and a finished one is left as it is', async () => {
    const [store, signer] = [memoryStore(), aSigner()];
    await seal(store, 'r1', signer);
    const first = store.objects.get('runs/r1/manifest.json.sig');
    const manifest = await linkedManifest(store, 'r1');
    if (manifest === null) throw new Error('It is linked.');
    const again = (of: MemoryStore) =>
      sealManifest(of, 'r1', { manifest, signer, fresh: false, shortfalls: [] });
    await again(store);
    expect([store.objects.get('runs/r1/manifest.json.sig'), signer.signed()]).toEqual([first, 1]);

    const broken = memoryStore({
      objects: new Map([...store.objects].filter(([key]) => !/\.sig$|SUMS$/.test(key))),
    });
    await again(broken);
    expect(text(broken, 'runs/r1/SHA256SUMS')).toBe(text(store, 'runs/r1/SHA256SUMS'));
    const signature = broken.objects.get('runs/r1/manifest.json.sig') ?? Buffer.alloc(0);
    const bytes = broken.objects.get('runs/r1/manifest.json') ?? Buffer.alloc(0);
    expect(verify('sha256', bytes, signer.publicKey, signature)).toBe(true);
  });

  test('the signature of the manifest that it replaces does not stay where the key is refused, and is made later', async () => {
    const [store, signer] = [memoryStore(), aSigner()];
    await seal(store, 'r1', signer);
    // Another version of the program wrote the same run again, before any other run continued it.
    const shortfalls: Shortfall[] = [];
    const refused = { ...signer, sign: refuse };
    const object = await store.put('runs/r1/summary.json', [Buffer.from('other')], {
      contentType: 'text/plain',
    });
    const manifest = await linkManifest(store, runOf('r1'), {
      objects: [object],
      tool: { version: '1.2.4', bundleSha256: null },
      signing: signingBy(refused, shortfalls),
    });
    expect(shortfalls).toHaveLength(1);
    const options = { store, keys: [createPublicKey(signer.publicKey)] };
    const signature = async () => {
      const [record] = (await readRecords(store)).records;
      return record === undefined ? null : signatureOf(record, options);
    };
    expect(await signature()).toBe('missing');
    await sealManifest(store, 'r1', { manifest, signer, fresh: false, shortfalls });
    expect(await signature()).toBe('valid');
  });

  test('a key that is refused when the same manifest is linked again leaves its signature', async () => {
    const [store, signer] = [memoryStore(), aSigner()];
    await seal(store, 'r1', signer);
    const before = store.objects.get('runs/r1/manifest.json.sig');
    await seal(store, 'r1', { ...signer, sign: refuse });
    expect(store.objects.get('runs/r1/manifest.json.sig')).toEqual(before);
  });

  test('a manifest that names another key, or none, is not signed with this one', async () => {
    const store = memoryStore();
    const manifest = await seal(store, 'r1', null);
    await sealManifest(store, 'r1', { manifest, signer: aSigner(), fresh: false, shortfalls: [] });
    expect(store.objects.has('runs/r1/manifest.json.sig')).toBe(false);
  });

  test('a key that is refused is a missing part of the record, and keeps nothing else from being written', async () => {
    const store = memoryStore();
    const shortfalls: Shortfall[] = [];
    const refused: Signer = {
      keyArn: 'arn:aws:kms:eu-west-1:111122223333:key/k',
      sign: refuse,
    };
    await seal(store, 'r1', refused, shortfalls);
    expect(shortfalls).toEqual([
      { part: 'the signature of the manifest', problem: 'The key is disabled; enable it.' },
    ]);
    expect(store.objects.has('runs/r1/SHA256SUMS')).toBe(true);
  });
});
