/** Escaping that needs nothing but the language itself: it also runs in the browser. */

/**
 * What moves the cursor, reorders text or has no width: control, format (bidirectional, zero-width, tag
 * characters), surrogates without their half, line and paragraph separators, variation selectors and
 * fillers. General categories and Default_Ignorable_Code_Point are those of UAX #44; the attacks are
 * those of UTR #36 and CVE-2021-42574.
 */
export const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Spaces other than U+0020, which look like it and are not. */
const ODD_SPACE = /(?! )\p{Zs}/gu;

const SHORT_NAMES: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

export const codePointName = (char: string): string =>
  SHORT_NAMES.get(char) ?? `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;

/** Printable ASCII, which is nearly all text, needs no look at properties of Unicode. */
const PLAIN = /^[\x20-\x7e]*$/;

/** One line of text whose every character is seen: what is not visible is written out, as `\u{202e}`. */
export const visible = (text: string): string =>
  PLAIN.test(text) ? text : text.replace(UNSEEN, codePointName).replace(ODD_SPACE, codePointName);

/**
 * First characters that spreadsheets take for a formula, with their full-width forms, and the control
 * characters that they skip before looking (https://owasp.org/www-community/attacks/CSV_Injection,
 * OWASP ASVS 5.0 V1.2.10). White space before them is treated alike.
 */
const FORMULA = /^(?:[\0\t\r\n]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20])/u;

/** Printable ASCII that begins with what begins no formula, which is nearly every cell. */
const ORDINARY = /^[a-z0-9{][\x20-\x7e]*$/i;

/** For one cell of a CSV file, which it leaves without line breaks; quoting is left to the CSV writer. */
export function csvSafe(text: string): string {
  if (text === '' || ORDINARY.test(text)) return text;
  return FORMULA.test(text) ? `'${visible(text)}` : visible(text);
}
