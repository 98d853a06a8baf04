import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pathFrom, uriFrom } from '../../lambda/cli/location.ts';
import { run } from './run.ts';

let folder: string;
const home = process.cwd();

const deployment = (name: string, image = 'nginx'): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop }
spec:
  template:
    spec:
      containers:
        - name: app
          image: ${image}
`;
const asJson = (name: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'shop' },
  spec: { template: { spec: { containers: [{ name: 'app', image: 'nginx' }] } } },
});

/** The lines of each object and of its container. */
const FILES: Readonly<Record<string, string>> = {
  'deploy/stream.yaml': `# a comment\n---\n${deployment('first')}---\n# another\n${deployment('second')}`,
  'deploy/below/list.yaml': `apiVersion: v1\nkind: List\nitems:\n- ${deployment('listed').trim().replaceAll('\n', '\n  ')}\n`,
  'deploy/one.json': JSON.stringify(asJson('json'), null, 2),
  'deploy/list.json': `{"apiVersion":"v1","kind":"List","items":[\n${JSON.stringify(asJson('inline-a'))},\n${JSON.stringify(asJson('inline-b'))}\n]}`,
  'deploy/with space & ü.yaml': deployment('odd'),
};
const PLACES = {
  first: ['deploy/stream.yaml', 3, 10],
  second: ['deploy/stream.yaml', 14, 21],
  listed: ['deploy/below/list.yaml', 4, 11],
  json: ['deploy/one.json', 1, 12],
  'inline-a': ['deploy/list.json', 2, 2],
  'inline-b': ['deploy/list.json', 3, 3],
  odd: ['deploy/with space & ü.yaml', 1, 8],
} as const;

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'eks-drift-audit-')));
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  process.chdir(folder);
});
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

interface Result {
  readonly message: { readonly text: string };
  readonly locations: readonly {
    readonly physicalLocation: {
      readonly artifactLocation: { readonly uri: string };
      readonly region: { readonly startLine: number };
    };
  }[];
}

describe('places of findings about manifests', () => {
  test.each(['deploy', './deploy/', 'absolute'])(
    'SARIF gives file and line of each finding below %s',
    async (path) => {
      const named = path === 'absolute' ? join(folder, 'deploy') : path;
      const { code, stdout } = await run(['audit', '--snapshot', named, '-o', 'sarif']);
      expect(code).toBe(1);
      const results: readonly Result[] = JSON.parse(stdout).runs[0].results;
      const places = new Map<string, string>();
      for (const { message, locations } of results) {
        const [, name = '', container] =
          /^shop\/Deployment\/([a-z-]+)(, container app)?: /.exec(message.text) ?? [];
        const place = locations[0]?.physicalLocation;
        places.set(
          `${name} ${container === undefined ? 'object' : 'container'}`,
          `${decodeURIComponent(place?.artifactLocation.uri ?? '')} ${place?.region.startLine}`,
        );
      }
      const expected = Object.entries(PLACES).flatMap(([name, [file, object, container]]) => [
        [`${name} object`, `${file} ${object}`],
        [`${name} container`, `${file} ${container}`],
      ]);
      expect(Object.fromEntries(places)).toEqual(Object.fromEntries(expected));
    },
  );

  test('JUnit gives the same places, also of standard input', async () => {
    const { stdout } = await run(['audit', '--snapshot', 'deploy', '-o', 'junit']);
    expect(stdout).toContain('file="deploy/stream.yaml" line="21"');
    expect(stdout).toContain('file="deploy/with space &amp; ü.yaml" line="8"');
    const piped = await run(['audit', '--snapshot', '-', '-o', 'junit'], deployment('piped'));
    expect(piped.stdout).toContain('file="-" line="8"');
  });
});

test('paths are relative inside of the folder and absolute outside', () => {
  expect(pathFrom('/repo', 'deploy/a.yaml')).toBe('deploy/a.yaml');
  expect(pathFrom('/repo', '/repo/deploy/../a.yaml')).toBe('a.yaml');
  expect(pathFrom('/repo', '../other/a.yaml')).toBe('/other/a.yaml');
  expect(pathFrom('/repo', '..a/b.yaml')).toBe('..a/b.yaml');
  expect(uriFrom('/repo', 'a b/c#d?.yaml')).toBe('a%20b/c%23d%3F.yaml');
  expect(uriFrom('/repo', '/other/a b.yaml')).toBe('file:///other/a%20b.yaml');
});

describe('SARIF is for manifests alone', () => {
  test.each([
    ['the sample', ['--sample'], ''],
    ['a context', ['--context', 'prod'], ''],
    ['EKS', ['--eks', 'prod'], ''],
    ['standard input', ['--snapshot', '-'], deployment('piped')],
  ])('SARIF of %s is wrong usage', async (_, argv, stdin) => {
    const { code, stdout, stderr } = await run(['audit', ...argv, '-o', 'sarif'], stdin);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/-o sarif (?:is for manifests alone|names files)/);
  });

  test('SARIF of a dump is wrong usage, and nothing is recorded', async () => {
    const dump = { ...asJson('live'), metadata: { name: 'live', namespace: 'shop', uid: '1' } };
    writeFileSync(join(folder, 'dump.json'), JSON.stringify(dump));
    const reports = join(folder, 'reports');
    const { code, stdout, stderr } = await run([
      'audit',
      '--snapshot',
      'dump.json',
      '-o',
      'sarif',
      '--out',
      reports,
    ]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/-o sarif is for manifests alone/);
    expect((await run(['audit', '--snapshot', 'dump.json', '-o', 'junit'])).stdout).toContain('<error ');
  });
});
