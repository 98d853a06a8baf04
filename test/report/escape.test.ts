import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  csvSafe,
  htmlSafe,
  jsonSafe,
  mailSafe,
  mailSubject,
  terminalSafe,
} from '../../lambda/report/escape.ts';

const HOSTILE = [
  '\u001b[2J\u001b]0;owned\u0007',
  '\u009b31m',
  'safe\u202egpj.exe',
  'pay\u200bments',
  'a\u2066b\u2069',
  'line\nbreak\r\nand\ttab',
  'half \ud800 a pair',
  'tag \u{e0041}',
  'filler \u3164',
  'no-break\u00a0space',
  'sep\u2028arator',
  'inter\ufff9linear',
];

/** Any character of a class that moves, reorders or hides text. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

const anyText = fc.string({ unit: 'binary', maxLength: 40 });

describe('on a terminal and in a mail', () => {
  test.each(HOSTILE)('no invisible character is left of %j', (text) => {
    expect(terminalSafe(text)).not.toMatch(UNSEEN);
    expect(mailSafe(text)).not.toMatch(UNSEEN);
  });

  test('hidden characters are written out, so that two different names look different', () => {
    expect(terminalSafe('pay\u200bments')).toBe('pay\\u{200b}ments');
    expect(terminalSafe('a\u001b[2Jb\n')).toBe('a\\u{1b}[2Jb\\n');
    expect(terminalSafe('a\u00a0b')).toBe('a\\u{a0}b');
  });

  test('ordinary names in any script stay as they are', () => {
    for (const name of ['payments/checkout', 'münchen', '東京', 'emoji 🚀', 'a b'])
      expect(terminalSafe(name)).toBe(name);
  });

  test('no text lets an invisible character through', () => {
    fc.assert(fc.property(anyText, (text) => !UNSEEN.test(terminalSafe(text))));
  });
});

describe('the subject of a mail', () => {
  test('the subject of a mail is one line of fewer than 100 printable ASCII characters, whatever it is made of', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) =>
        /^[\x20-\x7e]{0,99}$/.test(mailSubject(text)),
      ),
    );
  });

  test('the subject of a mail cannot carry a second header', () => {
    expect(mailSubject('new\r\nBcc: all@example.com')).toBe('new Bcc: all@example.com');
  });

  test('the subject of a mail keeps letters without their accents', () => {
    expect(mailSubject('Zürich 東')).toBe('Zurich ?');
  });

  test('a shortened subject of a mail says that it was cut', () => {
    expect(mailSubject('x'.repeat(200))).toBe(`${'x'.repeat(96)}...`);
  });
});

describe('in a spreadsheet', () => {
  test.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    '\0=1',
    ' =1',
    '＝1',
    '＋1',
    '－1',
    '＠1',
  ])('the cell %j of a spreadsheet is text, not a formula', (text) => {
    expect(csvSafe(text)).toMatch(/^'/);
  });

  test('an ordinary cell of a spreadsheet stays as it is', () => {
    for (const text of ['checkout', '10%', 'a=b', '', '0.0.0.0/0']) expect(csvSafe(text)).toBe(text);
  });
});

describe('in JSON', () => {
  test('JSON keeps the value and has no invisible characters in its text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const json = jsonSafe(JSON.stringify(text));
        expect(JSON.parse(json)).toBe(text);
        expect(json).not.toMatch(UNSEEN);
      }),
    );
  });
});

describe('in a page of HTML', () => {
  test('what would be markup or end an attribute is escaped, and hidden characters are written out', () => {
    expect(htmlSafe(`<b a="1" c='2'>&amp;`)).toBe('&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;');
    expect(htmlSafe('a\u202eb\nc')).toBe('a\\u{202e}b\\nc');
  });

  test('no text keeps a character that markup is made of', () => {
    fc.assert(fc.property(anyText, (text) => !/[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/.test(htmlSafe(text))));
  });
});
