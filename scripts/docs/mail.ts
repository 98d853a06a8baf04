import { readFileSync } from 'node:fs';

const GOLDEN = new URL('../../test/report/golden/coverage-lost.txt', import.meta.url);

/** Entries of FIX FIRST that are left out of the example. */
const LEFT_OUT = /^3\. [\s\S]*?(?=^Open causes by owner)/m;

/** One of the mails that the tests hold, without its attributes. */
export function mailExample(): string {
  const [mail = ''] = readFileSync(GOLDEN, 'utf8').split('\n-- attributes');
  return ['```text', mail.replace(LEFT_OUT, '…\n').trimEnd(), '```'].join('\n');
}
