import { describe, expect, test } from '@jest/globals';
import { defaultConfig } from '../../../lambda/config/load.ts';
import { DAY } from '../../../lambda/inventory/durations.ts';
import { anAudited } from '../builders.ts';
import { mail, PROD } from '../golden-parts.ts';
import { pageInput, pageText, sectionText } from './pages.ts';

const clusters = [{ ...anAudited(PROD), population: { ages: [1, 2, 3, 4, 5, 6], namespaces: [] } }];
const agesText = (config: object | null): string =>
  sectionText(pageText(pageInput(mail(clusters), { config })), 'ages');
const limitedTo = (podMaxAge: number): object => {
  const config = defaultConfig();
  return { ...config, limits: { ...config.limits, podMaxAge } };
};

describe('ages beside their limit', () => {
  test('a limit at a bound of the rows marks those that are older, and not those without a start time', () => {
    const text = agesText(limitedTo(30 * DAY));
    expect(text).toContain('7 to 30 days 3 within');
    expect(text).toContain('30 to 90 days 4 older than 30 days');
    expect(text).toContain('90 days or more 5 older than 30 days');
    expect(text).toContain('not known 6 not known');
  });

  test('a row that the limit is inside of is neither', () => {
    expect(agesText(limitedTo(45 * DAY))).toContain('30 to 90 days 4 some older than 45 days');
    expect(agesText(limitedTo(400 * DAY))).toContain('90 days or more 5 some older than 400 days');
    expect(agesText(limitedTo(DAY / 2))).toContain('less than 1 day 1 some older than 0.5 days');
  });

  test('where the configuration is not known, no limit is made up', () => {
    expect(agesText(null)).not.toMatch(/within|older than \d/);
  });

  test('overrides are named, since the limit is not that of all workloads', () => {
    expect(agesText({ ...limitedTo(30 * DAY), overrides: [{}] })).toContain('Overrides set other limits');
    expect(agesText(limitedTo(30 * DAY))).not.toContain('Overrides');
  });
});
