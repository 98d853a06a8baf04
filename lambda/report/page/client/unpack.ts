import { COLUMNS, type ColumnName, DICTIONARIES, type Dictionaries, type Head } from '../block/format.ts';

/** The findings as the page holds them. */
export interface Table extends Dictionaries {
  readonly head: Head;
  readonly rows: number;
  readonly columns: Readonly<Record<ColumnName, Uint8Array | Uint16Array | Uint32Array>>;
}

/** Text of base64 as bytes. */
export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}

/** @throws Error when the bytes are damaged */
export async function unpack(packed: Uint8Array<ArrayBuffer>): Promise<Table> {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return parse(new Uint8Array(await new Response(stream).arrayBuffer()));
}

const NEWLINE = 10;

function parse(bytes: Uint8Array<ArrayBuffer>): Table {
  let at = 0;
  const decoder = new TextDecoder();
  const line = (): unknown => {
    const end = bytes.indexOf(NEWLINE, at);
    if (end < 0) throw new Error('The findings of this page are cut off.');
    const value: unknown = JSON.parse(decoder.decode(bytes.subarray(at, end)));
    at = end + 1;
    return value;
  };
  const head = line() as Head;
  const { rows, widths } = head;
  const columns = Object.fromEntries(
    COLUMNS.map((name, index) => {
      const width = widths[index] ?? 4;
      // A copy is aligned, as wider numbers must be.
      const column = bytes.slice(at, at + rows * width);
      at += rows * width;
      return [name, numbers(column, width)];
    }),
  );
  const dictionaries = Object.fromEntries(DICTIONARIES.map((name) => [name, line()]));
  return { head, rows, columns, ...dictionaries } as unknown as Table;
}

/** The sums of differences, in numbers of as many bytes, which wrap round as the differences did. */
function numbers(bytes: Uint8Array<ArrayBuffer>, width: number): Uint8Array | Uint16Array | Uint32Array {
  const column =
    width === 1 ? bytes : width === 2 ? new Uint16Array(bytes.buffer) : new Uint32Array(bytes.buffer);
  for (let row = 1; row < column.length; row++) column[row] = (column[row] ?? 0) + (column[row - 1] ?? 0);
  return column;
}
