import { CATALOGUE } from '../checks/catalogue.ts';
import type { PageCheck, PageInput } from '../report/page/page-input.ts';
import { reportPage } from '../report/page/report-page.ts';
import type { TrendRow } from '../report/trend.ts';
import type { StoredObject } from '../store/store.ts';
import type { DecidedRun } from './decided-run.ts';

/** Lists of the page are longer than those of the mail, and of every severity. */
const OPTIONS = { minSeverity: 'low', top: 10 } as const;

const CHECKS: readonly PageCheck[] = CATALOGUE.map(({ id, title, category, controls, verify }) => ({
  id,
  title,
  category,
  controls,
  verify,
}));

export interface PageSurroundings {
  /** Of earlier runs. */
  readonly trend: readonly TrendRow[];
  /** The text of `config.json`; `null`: it is not known. */
  readonly config: string | null;
  /** How a person finds the page. */
  readonly location: string;
  /** @defaultValue `false`: it is the page of the run */
  readonly ofCluster?: boolean;
}

/** `report.html` of a run that is decided, given the objects that were stored before it. */
export function pageOf(
  decided: DecidedRun,
  { trend, config, location, ofCluster = false }: PageSurroundings,
): (objects: readonly StoredObject[]) => Iterable<string> {
  const { ranked } = decided;
  const input: Omit<PageInput, 'objects'> = {
    digest: {
      ...decided,
      unfinished: decided.context?.unfinished ?? [],
      reportLocation: location,
      options: OPTIONS,
    },
    ranked,
    checks: CHECKS,
    config: config === null ? null : (JSON.parse(config) as object),
    about: decided.context ?? null,
    trend,
    of: ofCluster ? 'one' : decided.perCluster === true ? 'clusters' : 'run',
  };
  return (objects) => reportPage({ ...input, objects });
}
