import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { withArchitecture } from '../../../scripts/architecture/document.ts';
import { readSources, sourceOf } from '../../../scripts/architecture/imports.ts';

const document = readFileSync(new URL('../../../docs/architecture.md', import.meta.url), 'utf8');

test('docs/architecture.md has the rooms and the imports of today; npm run docs:architecture writes them', () => {
  expect(document).toContain('\n  audit --> collect\n');
  expect(withArchitecture(document, readSources())).toBe(document);
});

test('the picture in the document follows the imports', () => {
  const picture = withArchitecture(document, [
    sourceOf('lambda/checks/a.ts', "import { b } from '../inventory/b.ts';"),
    sourceOf('lambda/egress/decide/a.ts', "import type { B } from '../kinds/core/b.ts';"),
  ]);
  expect(picture.match(/^ {2}[\w-]+ --> .*$/gm)).toEqual([
    '  checks --> inventory',
    '  egress-decide --> egress-kinds',
  ]);
});
