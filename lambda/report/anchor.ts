import type { Digest } from './digest-message.ts';

/**
 * What a notification says of the record, beyond the reach of whoever can write it: which manifest was the newest one.
 * `verify --expect` compares with it.
 */
export interface Anchor {
  readonly run: string;
  /** `null` where an earlier version has stored the record. */
  readonly sequence: number | null;
  /** Of the bytes of the manifest. */
  readonly sha256: string;
}

/**
 * The mail with the anchor as its last lines. `digest.txt` is stored without it: the manifest names the hash of that
 * object, so it cannot hold the manifest's own.
 */
export function withAnchor(mail: Digest, anchor: Anchor | null): Digest {
  if (anchor === null) return mail;
  const { sequence, sha256 } = anchor;
  const record = sequence === null ? 'this record' : `record ${sequence}`;
  return {
    ...mail,
    body: `${mail.body}Proof of ${record}, for eks-drift-audit verify --expect:\n${sha256}\n`,
  };
}
