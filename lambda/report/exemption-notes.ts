import type { Exemption } from '../config/config.ts';
import type { Finding } from '../findings/finding.ts';

/** Exemptions that a person must look at. */
export interface ExemptionNotes {
  /** Findings that were exempt in the previous run and are not any more, whatever ended that. */
  readonly ended: readonly Finding[];
  /**
   * Findings that are exempt and were not in the previous run; absent: it is not known, as in decisions of earlier versions.
   */
  readonly begun?: readonly Finding[];
  /** Past their last day: what they covered fires again. */
  readonly expired: readonly ExemptionNote[];
  /** Still valid, for 14 days at most. */
  readonly expiring: readonly ExemptionNote[];
  /** Valid, but matched no finding in this run. */
  readonly unused: readonly ExemptionNote[];
}

export interface ExemptionNote {
  readonly exemption: Exemption;
  /** How many findings of this run it covers, or would cover had it not expired. */
  readonly findings: number;
}

export const NO_EXEMPTION_NOTES: ExemptionNotes = { ended: [], expired: [], expiring: [], unused: [] };
