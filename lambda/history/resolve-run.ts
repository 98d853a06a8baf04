import { UsageError } from '../errors.ts';
import { inRunFolder, RUNS_FOLDER } from '../store/layout.ts';
import type { ReportStore } from '../store/store.ts';
import { MANIFEST } from './records.ts';

/**
 * The id of a run that somebody names: by its id or the beginning of it, by a date (the last run of that day, UTC), or
 * `latest`, `latest~1` and so on.
 * @throws UsageError when there is no such run
 */
export async function resolveRun(store: ReportStore, name: string): Promise<string> {
  const ids = await runIds(store);
  const where = store.location(RUNS_FOLDER.slice(0, -1));
  const last = ids.at(-1);
  if (last === undefined) throw new UsageError(`There is no recorded run in ${where}.`);
  const back = /^latest(?:~(?<back>\d+))?$/.exec(name)?.groups;
  if (back !== undefined) {
    const found = ids.at(-1 - Number(back['back'] ?? 0));
    if (found !== undefined) return found;
    throw new UsageError(`There are only ${ids.length} runs in ${where}, so none is ${name}.`);
  }
  const prefix = /^\d{4}-\d\d-\d\d$/.test(name) ? `${name.replaceAll('-', '')}T` : null;
  const found =
    prefix === null ? ids.filter((id) => id === name) : ids.filter((id) => id.startsWith(prefix)).slice(-1);
  const begun = found.length > 0 ? found : ids.filter((id) => name.length >= 8 && id.startsWith(name));
  const [one, ...more] = begun;
  if (one !== undefined && more.length === 0) return one;
  if (more.length > 0)
    throw new UsageError(`"${name}" is the beginning of ${begun.length} runs; give more of the id.`);
  throw new UsageError(
    `There is no run "${name}" in ${where}; the latest is ${last}. Give an id, a date such as 2026-03-02, latest or latest~1.`,
  );
}

/** Of runs that have a manifest, sorted: ids begin with the time. */
export async function runIds(store: ReportStore): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const key of store.list(RUNS_FOLDER)) {
    const found = inRunFolder(key);
    if (found?.name === MANIFEST) ids.push(found.folder.slice(RUNS_FOLDER.length));
  }
  return ids.sort();
}
