import { describe, expect, test } from '@jest/globals';
import { AuditorError } from '../../lambda/errors.ts';
import type { Notice } from '../../lambda/notify/notifier.ts';
import { recordRun } from '../../lambda/run/record.ts';
import { stateKey, UNTOLD_RUNS } from '../../lambda/store/layout.ts';
import { PROD } from '../findings/builders.ts';
import { type MemoryStore, memoryStore } from '../store/memory-store.ts';
import { config, deliver, found, linesOf, runOf } from './recording.ts';

const OTHER = { ...PROD, name: 'other', arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/other' };
const ACCEPTED = { accepted: true };

async function afterFirstRun(): Promise<MemoryStore> {
  const store = memoryStore();
  await deliver({ store, run: runOf(1), results: [found(['old', 'fixed'])] });
  return store;
}

/** One delivery of a run; its mail, if it was accepted. */
async function tell(
  store: MemoryStore,
  day: number,
  names: readonly string[],
  { accepted, attempt = `${day}` }: { readonly accepted: boolean; readonly attempt?: string },
): Promise<Notice | null> {
  const mails: Notice[] = [];
  const refuse = () => Promise.reject(new AuditorError('KMSAccessDenied'));
  const results = [found(names)];
  const options = accepted ? { mails } : { tell: refuse };
  await deliver({ store, run: runOf(day), results, attempt, ...options });
  return mails[0] ?? null;
}

const NO_NEWS = /Nothing is new|nothing new/i;

describe('news of a run whose mail is not accepted', () => {
  test('news of a run whose mail was refused is in the mail of the next run, with the time since when it is late', async () => {
    const store = await afterFirstRun();
    for (const attempt of ['one', 'two', 'three']) {
      await tell(store, 8, ['old', 'fresh'], { accepted: false, attempt });
    }
    const mail = await tell(store, 9, ['old', 'fresh'], ACCEPTED);
    expect(mail?.digest.body).toMatch(/^LATE: 1 run since Sun, 08 Mar 2026 06:00 UTC had no mail/m);
    expect(mail?.digest.body).toMatch(
      /^NEW: 1 finding\n\* medium shop\/Deployment\/fresh .*\n {2}since 8 Mar$/m,
    );
    expect(mail?.digest.body).toMatch(
      /^GONE with their workloads: 1 finding in 1 workload\n {2}shop\/Deployment\/fixed/m,
    );
    expect(mail?.digest.body).not.toMatch(NO_NEWS);
    expect([mail?.digest.subject, mail?.digest.attributes.newFindings]).toEqual([
      expect.stringContaining('1 new'),
      1,
    ]);
  });

  test('news stays news until a mail contains it, however many runs that takes', async () => {
    const store = await afterFirstRun();
    for (const day of [8, 9, 10, 11]) {
      const names = ['old', 'fresh', ...(day > 9 ? ['later'] : [])];
      await tell(store, day, names, { accepted: false });
    }
    const mail = await tell(store, 12, ['old', 'fresh', 'later', 'today'], ACCEPTED);
    expect(mail?.digest.body).toMatch(/^NEW: 3 findings$/m);
    expect(mail?.digest.body).toMatch(/^GONE with their workloads: 1 finding/m);
    expect(mail?.digest.body).toMatch(/^LATE: 4 runs since Sun, 08 Mar/m);
    const next = await tell(store, 13, ['old', 'fresh', 'later', 'today'], ACCEPTED);
    expect(next?.digest.subject).toMatch(/nothing new/);
    expect(next?.digest.body).not.toMatch(/LATE|FIXED|GONE|^NEW/m);
  });

  test('what became worse is news until a mail contains it, with all that became worse since', async () => {
    const store = memoryStore();
    const severities = { 7: 'low', 8: 'medium', 9: 'high', 10: 'high' } as const;
    const mails: Notice[] = [];
    for (const day of [7, 8, 9, 10] as const) {
      const [result] = [found(['old'])];
      const findings = result.findings.map((row) => ({ ...row, severity: severities[day] }));
      const refuse = () => Promise.reject(new AuditorError('KMSAccessDenied'));
      const sent = day === 7 || day === 10 ? { mails } : { tell: refuse };
      await deliver({ store, run: runOf(day), results: [{ ...result, findings }], ...sent });
    }
    const [, mail] = mails;
    expect(mail?.digest.body).toMatch(/^CHANGED: 1 known finding became worse$/m);
    expect(mail?.digest.body.replace(/\s+/g, ' ')).toContain(
      'since 7 Mar: is medium and was low; is high and was medium',
    );
    expect(mail?.digest.body).toMatch(/^LATE: 2 runs/m);
    expect(mail?.digest.body).not.toMatch(NO_NEWS);
  });

  test('a finding that ended before any mail contained it is mailed as gone', async () => {
    const store = await afterFirstRun();
    await tell(store, 8, ['old', 'fixed', 'brief'], { accepted: false });
    await tell(store, 9, ['old', 'fixed'], { accepted: false });
    const mail = await tell(store, 10, ['old', 'fixed'], ACCEPTED);
    expect(mail?.digest.body).toMatch(
      /^GONE with their workloads: 1 finding in 1 workload\n {2}shop\/Deployment\/brief/m,
    );
    expect(mail?.digest.body).not.toMatch(/^NEW/m);
  });

  test('news of a first run whose mail was refused is every finding', async () => {
    const store = memoryStore();
    await tell(store, 1, ['a', 'b', 'c'], { accepted: false });
    const mail = await tell(store, 2, ['a', 'b', 'c'], ACCEPTED);
    expect(mail?.digest.attributes.newFindings).toBe(3);
    expect(mail?.digest.body).toMatch(/^NEW: 3 findings/m);
  });

  test('news of a cluster that the next run does not audit is mailed all the same', async () => {
    const store = await afterFirstRun();
    const results = [found(['old', 'fixed']), found(['elsewhere'], OTHER)];
    const refused = () => Promise.reject(new AuditorError('denied'));
    await deliver({ store, run: runOf(8), results, tell: refused });
    const mail = await tell(store, 9, ['old', 'fixed'], ACCEPTED);
    expect(mail?.digest.body).toMatch(/^NEW: 1 finding\n\* medium shop\/Deployment\/elsewhere/m);
  });

  test('news is mailed by a later delivery of its own run, and then not again', async () => {
    const store = await afterFirstRun();
    await tell(store, 8, ['old', 'fresh'], { accepted: false });
    expect(await tell(store, 8, [], { accepted: true, attempt: 'two' })).not.toBeNull();
    const mail = await tell(store, 9, ['old', 'fresh'], ACCEPTED);
    expect(mail?.digest.subject).toMatch(/nothing new/);
    expect(mail?.digest.body).not.toMatch(/LATE/);
  });

  test('news is not lost where the process was killed after the first state was written', async () => {
    const { objects } = await afterFirstRun();
    const results = [found(['old', 'fresh']), found(['elsewhere'], OTHER)];
    let killed = memoryStore({ objects });
    for (const attempt of ['one', 'two', 'three']) {
      let states = 0;
      const beforeWrite = (key: string): void => {
        if (key.endsWith('state.json.gz')) states++;
        if (states > 1 || key.includes('/sent/')) throw new Error('killed');
      };
      killed = memoryStore({ objects: killed.objects, beforeWrite });
      await deliver({ store: killed, run: runOf(8), results, attempt }).catch(() => {});
    }
    const store = memoryStore({ objects: killed.objects });
    const mails: Notice[] = [];
    await deliver({ store, run: runOf(9), results, mails });
    expect(mails[0]?.digest.attributes.newFindings).toBe(2);
  });

  test('news is not called late where no mail was refused', async () => {
    const store = await afterFirstRun();
    await tell(store, 8, ['old', 'fixed'], { accepted: false });
    const mail = await tell(store, 9, ['old', 'fixed'], ACCEPTED);
    expect(mail?.digest.body).toMatch(/^Nothing new: /);
  });

  test('the end of an exemption is mailed late as well', async () => {
    const store = await afterFirstRun();
    const exemptions = [
      {
        check: 'pod-too-old',
        cluster: null,
        container: null,
        namespace: 'shop',
        workload: 'Deployment/old',
        reason: 'r',
        owner: 'o@example.com',
        expires: '2026-03-05',
      },
    ];
    const accepted = { ...config, exemptions };
    const mails: Notice[] = [];
    const refused = () => Promise.reject(new AuditorError('denied'));
    const results = [found(['old'])];
    await deliver({ store, run: runOf(4), results, config: accepted });
    await deliver({ store, run: runOf(8), results, config: accepted, tell: refused });
    await deliver({ store, run: runOf(9), results, config: accepted, mails });
    expect(mails[0]?.digest.body).toMatch(/^NO LONGER EXEMPT: 1 finding/m);
  });
});

describe('the list of runs without a mail', () => {
  const listed = (store: MemoryStore): unknown =>
    JSON.parse(Buffer.from(store.objects.get(UNTOLD_RUNS) ?? Buffer.from('null')).toString());

  test('the list of runs without a mail does not grow with runs that were mailed, or whose news another run has taken over', async () => {
    const store = await afterFirstRun();
    for (const day of [8, 9, 10]) await tell(store, day, ['old', 'x'], { accepted: false });
    expect(listed(store)).toEqual({ untoldVersion: 1, runs: [runOf(10).id] });
    await tell(store, 11, ['old'], ACCEPTED);
    await tell(store, 12, ['old'], ACCEPTED);
    expect(listed(store)).toEqual({ untoldVersion: 1, runs: [runOf(12).id] });
  });

  test('the list of runs without a mail is not created by runs without recipients', async () => {
    const store = memoryStore();
    await recordRun(store, [found(['a'])], { config, run: runOf(1), now: runOf(1).now, mail: false });
    expect(listed(store)).toBeNull();
  });

  test('findings first seen by a run without a mail are mailed as new by the next run', async () => {
    const store = await afterFirstRun();
    const results = [found(['old', 'fixed', 'seen by hand'])];
    await recordRun(store, results, { config, run: runOf(5), now: runOf(5).now, mail: false });
    const mail = await tell(store, 8, ['old', 'fixed', 'seen by hand'], ACCEPTED);
    expect(mail?.digest.attributes.newFindings).toBe(1);
  });

  test('an unreadable list of runs without a mail never lets a mail say that nothing is new', async () => {
    const { objects } = await afterFirstRun();
    for (const content of ['{', '{"untoldVersion":9,"runs":[]}']) {
      const store = memoryStore({ objects: new Map([...objects, [UNTOLD_RUNS, Buffer.from(content)]]) });
      const mail = await tell(store, 8, ['old', 'fixed'], ACCEPTED);
      expect(mail?.digest.subject).toMatch(/^EKS audit INCOMPLETE: news unknown/);
      expect(mail?.digest.body).toMatch(/RECORD NOT COMPLETE/);
      expect(mail?.digest.body).not.toMatch(NO_NEWS);
      expect(Buffer.from(store.objects.get(UNTOLD_RUNS) ?? []).toString()).toBe(content);
    }
  });

  test('the list of runs without a mail is written before any state changes, and no state changes without it', async () => {
    const { objects } = await afterFirstRun();
    const beforeWrite = (key: string): void => {
      if (key === UNTOLD_RUNS) throw new AuditorError('denied');
    };
    const store = memoryStore({ objects, beforeWrite });
    const mail = await tell(store, 8, ['old', 'fresh'], ACCEPTED);
    expect(mail?.digest.attributes.newFindings).toBe(1);
    expect(store.objects.get(stateKey(PROD))).toEqual(objects.get(stateKey(PROD)));
    expect(linesOf(store.objects.get(`runs/${runOf(8).id}/conclusion.ndjson.gz`)).length).toBeGreaterThan(1);
  });
});
