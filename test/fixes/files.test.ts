import { describe, expect, test } from '@jest/globals';
import type { CauseObject } from '../../lambda/findings/cause.ts';
import { fileName, folderName } from '../../lambda/fixes/files.ts';
import { isObjectName, shellWord } from '../../lambda/fixes/shell.ts';

const object = (name: string, part: string | null = null): CauseObject => ({
  kind: 'Deployment',
  namespace: 'shop',
  name,
  part,
});

describe('Names of files', () => {
  test('say what they change, where nothing in the names is special', () => {
    expect(fileName('writable-root', object('web', 'container app'))).toBe(
      'shop-deployment-web-container-app-writable-root',
    );
    expect(fileName('rule-too-wide', { ...object('web', 'spec.egress[2]'), kind: 'NetworkPolicy' })).toBe(
      'shop-networkpolicy-web-spec.egress-2-rule-too-wide',
    );
    expect(folderName('prod-1')).toBe('prod-1');
  });

  test.each([
    'arn:aws:eks:eu-west-1:111122223333:cluster/prod',
    'user@prod.eu-west-1.eksctl.io',
    '..',
    '.',
    '',
    '/etc',
    '-rf',
    '.git',
    'a\u0000b',
    'ä'.repeat(300),
  ])('of the cluster %j stay inside of the folder, and differ from those of others', (name) => {
    const folder = folderName(name);
    expect(folder).toMatch(/^\w[\w.-]{0,80}$/);
    expect(folder).not.toContain('..');
    expect(folder).not.toBe(folderName(`${name}x`));
  });

  test('that lose something differ where objects do', () => {
    const names = ['a/b', 'a:b', 'a b', 'a\nb', 'a-b'].map((name) => fileName('x', object(name)));
    expect(new Set(names).size).toBe(names.length);
    const long = ['a', 'b'].map((end) => fileName('x', object(`${'n'.repeat(60)}${end}`)));
    expect(new Set(long).size).toBe(2);
  });
});

test.each([
  ['plain-1.2/x', 'plain-1.2/x'],
  ['a b', "'a b'"],
  ["it's", "'it'\\''s'"],
  ['$(rm -rf ~)', "'$(rm -rf ~)'"],
  ['', "''"],
])('%j is one word of a shell: %s', (text, word) => {
  expect(shellWord(text)).toBe(word);
});

test.each([
  ['web', true],
  ['web.example', true],
  ['Web', false],
  ['-web', false],
  ['web-', false],
  ['a..b', false],
  ['x'.repeat(254), false],
  ['web\n', false],
])('whether an API server takes the name %j: %s', (name, expected) => {
  expect(isObjectName(name)).toBe(expected);
});
