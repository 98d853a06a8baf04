/**
 * The one home of escaping. Everything that a cluster, a file or an annotation says is hostile: it may
 * carry terminal commands, spreadsheet formulas, markup, line breaks, or characters that make a name
 * look like another one. Each outlet calls its function here; nothing else in the program escapes. What
 * the page needs in the browser as well is in {@link file://./visible.ts}.
 */

import { codePointName, UNSEEN, visible } from './visible.ts';

export { csvSafe } from './visible.ts';

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

const CHAT_NAMES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['`', "'"],
]);

/**
 * For a message in a chat: a code span, in which neither Slack nor Teams looks for markup, links, emoji or mentions, with
 * the three characters that Slack takes for control characters anywhere
 * (https://docs.slack.dev/messaging/formatting-message-text, "Escaping text"). Slack has no escape for others, so what
 * would end the span becomes another quote.
 */
export const chatSafe = (text: string): string =>
  `\`${visible(text).replace(/[&<>`]/g, (char) => CHAT_NAMES.get(char) ?? char)}\``;

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

/**
 * For Markdown, as a code span: nothing in it is markup, a link or a mention
 * (https://spec.commonmark.org/0.31.2/#code-spans). Its fence is longer than any in the text.
 */
export function markdownCode(text: string): string {
  const shown = visible(text) || ' ';
  const runs = shown.match(/`+/g) ?? [];
  const fence = '`'.repeat(Math.max(0, ...runs.map(({ length }) => length)) + 1);
  const pad = /^[` ]|[` ]$/.test(shown) ? ' ' : '';
  return `${fence}${pad}${shown}${pad}${fence}`;
}
