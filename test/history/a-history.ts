import { createPublicKey } from 'node:crypto';
import type { Notice } from '../../lambda/notify/notifier.ts';
import { runFolder } from '../../lambda/store/layout.ts';
import type { Signer } from '../../lambda/store/signing.ts';
import type { ReportStore } from '../../lambda/store/store.ts';
import { deliver, found, runOf } from '../audit/recording.ts';
import { aSigner } from '../support/signing.ts';

export const RUNS = [runOf(1), runOf(8), runOf(15), runOf(22)];
export const [FIRST, SECOND, THIRD, LAST] = RUNS.map(({ id }) => id) as [string, string, string, string];
export const NOW = Date.parse('2026-03-23T09:00:00Z');

/** The key of the auditor. */
export const SIGNER = aSigner();
export const KEY = createPublicKey(SIGNER.publicKey);

/** Whoever can write the store has other keys than the auditor, at best one that says it is that of the auditor. */
export const forger = (): Signer => ({ ...aSigner(), keyArn: SIGNER.keyArn });

/** Four runs that were recorded as the function does it; the mails of them. */
export async function record(
  store: ReportStore,
  { signer = SIGNER, names = 'abcdefgh' }: { readonly signer?: Signer | null; readonly names?: string } = {},
): Promise<readonly Notice[]> {
  const mails: Notice[] = [];
  for (const [index, run] of RUNS.entries()) {
    const results = [found([...names.slice(index, index + 4)])];
    await deliver({ store, run, results, mails, signer });
  }
  return mails;
}

/** The hash that the newest mail names. */
export const anchorOf = (mails: readonly Notice[]): string => mails.at(-1)?.anchor?.sha256 ?? '';

/** What somebody may do to the objects of a store who can write it. */
export interface Writable {
  keys(): Promise<readonly string[]>;
  get(key: string): Promise<Uint8Array>;
  put(key: string, content: Uint8Array | string): Promise<void>;
  delete(key: string): Promise<void>;
}

export interface Tampering {
  readonly name: string;
  /** The point that must fail, by key and anchor. */
  readonly point: string;
  readonly message: RegExp;
  tamper(store: Writable): Promise<void>;
}

const deleteRun =
  (run: string) =>
  async (store: Writable): Promise<void> => {
    for (const key of await store.keys()) if (key.includes(run)) await store.delete(key);
  };

/** The head that the store itself keeps leads to the run before, as if it had never been. */
const deleteNewest =
  (newest: string) =>
  async (store: Writable): Promise<void> => {
    const head = JSON.parse(Buffer.from(await store.get('state/manifest-head.json')).toString()) as {
      readonly previous: object;
    };
    await store.put('state/manifest-head.json', JSON.stringify({ ...head.previous, previous: null }));
    await deleteRun(newest)(store);
  };

/** The tamperings of the design with a history of four runs: each must be found. */
export const tamperingsOf = ([first, second, third, last]: readonly [
  string,
  string,
  string,
  string,
]): readonly Tampering[] => [
  {
    name: 'an object is edited',
    point: 'objects',
    message: new RegExp(`runs/${second}/findings.csv is not what was written`),
    tamper: (store) => store.put(`${runFolder(second)}/findings.csv`, 'nothing to see\n'),
  },
  {
    name: 'an object is added',
    point: 'added',
    message: /1 object not written by the run: .*extra\.csv/,
    tamper: (store) => store.put(`${runFolder(third)}/extra.csv`, 'x'),
  },
  {
    name: 'the oldest run is deleted',
    point: 'beginning',
    message: new RegExp(`Run ${first}, which run ${second} continues, is not there`),
    tamper: deleteRun(first),
  },
  {
    name: 'a middle run is deleted',
    point: 'sequence',
    message: /record 2 is missing/,
    tamper: deleteRun(second),
  },
  {
    name: 'the newest run is deleted',
    point: 'end',
    message: /No record has the manifest [0-9a-f]{64}: it was deleted, or rewritten/,
    tamper: deleteNewest(last),
  },
];

export const TAMPERINGS = tamperingsOf([FIRST, SECOND, THIRD, LAST]);
