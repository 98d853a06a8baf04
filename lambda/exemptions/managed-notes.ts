import type { Config, Exemption } from '../config/config.ts';
import { matches } from '../config/match.ts';
import { EVERY_CHECK } from '../config/schema-accepted.ts';
import type { ClusterResult } from '../findings/run-result.ts';
import { DAY } from '../inventory/durations.ts';
import { covers } from '../ownership/managed.ts';
import { EXPIRING_DAYS, type ExemptionNote, endOfDay } from './exemptions.ts';

type ManagedEntry = Config['managed']['workloads'][number];

export interface ManagedNotes {
  readonly expired: readonly ExemptionNote[];
  readonly expiring: readonly ExemptionNote[];
  /** Of which no cluster has such a workload; nothing where a cluster could not be read. */
  readonly unused: readonly ExemptionNote[];
}

/**
 * What is to be said of the workloads that the configuration calls managed, in the form of exemptions: these entries,
 * too, keep findings from people until a day.
 *
 * @param now Epoch milliseconds.
 */
export function managedNotes(
  entries: readonly ManagedEntry[],
  results: readonly ClusterResult[],
  now: number,
): ManagedNotes {
  const complete = results.every(({ outcome, basis }) => outcome === 'audited' && basis !== undefined);
  const notes = entries.map((entry) => {
    const findings = results.flatMap((result) =>
      result.findings.filter(({ workload }) => covers(entry, workload)),
    );
    const isThere = findings.length > 0 || results.some((result) => mayHold(result, entry));
    const note: ExemptionNote = { exemption: asExemption(entry), findings: findings.length };
    return { note, isThere, end: endOfDay(entry.expires) };
  });
  const valid = notes.filter(({ end }) => now < end);
  const said = (which: typeof notes): readonly ExemptionNote[] => which.map(({ note }) => note);
  return {
    expired: said(notes.filter(({ end }) => !(now < end))),
    expiring: said(valid.filter(({ end }) => end - DAY - now <= EXPIRING_DAYS * DAY)),
    unused: said(complete ? valid.filter(({ isThere }) => !isThere) : []),
  };
}

/** Whether such a workload has no finding, was not judged, or is where nothing is. */
function mayHold({ basis, notEvaluated, excluded = [] }: ClusterResult, entry: ManagedEntry): boolean {
  const [ofNamespace = ''] = entry.match.split('/');
  return (
    (basis?.clean ?? []).some((workload) => covers(entry, workload)) ||
    notEvaluated.some(({ workload }) => workload !== null && covers(entry, workload)) ||
    excluded.some(({ namespace }) => matches(ofNamespace, namespace))
  );
}

function asExemption({ match, reason, owner, expires }: ManagedEntry): Exemption {
  const [namespace = '', ...workload] = match.split('/');
  return {
    check: EVERY_CHECK,
    cluster: null,
    namespace,
    workload: workload.join('/'),
    container: null,
    reason: `managed workload: ${reason}`,
    owner,
    expires,
  };
}
