import type { Config } from '../config/config.ts';
import { AuditorError, OutputError, UsageError } from '../errors.ts';
import { openSbomCollector, type SbomCollector } from '../run/collect-sboms.ts';
import type { RecordedRun } from '../run/record.ts';
import { takeSampleSboms } from '../sample/sboms.ts';
import type { ReportStore } from '../store/store.ts';
import { checkRecorded, publishDigest } from './reports.ts';

export interface OpenSboms {
  readonly collector: SbomCollector | null;
  /** Why the store gives none; said when the run has been recorded, which it does not prevent. */
  readonly refused: AuditorError | null;
}

/** Takes SBOMs where they are asked for, and for the sample, so that `sbom find` can be tried without a registry. */
export async function openSbomsOf(
  store: ReportStore | null,
  { config, sample, now }: { readonly config: Config; readonly sample: boolean; readonly now: number },
): Promise<OpenSboms> {
  const wanted = sample || config.images.registry === 'sbom-collect';
  if (store === null || !wanted) return { collector: null, refused: null };
  try {
    return { collector: await openSbomCollector(store, now), refused: null };
  } catch (error) {
    if (error instanceof AuditorError) return { collector: null, refused: error };
    throw error;
  }
}

export interface Kept {
  readonly topicArn: string | undefined;
  readonly sboms: OpenSboms;
  readonly sample: boolean;
  /** Why the run could not be recorded; `null`: it was. */
  readonly unwritten: unknown;
  /** Takes the run when it is recorded. */
  readonly onRecorded: (recorded: RecordedRun) => void;
}

/**
 * What follows the record of a run; nothing where none is kept. What is refused keeps nothing else from being written.
 * @throws OutputError when a part of it cannot be stored or sent
 */
export async function keepRun(
  store: ReportStore | null,
  recorded: RecordedRun | object,
  { topicArn, sboms, sample, unwritten, onRecorded }: Kept,
): Promise<void> {
  if (store === null) return;
  const failures = unwritten === null ? [] : [unwritten];
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    await work().catch((error) => failures.push(error));
  };
  if ('notice' in recorded) {
    onRecorded(recorded);
    await attempt(() => publish(store, topicArn, recorded));
  }
  await attempt(() => finishSboms(sboms, sample));
  const defects = failures.filter((error) => !isRefusal(error));
  if (defects.length > 0) throw defects[0];
  if (failures.length > 0) throw notWritten(together(failures.filter(isRefusal)));
}

const isRefusal = (error: unknown): error is AuditorError => error instanceof AuditorError;

/** One error for all that was refused, each sentence once. */
function together(failures: readonly AuditorError[]): AuditorError {
  const [first] = failures;
  if (first !== undefined && failures.length === 1) return first;
  const said = new Set(failures.map((one) => one.message));
  return new OutputError([...said].join(' '), { cause: first });
}

async function finishSboms({ collector, refused }: OpenSboms, sample: boolean): Promise<void> {
  if (refused !== null) throw refused;
  if (collector !== null && sample) await takeSampleSboms(collector);
  await collector?.finish();
}

/** @throws AuditorError when the digest was not published, or a part of the record is missing */
async function publish(
  store: ReportStore,
  topicArn: string | undefined,
  recorded: RecordedRun,
): Promise<void> {
  if (topicArn !== undefined) await publishDigest(store, topicArn, recorded);
  checkRecorded(recorded);
}

/** Known failures of a store or a topic are not wrong usage; anything else is a defect and shown as one. */
const notWritten = (error: unknown): unknown =>
  error instanceof AuditorError && !(error instanceof UsageError)
    ? new OutputError(error.message, { cause: error })
    : error;
