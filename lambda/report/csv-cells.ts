import { createFormatValue } from 'csv42';
import { csvSafe } from './escape.ts';

export type CellValue = string | number | null;

/** Spreadsheets take a file without it for the machine's old code page and garble names. */
const BYTE_ORDER_MARK = '\ufeff';

/** RFC 4180 §2.1: lines end with CRLF. */
export const CRLF = '\r\n';

/** In quotes where it needs them. */
const quoted = createFormatValue(',');

/** As one cell: quoted where RFC 4180 §2 asks for it, and no formula. The library would write an empty text as two quotes. */
export const cellText = (value: CellValue): string =>
  value === null || value === '' ? '' : quoted(typeof value === 'string' ? csvSafe(value) : value);

export const csvHeader = (columns: readonly { readonly name: string }[]): string =>
  `${BYTE_ORDER_MARK}${columns.map(({ name }) => quoted(name)).join(',')}${CRLF}`;
