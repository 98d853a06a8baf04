import { setTimeout as delay } from 'node:timers/promises';
import {
  type AwsSecurityFinding,
  BatchImportFindingsCommand,
  type SecurityHubClient,
} from '@aws-sdk/client-securityhub';
import { AuditorError } from '../errors.ts';
import { type Finding, SEVERITIES, type Severity } from '../findings/model.ts';
import { type HubPlace, placeOf, toAsff } from './asff.ts';
import { batches, type Refused, type SendBatch, sendWithRetries } from './batches.ts';
import type { Notice, Notifier } from './notifier.ts';

export interface SecurityHubOptions {
  /**
   * A client with credentials of the account, since with the default product only the account that a finding is
   * about may import it (https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchImportFindings.html).
   */
  readonly clientFor: (place: HubPlace) => Promise<SecurityHubClient>;
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
 * Imports the findings of every EKS cluster into the Security Hub of its account and region. Open ones are told
 * anew in each run, for Security Hub deletes findings that were not updated for 90 days. Needs
 * `securityhub:BatchImportFindings` in each account.
 */
export function securityHubNotifier(options: SecurityHubOptions): Notifier {
  return {
    name: 'security-hub',
    async notify(notice) {
      const problems: string[] = [];
      for (const { place, findings } of byPlace(notice, options.minSeverity)) {
        const problem = await importAt(place, findings, { notice, ...options });
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

function byPlace({ run }: Notice, minSeverity: Severity): readonly AtPlace[] {
  const lowest = SEVERITIES.indexOf(minSeverity);
  const places = new Map<string, { place: HubPlace; findings: Finding[] }>();
  for (const finding of run.clusters.flatMap(({ findings }) => findings)) {
    const place = placeOf(finding);
    if (place === null || SEVERITIES.indexOf(finding.severity) > lowest) continue;
    const key = `${place.accountId}/${place.region}`;
    const known = places.get(key);
    if (known === undefined) places.set(key, { place, findings: [finding] });
    else known.findings.push(finding);
  }
  return [...places.values()];
}

/** @returns a sentence when something was not imported */
async function importAt(
  place: HubPlace,
  findings: readonly Finding[],
  { notice, clientFor, sleep = delay }: SecurityHubOptions & { readonly notice: Notice },
): Promise<string | null> {
  const where = `account ${place.accountId} in ${place.region}`;
  const updatedAt = new Date(notice.now).toISOString();
  const rows = findings.map((finding) => toAsff(finding, { place, runId: notice.run.run.id, updatedAt }));
  try {
    const client = await clientFor(place);
    const lost: Refused<AwsSecurityFinding>[] = [];
    for (const batch of batches(rows, sizeOf, LIMITS)) {
      lost.push(...(await sendWithRetries(batch, importing(client), { attempts: ATTEMPTS, sleep })));
    }
    const [first] = lost;
    if (first === undefined) return null;
    return `Security Hub of ${where} did not take ${lost.length} of ${rows.length} findings (${first.reason}).`;
  } catch (error) {
    const { name = 'unknown error', message = '' } = (error ?? {}) as { name?: string; message?: string };
    return `Findings could not be imported into Security Hub of ${where} (${name}: ${message}); enable Security Hub there and allow securityhub:BatchImportFindings, or switch the import off.`;
  }
}

const sizeOf = (finding: AwsSecurityFinding): number => Buffer.byteLength(JSON.stringify(finding));

function importing(client: SecurityHubClient): SendBatch<AwsSecurityFinding> {
  return async (batch) => {
    const { FailedFindings = [] } = await client.send(
      new BatchImportFindingsCommand({ Findings: [...batch] }),
    );
    const byId = new Map(batch.map((finding) => [finding.Id, finding]));
    return FailedFindings.flatMap(({ Id, ErrorCode = '', ErrorMessage = '' }) => {
      const item = byId.get(Id);
      if (item === undefined) return [];
      return [{ item, reason: `${ErrorCode}: ${ErrorMessage}`, final: FINAL.has(ErrorCode) }];
    });
  };
}
