/**
 * The one home of escaping. Everything that a cluster, a file or an annotation says is hostile: it may
 * carry terminal commands, spreadsheet formulas, markup, line breaks, or characters that make a name
 * look like another one. Each outlet calls its function here; nothing else in the program escapes.
 */

/**
 * What moves the cursor, reorders text or has no width: control, format (bidirectional, zero-width, tag
 * characters), surrogates without their half, line and paragraph separators, variation selectors and
 * fillers. General categories and Default_Ignorable_Code_Point are those of UAX #44; the attacks are
 * those of UTR #36 and CVE-2021-42574.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Spaces other than U+0020, which look like it and are not. */
const ODD_SPACE = /(?! )\p{Zs}/gu;

const SHORT_NAMES: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

const codePointName = (char: string): string =>
  SHORT_NAMES.get(char) ?? `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`;

/** Printable ASCII, which is nearly all text, needs no look at properties of Unicode. */
const PLAIN = /^[\x20-\x7e]*$/;

/** One line of text whose every character is seen: what is not visible is written out, as `\u{202e}`. */
const visible = (text: string): string =>
  PLAIN.test(text) ? text : text.replace(UNSEEN, codePointName).replace(ODD_SPACE, codePointName);

/** For a terminal: no escape sequence, no line break, no reordering survives. */
export const terminalSafe = (text: string): string => visible(text);

/** For a line of a mail's body, which is UTF-8: no line break can start a new line. */
export const mailSafe = (text: string): string => visible(text);

/**
 * For a mail's subject: printable ASCII in one line, at most `limit` characters. Letters with accents lose
 * them, what has no ASCII form becomes `?`. SNS wants fewer than 100 characters and refuses line breaks
 * and control characters (https://docs.aws.amazon.com/sns/latest/api/API_Publish.html, Subject).
 */
export function mailSubject(text: string, limit = 99): string {
  const ascii = text
    .normalize('NFKD')
    .replace(/\p{Mn}/gu, '')
    .replace(/[\r\n\t]+/gu, ' ')
    .replace(/[^\x20-\x7e]/gu, '?')
    .trim();
  return ascii.length <= limit ? ascii : `${ascii.slice(0, limit - 3).trimEnd()}...`;
}

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

/**
 * For a JSON text: the same value, with the unseen characters that JSON allows in strings (DEL, C1, format
 * characters) as `\uXXXX`, so that the document is harmless on a terminal and in a script.
 */
export const jsonSafe = (json: string): string =>
  isAscii(json) && !json.includes(DELETE) ? json : json.replace(UNSEEN, jsonEscape);

/** The one ASCII character besides U+0000 to U+001F that is not seen; JSON has to escape those, but not this. */
const DELETE = '\x7f';

/** A third of the time of a regular expression, in lines of which there are millions. */
const isAscii = (text: string): boolean => Buffer.byteLength(text, 'utf8') === text.length;

function jsonEscape(char: string): string {
  let escaped = '';
  for (let unit = 0; unit < char.length; unit++) {
    escaped += `\\u${char.charCodeAt(unit).toString(16).padStart(4, '0')}`;
  }
  return escaped;
}

/**
 * For a plain message of SARIF: braces are doubled, since single ones are placeholders, and nothing becomes a link
 * (SARIF 2.1.0, §3.11.5 and §3.11.6).
 */
export const sarifSafe = (text: string): string =>
  visible(text).replaceAll(/[{}]/g, '$&$&').replaceAll('](', '] (');

const HTML_NAMES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

/**
 * For text of an element of HTML and for an attribute in either kind of quotes; not for what is inside of a script or a
 * style (https://html.spec.whatwg.org/multipage/parsing.html#data-state and #attribute-value-(double-quoted)-state).
 */
export const htmlSafe = (text: string): string =>
  visible(text).replace(/[&<>"']/g, (char) => HTML_NAMES.get(char) ?? char);

/** What no XML 1.0 document may hold, not even as a reference (https://www.w3.org/TR/xml/#charsets). */
const NOT_XML = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

const XML_NAMES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&apos;'],
]);

/** For the text of an element of XML, and for an attribute in either kind of quotes. */
export const xmlSafe = (text: string): string =>
  visible(text)
    .replace(NOT_XML, codePointName)
    .replace(/[&<>"']/g, (char) => XML_NAMES.get(char) ?? char);
