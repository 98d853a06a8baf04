import { gzipSync } from 'node:zlib';
import type { InventoryRow } from '../inventory/model.ts';
import { inventoryLine } from '../report/rows.ts';

/** Text that is gathered before it is compressed. */
const MEMBER_CHARS = 1 << 20;

/** Byte 9 of a gzip header names the operating system; 255 is unknown (RFC 1952 §2.3). */
const OS_BYTE = 9;

/**
 * Compresses lines; each piece is a gzip member of its own, and members that follow each other are one
 * gzip file (RFC 1952 §2.2). There is neither a time nor a machine in the header, so that equal lines
 * give equal bytes.
 */
export function* gzipLines(lines: Iterable<string>): Generator<Uint8Array> {
  let gathered = '';
  let empty = true;
  for (const line of lines) {
    gathered += line;
    if (gathered.length < MEMBER_CHARS) continue;
    yield gzipMember(gathered);
    gathered = '';
    empty = false;
  }
  if (empty || gathered !== '') yield gzipMember(gathered);
}

/**
 * A quarter of the time of the default level for an eighth more bytes: rows repeat so much that the first
 * levels find nearly all of it.
 */
const LEVEL = 3;

function gzipMember(text: string): Uint8Array {
  // Node sets no time (RFC 1952: MTIME 0, none available) when it compresses a buffer.
  const member = gzipSync(text, { level: LEVEL });
  member[OS_BYTE] = 255;
  return member;
}

/** Rows of an inventory, kept compressed while the cluster is read. */
export interface InventorySpool {
  add(row: InventoryRow): void;
  /** Forgets all rows: the list was begun anew. */
  restart(): void;
  /** The gzip file so far; adding may go on afterwards. */
  chunks(): readonly Uint8Array[];
}

/** About 30 bytes a pod stay in memory until they are stored. */
export function inventorySpool(): InventorySpool {
  let members: Uint8Array[] = [];
  let lines: string[] = [];
  let chars = 0;
  const flush = (): void => {
    members.push(gzipMember(lines.join('')));
    lines = [];
    chars = 0;
  };
  return {
    add(row) {
      const line = `${inventoryLine(row)}\n`;
      lines.push(line);
      chars += line.length;
      if (chars >= MEMBER_CHARS) flush();
    },
    restart() {
      members = [];
      lines = [];
      chars = 0;
    },
    chunks() {
      if (lines.length > 0 || members.length === 0) flush();
      return members;
    },
  };
}
