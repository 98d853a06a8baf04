import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ownRegion } from '../../../lambda/connect/aws/region.ts';

const VARIABLES = [
  'AWS_CONFIG_FILE',
  'AWS_DEFAULT_REGION',
  'AWS_PROFILE',
  'AWS_REGION',
  'AWS_SHARED_CREDENTIALS_FILE',
];
const before = VARIABLES.map((name) => [name, process.env[name]] as const);
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'region-'));
  for (const name of VARIABLES) delete process.env[name];
  process.env['AWS_CONFIG_FILE'] = join(folder, 'config');
  process.env['AWS_SHARED_CREDENTIALS_FILE'] = join(folder, 'credentials');
});

afterEach(async () => {
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  await rm(folder, { recursive: true });
});

test('the region of the program is AWS_REGION, before AWS_DEFAULT_REGION', async () => {
  process.env['AWS_DEFAULT_REGION'] = 'eu-central-1';
  expect(await ownRegion()).toBe('eu-central-1');
  process.env['AWS_REGION'] = 'eu-west-1';
  expect(await ownRegion()).toBe('eu-west-1');
});

test('the region of the program is that of its profile, where no variable gives it', async () => {
  await writeFile(
    join(folder, 'config'),
    '[default]\nregion = eu-north-1\n[profile team]\nregion = eu-south-1\n',
  );
  expect(await ownRegion()).toBe('eu-north-1');
  process.env['AWS_PROFILE'] = 'team';
  expect(await ownRegion()).toBe('eu-south-1');
});

test('the region of the program is unknown where nothing gives it', async () => {
  expect(await ownRegion()).toBeNull();
});
