import { UsageError } from '../../errors.ts';
import { count } from '../../report/words.ts';
import type { ReportStore } from '../../store/store.ts';
import { MANIFEST, readRecords, type StoredRecord } from '../records.ts';
import { SIGNATURE } from '../verify/signatures.ts';
import { type Verification, type VerifyOptions, verifyRecords } from '../verify/verify.ts';
import { controlRows } from './controls.ts';
import { indexCsv, indexRow } from './index-rows.ts';
import { indexText } from './index-text.ts';
import { inPeriod, type Period } from './period.ts';

export interface EvidenceOptions extends Omit<VerifyOptions, 'runs' | 'from'> {
  /** Where the evidence goes: empty. */
  readonly out: ReportStore;
  readonly period: Period;
  /** Frameworks and controls whose rows are put together. */
  readonly controls: readonly string[];
  /** Where the runs are read, as people name it. */
  readonly place: string;
  /** The public keys as they were given, to be kept beside the evidence. */
  readonly pems: readonly string[];
}

export interface Evidence {
  readonly runs: number;
  readonly objects: number;
  readonly verification: Verification;
}

const CSV = { contentType: 'text/csv; charset=utf-8' };
const TEXT = { contentType: 'text/plain; charset=utf-8' };
const JSON_TYPE = { contentType: 'application/json' };

/**
 * Copies every run of a period, as it is stored, with an index and its verification. What is copied is a store of its own, so
 * that it can be verified again, by anybody.
 * @throws UsageError when no run started in the period
 */
export async function collectEvidence(options: EvidenceOptions): Promise<Evidence> {
  const { store, out, period, controls, keys, now } = options;
  const { records: all } = await readRecords(store);
  const records = inPeriod(all, period);
  if (records.length === 0) throw new UsageError(noRun(all, period));
  const asked = controls.length === 0 ? null : await controlRows(store, records, controls);
  const verification = await verifyRecords({
    ...options,
    runs: records.map(({ manifest }) => manifest.run.id),
    from: null,
  });
  let objects = 0;
  for (const record of records) objects += await copyRecord(record, store, out);
  const rows = [];
  for (const record of records)
    rows.push(await indexRow(record, { store, keys, points: verification.points }));
  const put = (key: string, text: string, type: typeof TEXT) => out.put(key, [Buffer.from(text)], type);
  await put('index.csv', indexCsv(rows), CSV);
  await put('verification.json', `${JSON.stringify(verification, null, 2)}\n`, JSON_TYPE);
  if (asked !== null) await put('controls.csv', asked.text, CSV);
  for (const [index, pem] of options.pems.entries()) await put(keyName(index), pem, TEXT);
  const told = {
    period,
    controls,
    asked,
    keys: options.pems.map((_, index) => keyName(index)),
    location: options.place,
    now,
  };
  await put('index.txt', indexText(rows, verification, told), TEXT);
  return { runs: records.length, objects, verification };
}

const keyName = (index: number): string => `signing-key${index === 0 ? '' : `-${index + 1}`}.pem`;

/** @returns how many objects were there to be copied */
async function copyRecord(record: StoredRecord, store: ReportStore, out: ReportStore): Promise<number> {
  const { folder, manifest } = record;
  const besides = [MANIFEST, SIGNATURE, 'SHA256SUMS'].map((name) => `${folder}/${name}`);
  let copied = 0;
  for (const key of [...manifest.objects.map((object) => object.key), ...besides]) {
    const bytes = await store.get(key);
    if (bytes === null) continue;
    await out.put(key, [bytes], { contentType: 'application/octet-stream' });
    copied++;
  }
  return copied;
}

function noRun(all: readonly StoredRecord[], { from, to }: Period): string {
  const [first, last] = [all[0], all.at(-1)];
  const there =
    first === undefined || last === undefined
      ? 'none is recorded at all'
      : `${count(all.length, 'run')} recorded, from ${first.manifest.run.startedAt} to ${last.manifest.run.startedAt}`;
  return `No run started from ${from} to ${to}; ${there}.`;
}
