import { setTimeout as delay } from 'node:timers/promises';
import type { AwsSecurityFinding } from '@aws-sdk/client-securityhub';
import { AuditorError } from '../errors.ts';
import { COMPARISON } from '../findings/coverage.ts';
import type { Finding } from '../findings/finding.ts';
import { clusterKey, isActive } from '../findings/identity.ts';
import { isAtLeast, type Severity } from '../severity.ts';
import { asffId, type HubPlace, placeOf, toAsff } from './asff.ts';
import { batches, type Refused, type SendBatch, sendWithRetries } from './batches.ts';
import {
  type HubLedger,
  type ImportedFinding,
  importedOf,
  type LedgerPage,
  noLongerReported,
} from './hub-ledger.ts';
import type { Notice, Notifier } from './notifier.ts';

/** Imports at most 100 findings at once, and says which were not imported. */
export interface HubClient {
  importFindings(
    findings: readonly AwsSecurityFinding[],
    signal?: AbortSignal,
  ): Promise<readonly { readonly Id: string; readonly ErrorCode: string; readonly ErrorMessage: string }[]>;
}

export interface SecurityHubOptions {
  /**
   * A client with credentials of the account, since with the default product only the account that a finding is
   * about may import it (https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchImportFindings.html).
   * `null`: the account is no longer configured.
   */
  readonly clientFor: (place: HubPlace) => Promise<HubClient | null>;
  readonly ledger: HubLedger;
  /** Findings below it are not imported. */
  readonly minSeverity: Severity;
  /** Waits between attempts; milliseconds. */
  readonly sleep?: (ms: number) => Promise<unknown>;
}

/** https://docs.aws.amazon.com/securityhub/latest/partnerguide/guidelines-batchimportfindings.html; below 6 MB. */
const LIMITS = { items: 100, bytes: 5_000_000 };
const ATTEMPTS = 4;

/** What no further attempt changes. */
const FINAL = new Set(['InvalidInput', 'InvalidAccess']);

/**
 * Imports the findings of every EKS cluster into the Security Hub of its account and region. Open ones are sent
 * again in each run, for Security Hub deletes findings that were not updated for 90 days; what was imported and is no
 * longer reported is archived once. Needs `securityhub:BatchImportFindings` in each account.
 */
export function securityHubNotifier(options: SecurityHubOptions): Notifier {
  return {
    name: 'security-hub',
    async notify(notice, signal) {
      const problems: string[] = [];
      const places = byPlace(notice, options.minSeverity);
      for (const place of await options.ledger.places()) {
        const key = placeKey(place);
        if (!places.has(key)) places.set(key, { place, findings: [] });
      }
      for (const { place, findings } of places.values()) {
        const problem = await importAt(place, findings, { notice, signal, ...options });
        if (problem !== null) problems.push(problem);
      }
      if (problems.length > 0) throw new AuditorError(problems.join(' '));
    },
  };
}

interface AtPlace {
  readonly place: HubPlace;
  readonly findings: readonly Finding[];
}

const placeKey = ({ accountId, region }: HubPlace): string => `${accountId}/${region}`;

function byPlace({ run }: Notice, minSeverity: Severity): Map<string, AtPlace> {
  const places = new Map<string, { place: HubPlace; findings: Finding[] }>();
  for (const finding of run.clusters.flatMap(({ findings }) => findings)) {
    const place = placeOf(finding);
    if (place === null || !isAtLeast(finding.severity, minSeverity)) continue;
    const key = placeKey(place);
    const known = places.get(key);
    if (known === undefined) places.set(key, { place, findings: [finding] });
    else known.findings.push(finding);
  }
  return places;
}

type ImportOptions = SecurityHubOptions & {
  readonly notice: Notice;
  readonly signal: AbortSignal | undefined;
};

/** @returns a sentence when something was not imported */
async function importAt(
  place: HubPlace,
  findings: readonly Finding[],
  options: ImportOptions,
): Promise<string | null> {
  const { notice, signal, ledger, clientFor, sleep = delay } = options;
  const where = `account ${place.accountId} in ${place.region}`;
  const updatedAt = new Date(notice.now).toISOString();
  try {
    signal?.throwIfAborted();
    const before = await ledger.read(place);
    const { stale, kept } = partOf(before.findings, findings, notice);
    const rows = [...findings, ...stale.map(noLongerReported)].map((finding) =>
      toAsff(finding, { place, runId: notice.run.run.id, updatedAt }),
    );
    if (rows.length === 0) return null;
    const client = await clientFor(place);
    if (client === null) {
      if (findings.length > 0) {
        return `No credentials for account ${place.accountId} are configured; list it under accounts in the configuration.`;
      }
      await replace(place, { ledger, from: before, to: [] });
      return `${stale.length} findings stay active in Security Hub of ${where}, which is no longer configured; archive them there, or wait until Security Hub deletes them after 90 days.`;
    }
    const active = [...findings.filter(isActive).map(importedOf), ...kept];
    // Before anything is sent: what may be in Security Hub is known, whatever happens next.
    await replace(place, { ledger, from: before, to: [...active, ...stale] });
    const lost: Refused<AwsSecurityFinding>[] = [];
    for (const batch of batches(rows, sizeOf, LIMITS)) {
      lost.push(...(await sendWithRetries(batch, importing(client, signal), { attempts: ATTEMPTS, sleep })));
    }
    const open = new Set(lost.map(({ item }) => item.Id));
    const still = stale.filter((one) => open.has(asffId(one)));
    await replace(place, { ledger, from: await ledger.read(place), to: [...active, ...still] });
    const [first] = lost;
    if (first === undefined) return null;
    return `Security Hub of ${where} did not accept ${lost.length} of ${rows.length} findings (${first.reason}).`;
  } catch (error) {
    const { name = 'unknown error', message = '' } = (error ?? {}) as { name?: string; message?: string };
    return `Findings could not be imported into Security Hub of ${where} (${name}: ${message}); enable Security Hub there and allow securityhub:BatchImportFindings, or switch the import off.`;
  }
}

interface Part {
  /** Active in Security Hub, and no longer reported. */
  readonly stale: readonly ImportedFinding[];
  /** Not decided: what is known of their clusters could not be read. */
  readonly kept: readonly ImportedFinding[];
}

/** What was imported before and is not among the findings of this run. */
function partOf(before: readonly ImportedFinding[], findings: readonly Finding[], { run }: Notice): Part {
  const reported = new Set(findings.map(({ id }) => id));
  const undecided = new Set(
    run.clusters
      .filter(({ notEvaluated }) => notEvaluated.some(({ check }) => check === COMPARISON))
      .map(({ cluster }) => clusterKey(cluster)),
  );
  const others = before.filter(({ id }) => !reported.has(id));
  const { stale = [], kept = [] } = Object.groupBy(others, ({ cluster }) =>
    undecided.has(clusterKey(cluster)) ? 'kept' : 'stale',
  );
  return { stale, kept };
}

async function replace(
  place: HubPlace,
  {
    ledger,
    from,
    to,
  }: { readonly ledger: HubLedger; readonly from: LedgerPage; readonly to: readonly ImportedFinding[] },
): Promise<void> {
  if (await ledger.replace(place, { findings: to, version: from.version })) return;
  throw new AuditorError('another run imports findings there at this moment');
}

const sizeOf = (finding: AwsSecurityFinding): number => Buffer.byteLength(JSON.stringify(finding));

function importing(client: HubClient, signal: AbortSignal | undefined): SendBatch<AwsSecurityFinding> {
  return async (batch) => {
    const failed = await client.importFindings(batch, signal);
    const byId = new Map(batch.map((finding) => [finding.Id, finding]));
    return failed.flatMap(({ Id, ErrorCode, ErrorMessage }) => {
      const item = byId.get(Id);
      if (item === undefined) return [];
      return [{ item, reason: `${ErrorCode}: ${ErrorMessage}`, final: FINAL.has(ErrorCode) }];
    });
  };
}
