import type { Exemption } from '../config/config.ts';
import type { AcceptedGapNote, AcceptedGapNotes } from '../exemptions/accepted-gaps.ts';
import { DAY } from '../inventory/durations.ts';
import { compareText } from '../inventory/workload.ts';
import { bullet, type Entry, paragraph, quoted, type Section } from './digest-layout.ts';
import type { ExemptionNote, ExemptionNotes } from './exemption-notes.ts';
import { count, listed, reasonWords, thousands } from './words.ts';

/** Exemptions that ended, that end soon, and that no longer match anything. `now`: RFC 3339. */
export function exemptionSections(notes: ExemptionNotes, now: string, top: number): readonly Section[] {
  return [
    part('EXEMPTIONS EXPIRED', ', their findings count again', notes.expired, (ends) => `ended ${ends}`),
    part(
      'EXEMPTIONS ENDING',
      ' within 14 days',
      notes.expiring,
      (ends) => `ends ${ends}, ${inDays(ends, now)}`,
    ),
    part('EXEMPTIONS UNUSED', ', correct or remove them', notes.unused, (ends) => `ends ${ends}`),
  ];

  function part(
    title: string,
    detail: string,
    of: readonly ExemptionNote[],
    when: (ends: string) => string,
  ): Section {
    const sorted = of.toSorted(compareNotes);
    const rest = sorted.length - top;
    const entries = sorted.slice(0, top).map((note) => noteEntry(note, when(note.exemption.expires)));
    return {
      title,
      detail,
      intro: [],
      entries: rest > 0 ? [...entries, bullet(`and ${count(rest, 'more exemption')}`)] : entries,
    };
  }
}

const compareNotes = (a: ExemptionNote, b: ExemptionNote): number =>
  compareText(a.exemption.expires, b.exemption.expires) ||
  compareText(exemptionScope(a.exemption), exemptionScope(b.exemption)) ||
  compareText(a.exemption.owner, b.exemption.owner);

function noteEntry({ exemption, findings }: ExemptionNote, when: string): Entry {
  const covers = findings === 0 ? '' : `, ${count(findings, 'finding')}`;
  return [
    ...bullet(`${quoted(exemptionScope(exemption))}: ${when}${covers}`),
    ...paragraph(`Owner ${quoted(exemption.owner)}: ${quoted(exemption.reason)}`, 2),
  ];
}

/** `writable-root-filesystem for legacy/Deployment/erp, container app, in prod-eu`. */
export function exemptionScope({ check, cluster, namespace, workload, container }: Exemption): string {
  const target = [namespace ?? (workload === null ? null : '*'), workload].filter((part) => part !== null);
  const parts = [
    `${check === '*' ? 'every check' : check} for ${target.length === 0 ? 'every workload' : workload === null ? `namespace ${namespace}` : target.join('/')}`,
    ...(container === null ? [] : [`container ${container}`]),
    ...(cluster === null ? [] : [`in ${cluster}`]),
  ];
  return parts.join(', ');
}

/** `expires` is the last day on which it counts, so on that day it ends today. */
function inDays(expires: string, now: string): string {
  const days = Math.round((Date.parse(expires) - Date.parse(now.slice(0, 10))) / DAY);
  if (Number.isNaN(days)) return 'soon';
  if (days <= 0) return 'today';
  return days === 1 ? 'tomorrow' : `in ${days} days`;
}

/** Accepted gaps that count again, that will soon, that cover more than before, and that match nothing. `now`: RFC 3339. */
export function acceptedGapSections(
  notes: AcceptedGapNotes | null,
  now: string,
  top: number,
): readonly Section[] {
  if (notes === null) return [];
  return [
    part('ACCEPTED GAPS EXPIRED', ', they count again', notes.expired, (ends) => `ended ${ends}`),
    part(
      'ACCEPTED GAPS ENDING',
      ' within 14 days',
      notes.expiring,
      (ends) => `ends ${ends}, ${inDays(ends, now)}`,
    ),
    part(
      'ACCEPTED GAPS GREW',
      ', they cover more than in the last run',
      notes.grown ?? [],
      (ends) => `ends ${ends}`,
    ),
    part('ACCEPTED GAPS UNUSED', ', correct or remove them', notes.unused, (ends) => `ends ${ends}`),
  ];

  function part(
    title: string,
    detail: string,
    of: readonly AcceptedGapNote[],
    when: (ends: string) => string,
  ): Section {
    const sorted = of.toSorted((a, b) => compareText(a.accepted.expires, b.accepted.expires));
    const entries = sorted.slice(0, top).map((note) => gapEntry(note, when(note.accepted.expires)));
    const rest = sorted.length - top;
    return {
      title,
      detail,
      intro: [],
      entries: rest > 0 ? [...entries, bullet(`and ${count(rest, 'more accepted gap')}`)] : entries,
    };
  }
}

function gapEntry({ accepted, rows, fresh = 0 }: AcceptedGapNote, when: string): Entry {
  const { reason, match, owner, because } = accepted;
  const places = [
    ...(match.checks === null ? [] : [listed(match.checks, 3)]),
    ...(match.namespaces === null ? [] : [`namespace ${listed(match.namespaces, 3)}`]),
    ...(match.clusters === null ? [] : [`in ${listed(match.clusters, 3)}`]),
  ];
  const where = places.length === 0 ? '' : ` for ${places.join(', ')}`;
  const ofThem = fresh === 0 ? '' : `, ${thousands(fresh)} of them new`;
  const covers = rows === 0 ? '' : `, ${count(rows, 'verdict')}${ofThem}`;
  return [
    ...bullet(`${reasonWords(reason)}${quoted(where)}: ${when}${covers}`),
    ...paragraph(`Owner ${quoted(owner)}: ${quoted(because)}`, 2),
  ];
}
