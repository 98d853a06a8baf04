import type { Finding } from '../findings/finding.ts';
import { clusterOf } from '../report/rows.ts';
import type { HubPlace } from './asff.ts';

/**
 * What Security Hub holds as active. Its findings stay active until they are archived, so whatever a later run no
 * longer reports (a deleted cluster, a check that is off, a severity below the minimum, another id) must be known.
 */
export type ImportedFinding = Pick<
  Finding,
  'id' | 'check' | 'severity' | 'cluster' | 'workload' | 'container' | 'firstSeen' | 'lastSeen'
>;

export interface LedgerPage {
  readonly findings: readonly ImportedFinding[];
  /** For replacing it; `null`: there is none. */
  readonly version: string | null;
}

/** Remembers between runs, an account and region at a time. */
export interface HubLedger {
  /** Where anything was imported. */
  places(): Promise<readonly HubPlace[]>;
  /** @throws AuditorError when it cannot be read */
  read(place: HubPlace): Promise<LedgerPage>;
  /** @returns `false` when another run has replaced it since it was read */
  replace(place: HubPlace, page: LedgerPage): Promise<boolean>;
}

export const importedOf = (finding: Finding): ImportedFinding => {
  const { id, check, severity, workload, container, firstSeen, lastSeen } = finding;
  return { id, check, severity, cluster: clusterOf(finding), workload, container, firstSeen, lastSeen };
};

/** The finding in its last form: it only takes the one in Security Hub out of sight. */
export const noLongerReported = (imported: ImportedFinding): Finding => ({
  ...imported,
  status: 'withdrawn',
  pods: { count: 0, examples: [], oldestStartedAt: null },
  evidence: {},
  message:
    'No longer reported: its cluster is gone or left out, its check is switched off, or its severity is below the minimum that is imported.',
  remediation: 'No action is needed.',
  controls: [],
  exemption: null,
});
