import { describe, expect, test } from '@jest/globals';
import { CATALOGUE } from '../../../lambda/checks/catalogue.ts';
import { ocsfEvents } from '../../../lambda/report/ocsf.ts';
import { aCluster, aFinding, anAudited, aRun } from '../builders.ts';
import { problems } from './checker.ts';

type Json = Record<string, unknown>;

const valid = (): Json => {
  const finding = { ...aFinding({ container: 'app' }), owner: 'payments@example.com' };
  const [line = ''] = ocsfEvents(aRun([anAudited(aCluster(), [finding])]), CATALOGUE);
  return JSON.parse(line);
};

/** Whose content the schema leaves to the source. */
const FREE = /^(?:unmapped|evidences\.0\.data|resources\.0\.data)\./;

/** Every path of an event, as `metadata.product.name`. */
function pathsOf(value: unknown, path = ''): readonly string[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Object.entries(value).flatMap(([key, part]) =>
    pathsOf(part, path === '' ? key : `${path}.${key}`),
  );
  return path === '' ? inner : [path, ...inner];
}

/** The valid event with another value at a path; `undefined`: with nothing there. */
function changed(path: string, value: unknown): Json {
  const event = valid();
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let at: Json = event;
  for (const key of keys) at = at[key] as Json;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return event;
}

const NOW = 1_772_431_200;

describe('the checker', () => {
  test('it takes the event that everything below damages', () => {
    expect(problems(valid())).toEqual([]);
  });

  test('a value of another type is found at every path', () => {
    const paths = pathsOf(valid()).filter((path) => !FREE.test(path));
    expect(paths.length).toBeGreaterThan(60);
    const json = ['evidences.0.data', 'resources.0.data'];
    const missed = paths.filter(
      (path) => !json.includes(path) && problems(changed(path, [{ of: 'another type' }])).length === 0,
    );
    expect(missed).toEqual([]);
  });

  test('an unknown attribute is found in every object', () => {
    const paths = pathsOf(valid()).filter((path) => !FREE.test(path) && /[a-z]\.[a-z_]+$/.test(path));
    const objects = new Set(paths.map((path) => path.replace(/\.[a-z_]+$/, '')));
    objects.delete('unmapped');
    expect(objects.size).toBeGreaterThan(5);
    expect([...objects].filter((path) => problems(changed(`${path}.ours`, 'x')).length === 0)).toEqual([]);
  });

  test.each([
    'activity_id',
    'category_uid',
    'class_uid',
    'type_uid',
    'severity_id',
    'time',
    'metadata',
    'metadata.version',
    'metadata.product',
    'finding_info',
    'finding_info.uid',
    'finding_info.analytic.type_id',
    'compliance',
    'remediation.desc',
    'cloud',
    'cloud.provider',
  ])('a missing %s is found', (path) => {
    expect(problems(changed(path, undefined))).not.toEqual([]);
  });

  test.each([
    ['time in seconds', 'time', NOW],
    ['time in microseconds', 'time', NOW * 1e6],
    ['time as text', 'time', '2026-03-02T06:00:00Z'],
    ['first seen in seconds', 'finding_info.first_seen_time', NOW],
    ['resource, deprecated since 1.3', 'resource', { name: 'checkout' }],
    ['status_detail of compliance, deprecated since 1.4', 'compliance.status_detail', 'x'],
    ['compliance_standards, deprecated since 1.5', 'compliance.compliance_standards', []],
    ['a status of compliance that there is not', 'compliance.status_id', 4],
    ['a caption of another status', 'compliance.status', 'Pass'],
    ['a status that there is not', 'status_id', 7],
    ['a caption of another severity', 'severity', 'Low'],
    ['an activity that there is not', 'activity_id', 4],
    ['the number of another type', 'type_uid', 200_302],
    ['the number of another class', 'class_uid', 2002],
    ['another version', 'metadata.version', '1.7.0'],
    ['the cloud without its profile', 'metadata.profiles', []],
    ['a profile that there is not', 'metadata.profiles', ['cloud', 'kubernetes']],
    ['an attribute of a profile that is not applied', 'assignee', { name: 'x' }],
    ['an object without its name or uid', 'resources.0.owner', { domain: 'x' }],
    ['a number that is not whole', 'timezone_offset', 0.5],
  ])('%s is found', (_, path, value) => {
    expect(problems(changed(path, value))).not.toEqual([]);
  });

  test('an attribute whose object is not in the excerpt is refused, not passed', () => {
    expect(() => problems(changed('device', {}))).toThrow('The excerpt has no device');
  });

  test.each([null, [], 'x', 1])('%j is no event', (value) => {
    expect(problems(value)).not.toEqual([]);
  });
});
