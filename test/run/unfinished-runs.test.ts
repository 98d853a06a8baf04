import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Notice } from '../../lambda/notify/notifier.ts';
import { unfinishedRuns } from '../../lambda/run/unfinished-runs.ts';
import { NOTE_FILES, NOTE_FOLDERS } from '../../lambda/store/run-notes.ts';
import { deliver, found, runOf } from '../audit/recording.ts';
import { failingAt, type MemoryStore, memoryStore } from '../store/memory-store.ts';

const [first, second, third, last] = [runOf(1), runOf(8), runOf(9), runOf(15)];

/** A store in which the second run was killed before its n-th write. */
async function afterKill(write: number): Promise<MemoryStore> {
  const store = memoryStore();
  await deliver({ store, run: first, results: [found(['old'])] });
  const dying = memoryStore({ objects: store.objects, beforeWrite: failingAt(write) });
  await deliver({ store: dying, run: second, results: [found(['old', 'fresh'])] }).catch(() => undefined);
  return memoryStore({ objects: dying.objects });
}

/** The mail of a run, in one line. */
async function mailOf(store: MemoryStore, run: ReturnType<typeof runOf>): Promise<string> {
  const mails: Notice[] = [];
  await deliver({ store, run, results: [found(['old', 'fresh'])], mails });
  return (mails.at(-1)?.digest.body ?? '').replace(/\s+/g, ' ');
}

const SAYS = `NOT FINISHED: The earlier run of Sun, 08 Mar 2026 06:00 UTC (${second.id}) has no manifest.`;

const aboutOf = (store: MemoryStore, run: { readonly id: string }) =>
  JSON.parse(Buffer.from(store.objects.get(`runs/${run.id}/run.json`) ?? []).toString()) as {
    readonly unfinished: unknown;
  };

describe('a run that was killed and has no manifest', () => {
  test('the next mail names it, once, and the record of that run does, too', async () => {
    const store = await afterKill(3);
    expect([...store.objects.keys()].some((key) => key.startsWith(`runs/${second.id}/`))).toBe(true);
    expect(await mailOf(store, third)).toContain(SAYS);
    expect(aboutOf(store, third).unfinished).toEqual([
      { run: second.id, startedAt: '2026-03-08T06:00:00.000Z' },
    ]);
    expect(await mailOf(store, last)).not.toContain('NOT FINISHED');
    expect(aboutOf(store, last).unfinished).toEqual([]);
  });

  test('a mail that was not accepted is made up for: the next one names it again', async () => {
    const store = await afterKill(3);
    const tell = () => Promise.reject(new Error('no topic'));
    await deliver({ store, run: third, results: [found(['old'])], tell });
    expect(await mailOf(store, last)).toContain(SAYS);
  });

  test('one that may still be going on is not named yet', async () => {
    const store = await afterKill(3);
    const soon = { ...second, id: '20260308T070000Z-bbbbbbbb', startedAt: '2026-03-08T07:00:00.000Z' };
    expect(await mailOf(store, { ...soon, now: second.now + 3_600_000 })).not.toContain('NOT FINISHED');
    expect(await mailOf(store, last)).toContain('NOT FINISHED');
  });

  test('a run that finished is not named, nor one whose manifest is only in the head of the chain', async () => {
    const store = await afterKill(Number.POSITIVE_INFINITY);
    expect(await mailOf(store, third)).not.toContain('NOT FINISHED');
    const objects = new Map(store.objects);
    objects.delete(`runs/${third.id}/manifest.json`);
    const asked = { run: last, lateSince: null };
    expect(await unfinishedRuns(memoryStore({ objects }), asked)).toEqual([]);
  });

  test('a run that leaves nothing but a note that it has begun is named', async () => {
    const store = await afterKill(0);
    const note = [Buffer.from('{}')];
    await store.put(`runs/${second.id}/begun.json`, note, { contentType: 'application/json' });
    expect(await mailOf(store, third)).toContain(SAYS);
  });
});

test('the commands of the docs take no note of a run for an object that was added', () => {
  const page = readFileSync(new URL('../../docs/evidence.md', import.meta.url), 'utf8');
  const [, pattern = ''] = /grep -vE '([^']+)'/.exec(page) ?? [];
  for (const file of NOTE_FILES) expect(`runs/RUN/${file}`).toMatch(new RegExp(pattern));
  for (const folder of NOTE_FOLDERS) expect(`runs/RUN/${folder}/x.json`).toMatch(new RegExp(pattern));
});
