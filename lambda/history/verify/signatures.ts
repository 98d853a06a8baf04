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

/** Whether each manifest is signed by the key that whoever reads the records trusts. */
export async function signaturePoints(
  records: readonly StoredRecord[],
  { store, keys }: { readonly store: ReportStore; readonly keys: readonly KeyObject[] },
): Promise<readonly Point[]> {
  const unsigned = records.filter(({ manifest }) => manifest.signingKey === null);
  const others = records.filter(({ manifest }) => manifest.signingKey !== null);
  const points: Point[] = [];
  let valid = 0;
  let unproved = 0;
  for (const record of others) {
    const { id } = record.manifest.run;
    const found = await store.get(`${record.folder}/${SIGNATURE}`);
    if (found === null) {
      points.push(signature('fail', `${record.folder}/${SIGNATURE} is gone, or was never written.`, id));
    } else if (keys.length === 0) unproved++;
    else if (isSigned(record.bytes, found, keys)) valid++;
    else points.push(signature('fail', 'The manifest is not signed by the key that was given.', id));
  }
  if (valid > 0)
    points.push(signature('pass', `${count(valid, 'manifest')} signed by the key that was given.`));
  if (unproved > 0) {
    const what = `${count(unproved, 'signature')} not checked: give the public key with --key.`;
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
