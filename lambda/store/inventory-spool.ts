import { MEMBER_BYTES, startMember } from './gzip.ts';
import { type Overflow, overflow } from './overflow.ts';

/** Rows of an inventory, kept compressed while the cluster is read. */
export interface InventorySpool {
  /** @param line without its line break */
  add(line: string): void;
  /** Forgets all rows: the list was restarted. */
  restart(): void;
  /** The gzip file so far, as often as it is asked for; adding may go on afterwards. */
  chunks(): Iterable<Uint8Array>;
  /**
   * Has to be called in the end, whether the rows were stored or not: it frees memory and disk. Rows of a reading
   * that was given up may still come, and go nowhere.
   */
  close(): void;
}

/**
 * About 60 bytes a pod wait until they are stored: a little of it in memory, the rest in a temporary file.
 *
 * @param open Makes a place for the bytes.
 */
export function inventorySpool(open: () => Overflow = overflow): InventorySpool {
  let bytes = open();
  let member = startMember();
  let closed = false;
  return {
    add(line) {
      if (closed) return;
      member.add(line, '\n');
      if (member.size() >= MEMBER_BYTES) bytes.append(member.take());
    },
    restart() {
      if (closed) return;
      bytes.close();
      bytes = open();
      member = startMember();
    },
    chunks() {
      if (member.size() > 0 || bytes.size() === 0) bytes.append(member.take());
      return bytes.chunks();
    },
    close() {
      closed = true;
      bytes.close();
    },
  };
}
