/**
 * What a server says of a failure is printed, stored and mailed, and some repeat what they were sent: a proxy its
 * request, a webhook the token that it did not know. They write it as their answer needs it, escaped for JSON, for a URL
 * or for a page.
 *
 * @param headers with the credentials that were sent
 */
export function withoutSecrets(text: string, headers: Readonly<Record<string, string>>): string {
  return Object.values(headers)
    .flatMap(secretsOf)
    .reduce((said, secret) => said.replace(inAnyForm(secret), CUT), text);
}

const CUT = '[credential]';

/** The value of a header as it was sent, without its scheme, and what Basic encodes. Longest first. */
function secretsOf(value: string): readonly string[] {
  const [, scheme = '', rest = value] = /^(\S+)\s+(.+)$/.exec(value) ?? [];
  if (scheme.toLowerCase() !== 'basic') return [rest];
  const pair = Buffer.from(rest, 'base64').toString('utf8');
  const password = pair.slice(pair.indexOf(':') + 1);
  return [rest, pair, password].filter((secret) => secret !== '');
}

const inAnyForm = (secret: string): RegExp => new RegExp([...secret].map(formsOf).join(''), 'gu');

/** Entities that have names. */
const NAMED: Readonly<Record<string, string>> = {
  '&': 'amp',
  '"': 'quot',
  "'": 'apos',
  '<': 'lt',
  '>': 'gt',
};

/** One character, or what stands for it; letters and digits stand for themselves. */
function formsOf(character: string): string {
  if (/^[A-Za-z0-9]$/.test(character)) return character;
  const literal = character.replace(/[\\^$.*+?()[\]{}|/]/u, '\\$&');
  const code = character.codePointAt(0) ?? 0;
  const hex = anyCase(code.toString(16));
  const units = character
    .split('')
    .map((unit) => `\\\\u${anyCase(unit.charCodeAt(0).toString(16).padStart(4, '0'))}`);
  const forms = [
    `\\\\?${literal}`,
    anyCase(encoded(character)),
    units.join(''),
    `&#0*${code};`,
    `&#[xX]0*${hex};`,
    ...(NAMED[character] === undefined ? [] : [`&${NAMED[character]};`]),
  ];
  return `(?:${forms.join('|')})`;
}

/** Percent-encoded, also what `encodeURIComponent` leaves as it is. */
const encoded = (character: string): string =>
  [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

const anyCase = (hex: string): string => hex.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
