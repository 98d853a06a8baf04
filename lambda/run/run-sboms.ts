import type { Config } from '../config/config.ts';
import type { Shortfall } from '../report/news.ts';
import { orShortfall } from '../store/shortfall.ts';
import type { ReportStore } from '../store/store.ts';
import { openSbomCollector, type SbomCollector } from './collect-sboms.ts';

const PART = 'the SBOMs of running images';

/** Takes SBOMs during a run, where the configuration asks for them. What the store refuses is said with the run. */
export async function openSboms(
  { store, config, now }: { readonly store: ReportStore; readonly config: Config; readonly now: number },
  shortfalls: Shortfall[],
): Promise<SbomCollector | null> {
  if (config.images.registry !== 'sbom-collect') return null;
  return orShortfall(PART, shortfalls, () => openSbomCollector(store, now));
}

/** Makes what was taken searchable. */
export async function finishSboms(sboms: SbomCollector | null, shortfalls: Shortfall[]): Promise<void> {
  if (sboms !== null) await orShortfall(PART, shortfalls, () => sboms.finish());
}
