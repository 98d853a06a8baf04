import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { EVERYTHING, FLEET, hub, resourcesOf } from './deployed.ts';
import { replaced, type TemplateResource } from './replaced.ts';

/** As the release before this one wrote it. */
const released = (name: string): Readonly<Record<string, TemplateResource>> =>
  JSON.parse(
    readFileSync(new URL(`../templates/released/hub-${name}.template.json`, import.meta.url), 'utf8'),
  ).Resources;

/** Of these it is known: each with why it may be. */
const MAY_BE_REPLACED: Readonly<Record<string, string>> = {
  // Its fixed name kept the next deployment from being made; the log of past executions stays with the old group's retention.
  AuditorRunFleetLogs: 'the log group of the state machine has the name of its stack',
};

describe('An upgrade from the last release', () => {
  test.each([
    ['default', ''],
    ['everything', EVERYTHING],
    ['fleet', FLEET],
  ])('replaces nothing that holds evidence, messages, names or subscriptions: %s', (name, yaml) => {
    const before = released(name);
    expect(Object.keys(before).length).toBeGreaterThan(30);
    const lost = replaced(before, resourcesOf(hub(yaml)));
    expect(lost.filter((id) => MAY_BE_REPLACED[id] === undefined)).toEqual([]);
  });

  test('a bucket that gets a name, and a topic that is gone, would be noticed', () => {
    const before = released('default');
    const [bucket = ''] = Object.keys(before).filter((id) => id.startsWith('AuditorReportsBucket6'));
    const { AuditorDigestTopicFA3C538D: _, ...rest } = before;
    const named = {
      Type: 'AWS::S3::Bucket',
      Properties: { ...before[bucket]?.Properties, BucketName: 'reports' },
    };
    expect(replaced(before, { ...rest, [bucket]: named })).toEqual(
      expect.arrayContaining(['AuditorReportsBucket', 'AuditorDigestTopic']),
    );
  });
});
