import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { UsageError } from '../../errors.ts';
import { count, listed } from '../../report/words.ts';
import type { ReportStore } from '../../store/store.ts';
import type { StoredRecord } from '../records.ts';
import { type Point, point } from './point.ts';

const signature = point('signature');
const SHOWN = 3;

export const SIGNATURE = 'manifest.json.sig';

/**
 * A public key of PEM.
 * @param name Where it was read.
 * @throws UsageError for anything else than one on the curve P-256
 */
export function publicKey(pem: string, name: string): KeyObject {
  try {
    const key = createPublicKey(pem);
    const { namedCurve } = key.asymmetricKeyDetails ?? {};
    if (key.asymmetricKeyType === 'ec' && namedCurve === 'prime256v1') return key;
  } catch {
    // Said below.
  }
  throw new UsageError(
    `${name} is not the public key of a signing key (ECC_NIST_P256, PEM); the stack's output SigningKey has the command that fetches it.`,
  );
}

/** Whether one of the keys has signed these bytes. */
export const isSigned = (bytes: Uint8Array, sig: Uint8Array, keys: readonly KeyObject[]): boolean =>
  keys.some((key) => verify('sha256', bytes, key, sig));

/** What is known of the signature of one manifest. */
export type Signature = 'valid' | 'invalid' | 'missing' | 'not checked' | 'not signed';

export interface SignatureOptions {
  readonly store: ReportStore;
  readonly keys: readonly KeyObject[];
}

export async function signatureOf(
  { manifest, folder, bytes }: StoredRecord,
  { store, keys }: SignatureOptions,
): Promise<Signature> {
  if (manifest.signingKey === null) return 'not signed';
  const found = await store.get(`${folder}/${SIGNATURE}`);
  if (found === null || found.byteLength === 0) return 'missing';
  if (keys.length === 0) return 'not checked';
  return isSigned(bytes, found, keys) ? 'valid' : 'invalid';
}

/** Whether each manifest is signed by the key that whoever reads the records trusts. */
export async function signaturePoints(
  records: readonly StoredRecord[],
  options: SignatureOptions,
): Promise<readonly Point[]> {
  const found = new Map<Signature, StoredRecord[]>();
  for (const record of records) {
    const one = await signatureOf(record, options);
    const same = found.get(one);
    if (same === undefined) found.set(one, [record]);
    else same.push(record);
  }
  const of = (one: Signature): readonly StoredRecord[] => found.get(one) ?? [];
  const points = [
    ...of('missing').map(({ folder, manifest }) =>
      signature('fail', `${folder}/${SIGNATURE} is gone, or was never written.`, manifest.run.id),
    ),
    ...of('invalid').map(({ manifest }) =>
      signature('fail', 'The manifest is not signed by the key that was given.', manifest.run.id),
    ),
  ];
  const [valid, unproved, unsigned] = [of('valid'), of('not checked'), of('not signed')];
  if (valid.length > 0)
    points.push(signature('pass', `${count(valid.length, 'manifest')} signed by the key that was given.`));
  if (unproved.length > 0) {
    const what = `${count(unproved.length, 'signature')} not checked: give the public key with --key.`;
    points.push(signature('not verifiable', what));
  }
  if (unsigned.length > 0) {
    const ids = listed(
      unsigned.map(({ manifest }) => manifest.run.id),
      SHOWN,
    );
    const what = `${count(unsigned.length, 'run')} not signed, so that whoever can write the store may have made them: ${ids}.`;
    points.push(signature('not verifiable', what));
  }
  return points;
}
