import { describe, expect, test } from '@jest/globals';
import { Construct } from 'constructs';
import * as lib from '../../lib/index.ts';
import { apiReference } from '../../scripts/docs/api.ts';
import { hubStack } from '../lib/deployed.ts';

/** Made from the text of the code, so it is held to what that code does when it runs. */
const REFERENCE = apiReference();
const sectionOf = (name: string): string =>
  new RegExp(`^### \`${name}\`\\n[\\s\\S]*?(?=^### |$(?![\\s\\S]))`, 'm').exec(REFERENCE)?.[0] ?? '';

describe('the reference of the package', () => {
  test.each(Object.entries(lib))('has %s, with each of its methods', (name, exported) => {
    const section = sectionOf(name);
    expect(section).not.toBe('');
    const methods = Object.getOwnPropertyNames(exported.prototype ?? {}).filter(
      (one) => one !== 'constructor',
    );
    for (const method of methods) expect(section).toContain(`- \`${method}(`);
    if (exported.prototype === undefined) expect(section).toContain(`${name}(`);
  });

  test('has each member of the auditor, and nothing that is its own affair', () => {
    const auditor = hubStack().node.findChild('Auditor');
    const own = Object.keys(auditor).filter((name) => !Object.hasOwn(new Construct(hubStack(), 'X'), name));
    const listed = [...sectionOf('EksDriftAuditor').matchAll(/^- `(\w+):/gm)].map(([, name]) => name);
    expect(listed.toSorted()).toEqual(own.toSorted());
  });

  test('says what is a default, and leaves out what is internal', () => {
    expect(sectionOf('EksDriftAuditorProps')).toMatch(
      /- `key\?: IKey` – .* Default: `deployment\.kmsKeyArn`/,
    );
    expect(sectionOf('Settings')).toContain('`configText: string`');
    expect(sectionOf('Settings')).not.toContain('`config:');
    expect(REFERENCE).not.toMatch(/@|\*\/|constructor/);
  });
});
