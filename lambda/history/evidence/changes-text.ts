import { settingsBetween } from '../../run/run-changes.ts';
import type { IndexRow } from './index-rows.ts';

/**
 * When another question was asked: the settings and the version that changed from one run of the period to the next, since what was found before
 * and after cannot be compared without. All settings count: which accounts are looked at decides what is found, too.
 */
export function changesTexts(rows: readonly IndexRow[]): readonly string[] {
  return rows.flatMap((row, index) => {
    const before = rows[index - 1];
    if (before === undefined) return [];
    const { run, tool } = row.record.manifest;
    const former = before.record.manifest;
    if (former.configSha256 === row.record.manifest.configSha256 && former.tool.version === tool.version)
      return [];
    const day = `${run.startedAt.slice(0, 10)} (${run.id})`;
    if (before.config === null || row.config === null) {
      return [`${day}: the configuration or the version changed, and what it was is not recorded.`];
    }
    const settings = settingsBetween(
      { version: former.tool.version, effective: before.config },
      { version: tool.version, effective: row.config },
      new Set(),
    );
    return settings.length === 0
      ? [`${day}: the configuration changed, and config.json does not say how.`]
      : [`${day}: ${settings.join('; ')}`];
  });
}
