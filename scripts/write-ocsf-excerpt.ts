/**
 * Writes the excerpt of the OCSF schema that tests hold events to, from a clone of https://github.com/ocsf/ocsf-schema:
 * `tsx scripts/write-ocsf-excerpt.ts CLONE`. Only descriptions and references are left out of the files that it takes.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

const TAG = 'v1.6.0';

const EVENTS = ['base_event', 'findings/finding', 'findings/compliance_finding'];
const PROFILES = [
  ...['cloud', 'data_classification', 'datetime', 'host', 'incident', 'osint', 'security_control'],
];
/** Those that our events use, and what they extend. */
const OBJECTS = [
  ...['object', '_entity', '_resource', 'account', 'analytic', 'check', 'cloud', 'compliance', 'evidences'],
  ...['finding_info', 'metadata', 'product', 'remediation', 'resource_details', 'user'],
];

const [clone] = process.argv.slice(2);
if (clone === undefined) throw new Error('Name a clone of https://github.com/ocsf/ocsf-schema.');

const git = (...args: readonly string[]): string =>
  execFileSync('git', ['-C', clone, ...args], { encoding: 'utf8' });

type Source = { readonly attributes: Readonly<Record<string, unknown>> } & Readonly<Record<string, unknown>>;

const source = (path: string): Source => JSON.parse(git('show', `${TAG}:${path}.json`), withoutProse);

/** An attribute may be called `references`, too; then it is an object. */
const withoutProse = (key: string, value: unknown): unknown =>
  (key === 'description' && typeof value === 'string') || (key === 'references' && Array.isArray(value))
    ? undefined
    : value;

const all = (folder: string, names: readonly string[]): Record<string, Source> =>
  Object.fromEntries(names.map((name) => [name.split('/').at(-1) ?? name, source(`${folder}/${name}`)]));

const events = all('events', EVENTS);
const profiles = all('profiles', PROFILES);
const objects = all('objects', OBJECTS);
const { attributes, types } = source('dictionary') as Source & { readonly types: Source };
const used = new Set(
  [events, profiles, objects].flatMap((files) =>
    Object.values(files).flatMap((file) => Object.keys(file.attributes)),
  ),
);
const excerpt = {
  source: 'https://github.com/ocsf/ocsf-schema',
  version: JSON.parse(git('show', `${TAG}:version.json`)).version,
  commit: git('rev-parse', `${TAG}^{commit}`).trim(),
  licence: 'Apache-2.0; see NOTICE.md beside this file',
  changes: 'Descriptions, references and the files and attributes that our events do not touch are left out.',
  categories: source('categories').attributes,
  dictionary: Object.fromEntries(Object.entries(attributes).filter(([name]) => used.has(name))),
  types: types.attributes,
  events,
  profiles,
  objects,
};
const file = new URL('../test/report/ocsf/schema-1.6.0.json', import.meta.url);
writeFileSync(file, `${JSON.stringify(excerpt, null, 1)}\n`);
console.error(`wrote ${file.pathname}`);
