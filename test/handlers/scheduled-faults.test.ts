import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { linesOf, recordProblems } from '../audit/recording.ts';
import { every } from '../support/runs.ts';
import type { AnswerFault, AnswerPlan, SeenRequest } from '../support/s3-server.ts';
import { type Deployment, deploy } from './scheduled-run.ts';

const FIRST = '2026-11-21T06:00:00Z';
const SECOND = '2026-11-22T06:00:00Z';
const THIRD = '2026-11-23T06:00:00Z';

type Objects = ReadonlyMap<string, Uint8Array>;

let deployment: Deployment;
/** Before the second run, after it, and what it asked for, when nothing goes wrong. */
let before: Objects;
let expected: Objects;
let requests: readonly SeenRequest[];
let news: number;

beforeAll(async () => {
  deployment = await deploy(Date.parse(FIRST));
  const { aws } = deployment;
  await deployment.deliver(FIRST);
  before = new Map(aws.objects);
  deployment.change();
  aws.reset(before);
  expect(await deployment.deliver(SECOND)).toEqual({ outcome: 'done', problem: '' });
  expected = new Map(aws.objects);
  requests = [...aws.requests];
  [news = 0] = toldBy(aws.mails);
});

afterAll(() => deployment.close());

/** How many new findings each mail tells. */
function toldBy(mails: readonly URLSearchParams[]): readonly number[] {
  return mails.map((mail) => {
    const name = [...mail].find(([, value]) => value === 'newFindings')?.[0] ?? '';
    return Number(mail.get(name.replace('.Name', '.Value.StringValue')));
  });
}

const KINDS = [
  'killed before',
  'killed after',
  'cut',
  'lost',
  'stall',
  'denied',
  '500',
  '503',
  '409',
  '412',
] as const;
type Kind = (typeof KINDS)[number];

const DEAD: AnswerFault = { kind: 'status', status: 403, code: 'Killed' };
const DEAD_AFTER: AnswerFault = { kind: 'done-but', status: 403, code: 'Killed' };
const DENIED: AnswerFault = { kind: 'status', status: 403, code: 'AccessDenied' };

/** How long to wait for an answer that stalls: a busy machine must not be late with all others. */
const SILENCE_MS = 1_000;

/** Lets one request go wrong; a killed process asks nothing any more, and who is denied is denied again. */
function planOf(kind: Kind, failAt: SeenRequest): AnswerPlan {
  let met = false;
  return (request) => {
    const here = !met && request.index === failAt.index;
    met ||= here;
    return met ? faultOf(kind, { here, alike: isLike(request, failAt) }) : null;
  };
}

/** @param here It is the request itself, and not a later one. */
function faultOf(
  kind: Kind,
  { here, alike }: { readonly here: boolean; readonly alike: boolean },
): AnswerFault | null {
  switch (kind) {
    case 'killed before':
      return DEAD;
    case 'killed after':
      return here ? DEAD_AFTER : DEAD;
    case 'denied':
      return alike ? DENIED : null;
    case 'cut':
    case 'lost':
    case 'stall':
      return here ? { kind } : null;
    default:
      return here ? { kind: 'status', status: Number(kind), code: 'AsPlanned' } : null;
  }
}

const isLike = (one: SeenRequest, other: SeenRequest): boolean =>
  one.service === other.service && one.method === other.method && one.key === other.key;

/** S3 says 409 and 412 to conditional writes only; a silent topic has a test of its own. */
function canBe(kind: Kind, { service, conditional }: SeenRequest): boolean {
  if (kind === '409' || kind === '412') return service === 's3' && conditional;
  return service === 's3' || kind !== 'stall';
}

/** Requests with one kind of fault after the other; all of them with `SWEEP=all`, which takes minutes. */
function schedule(): readonly (readonly [Kind, SeenRequest])[] {
  const all = process.env['SWEEP'] === 'all';
  return requests.flatMap((request) => {
    const kinds = KINDS.filter((kind) => canBe(kind, request));
    // From there on everything is computed from what was stored, and read again.
    const decided = request.method === 'PUT' && request.key.endsWith('/conclusion.ndjson.gz');
    if (!decided && request.index % every(12) !== 0) return [];
    const chosen = decided ? 'killed after' : kinds[(request.index * 3) % kinds.length];
    return (all ? kinds : kinds.filter((kind) => kind === chosen)).map((kind) => [kind, request] as const);
  });
}

/** Everything but who has told whom. */
const content = (objects: Objects): ReadonlyMap<string, string> =>
  new Map(
    [...objects]
      .filter(([key]) => !key.includes('/sent/'))
      .map(([key, bytes]) => [key, Buffer.from(bytes).toString('base64')] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

const differences = (objects: Objects): readonly string[] => {
  const [is, should] = [content(objects), content(expected)];
  return [...new Set([...is.keys(), ...should.keys()])].filter((key) => is.get(key) !== should.get(key));
};

/** Ids of the findings in the states of all clusters. */
const known = (objects: Objects): readonly unknown[] =>
  [...objects]
    .filter(([key]) => key.endsWith('state.json.gz'))
    .flatMap(([, bytes]) => linesOf(bytes).slice(1))
    .map(({ id }) => id)
    .sort();

describe('a scheduled run of which one request goes wrong', () => {
  test('a disturbed run and its repetition leave what an undisturbed run leaves, and notify of everything', async () => {
    const { aws } = deployment;
    expect(news).toBeGreaterThan(5);
    for (const [kind, request] of schedule()) {
      const where = `${kind}: ${request.index} ${request.service} ${request.method} ${request.key}`;
      aws.reset(before, planOf(kind, request));
      await deployment.deliver(SECOND, kind === 'stall' ? { silenceMs: SILENCE_MS } : undefined);
      const [objects, mails] = [new Map(aws.objects), [...aws.mails]];
      aws.reset(objects);
      const again = await deployment.deliver(SECOND);
      mails.push(...aws.mails);
      const different = differences(aws.objects);
      // What is denied may be decided without it, and then stands. Nothing else may leave a trace.
      const stands = kind === 'denied' || (again.outcome === 'failed' && /not complete/.test(again.problem));
      expect({ where, different: stands ? [] : different }).toEqual({ where, different: [] });
      // Twice where the answer about it was lost, or where nobody could note that it was sent.
      expect({ where, mails: mails.length > 0 && mails.length <= 2 }).toEqual({ where, mails: true });
      if (!toldBy(mails).includes(news)) {
        const kept = new Map(aws.objects);
        aws.reset(kept);
        await deployment.deliver(THIRD);
        mails.push(...aws.mails);
      }
      const told = toldBy(mails);
      expect({ where, told: told.reduce((sum, one) => sum + one, 0) >= news }).toEqual({ where, told: true });
      expect({ where, known: known(aws.objects) }).toEqual({ where, known: known(expected) });
      expect({ where, problems: recordProblems(aws.objects) }).toEqual({ where, problems: [] });
    }
  }, 1_800_000);
});

describe('news that was not mailed', () => {
  /** Three deliveries of the second run under a plan, then the third run without one. */
  async function nextDay(plan: () => AnswerPlan): Promise<readonly URLSearchParams[]> {
    const { aws } = deployment;
    aws.reset(before, plan());
    for (let delivery = 0; delivery < 3; delivery++) {
      const outcome = await deployment.deliver(SECOND);
      expect(outcome.outcome).toBe('failed');
      aws.reset(new Map(aws.objects), plan());
    }
    aws.reset(new Map(aws.objects));
    expect((await deployment.deliver(THIRD)).outcome).toBe('done');
    return aws.mails;
  }

  test('news of a topic whose key was denied three times is in the next mail, late', async () => {
    const mails = await nextDay(
      () =>
        ({ service }) =>
          service === 'sns' ? { kind: 'status', status: 403, code: 'KMSAccessDenied' } : null,
    );
    expect(toldBy(mails)).toEqual([news]);
    expect(mails[0]?.get('Message')).toMatch(/^LATE: 1 run since Sun, 22 Nov 2026 06:00 UTC/m);
  });

  test('news of a process that was killed three times after the first state is in the next mail', async () => {
    const killed = (): AnswerPlan => {
      let dead = false;
      return ({ key, method }) => {
        const sending = method === 'PUT' && key.includes('/sent/');
        if (dead || sending) {
          dead = true;
          return DEAD;
        }
        dead = method === 'PUT' && key.endsWith('state.json.gz');
        return null;
      };
    };
    expect(toldBy(await nextDay(killed))).toEqual([news]);
  });
});
