import { wrapAnsi } from 'fast-wrap-ansi';
import type { Finding } from '../findings/finding.ts';
import type { ClusterResult } from '../findings/run-result.ts';
import type { GapReason } from '../inventory/gap.ts';
import type { Unverified } from '../inventory/inventory.ts';
import type { ClusterIdentity, WorkloadRef } from '../inventory/names.ts';
import { SEVERITIES, type Severity } from '../severity.ts';
import { wholeCommands } from './whole-commands.ts';

/** `1,234`. */
export const thousands = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');

/** `1 pod`, `2,000 pods`; irregular plurals are given whole. */
export const count = (value: number, noun: string, plural = `${noun}s`): string =>
  `${thousands(value)} ${value === 1 ? noun : plural}`;

/** `Mon, 02 Mar 2026 06:00 UTC`; what is not a date is given back as it is. */
export function instant(rfc3339: string): string {
  const date = new Date(rfc3339);
  // The format of toUTCString is fixed by ECMA-262 (Date.prototype.toUTCString), unlike locale formats.
  return Number.isNaN(date.getTime()) ? rfc3339 : date.toUTCString().replace(/:\d\d GMT$/, ' UTC');
}

/** `a, b and 3 more`. */
export function listed(items: readonly string[], limit: number): string {
  if (items.length <= limit) return items.join(', ');
  return `${items.slice(0, limit).join(', ')} and ${thousands(items.length - limit)} more`;
}

/** `1 critical, 3 high`, severities without a finding left out; empty when there is none. */
export function severityCounts(findings: readonly Pick<Finding, 'severity'>[]): string {
  const counts = new Map<Severity, number>();
  for (const { severity } of findings) counts.set(severity, (counts.get(severity) ?? 0) + 1);
  return SEVERITIES.filter((severity) => counts.has(severity))
    .map((severity) => `${thousands(counts.get(severity) ?? 0)} ${severity}`)
    .join(', ');
}

/** `payments/Deployment/checkout`; without the namespace when there is none. */
export const workloadName = ({ namespace, kind, name }: WorkloadRef): string =>
  [namespace, kind, name].filter((part) => part !== '').join('/');

/** `prod-eu (111122223333, eu-west-1)`. */
export function clusterName({ name, accountId, region }: ClusterIdentity): string {
  const place = [accountId, region].filter((part) => part !== null).join(', ');
  return place === '' ? name : `${name} (${place})`;
}

export type NameOf = (cluster: ClusterIdentity) => string;

/** Names clusters as shortly as they stay apart: only those that share their name get account and region. */
export function shortNames(clusters: Iterable<ClusterIdentity>): NameOf {
  const byName = Map.groupBy(clusters, ({ name }) => name);
  const shared = new Set(
    [...byName].filter(([, of]) => new Set(of.map(clusterName)).size > 1).map(([name]) => name),
  );
  return (cluster) => (shared.has(cluster.name) ? clusterName(cluster) : cluster.name);
}

/**
 * Breaks text into lines of at most `width` columns as a terminal or a fixed-width font shows them. The
 * first line starts with `first`, the others with `rest`, both in ASCII. A word that is longer than a line
 * stays whole, so that links can be followed, and so does a command of this program.
 */
export function wrapped(text: string, width: number, first: string, rest = first): readonly string[] {
  const room = width - Math.max(first.length, rest.length);
  const whole = wholeCommands(text, Math.max(room, 20));
  const lines = wrapAnsi(whole.text, Math.max(room, 20), { trim: true }).split('\n');
  return lines.map((line, index) => `${index === 0 ? first : rest}${whole.restore(line)}`);
}

/** At most `limit` characters, with an ellipsis in ASCII where something was cut. */
export const shortened = (text: string, limit: number): string =>
  text.length <= limit ? text : `${text.slice(0, limit - 3).trimEnd()}...`;

const REASONS: Readonly<Record<GapReason, string>> = {
  forbidden: 'permission denied',
  unauthorized: 'authentication failed',
  unreachable: 'unreachable',
  timeout: 'timed out',
  'server-error': 'server error',
  'list-incomplete': 'list incomplete',
  'malformed-object': 'malformed object',
  'too-large': 'too large',
  'field-missing': 'field missing',
  platform: 'not supported on this platform',
  'no-running-pod': 'no running pod',
  'nothing-to-judge': 'nothing to evaluate',
  'clock-skew': 'clock skew',
  'not-in-snapshot': 'not in the snapshot',
  'unreadable-file': 'file not readable',
  'policy-not-understood': 'policy not understood',
  'registry-not-read': 'registry not read',
  'not-in-registry': 'not in the registry',
  'no-digest': 'no digest known',
  'cache-time-only': 'only cache time known',
  'scan-unsettled': 'scan not settled',
  'not-sampled': 'not measured',
  'address-shared': 'shared address or name',
  'out-of-time': 'out of time',
  'not-finished': 'audit not finished',
  'identity-unclear': 'cluster identity unclear',
};

/** A reason in words for people; data keeps the code. */
export const reasonWords = (reason: GapReason): string => REASONS[reason];

/** Results of a server that was not verified may come from any server. */
export const UNVERIFIED: Readonly<Record<Unverified, { readonly what: string; readonly remedy: string }>> = {
  'insecure-skip-tls-verify': {
    what: 'the certificate of the API server was not verified (insecure-skip-tls-verify), so another server may have answered.',
    remedy:
      'Remove insecure-skip-tls-verify from the cluster in the kubeconfig and set certificate-authority-data.',
  },
  'plain-http': {
    what: 'the API server was reached over plain HTTP, so another server may have answered.',
    remedy: 'Use the https:// address of the API server in the kubeconfig.',
  },
};

/** `12 pods in 2 excluded namespaces (ci-1, ci-2)`; empty where nothing is excluded. */
export function excludedPods(results: readonly Pick<ClusterResult, 'excluded'>[]): string {
  const excluded = results.flatMap((result) => result.excluded ?? []);
  if (excluded.length === 0) return '';
  const pods = excluded.reduce((sum, one) => sum + one.pods, 0);
  const namespaces = [...new Set(excluded.map(({ namespace }) => namespace))];
  const listedNames = listed(namespaces, 5);
  return `${count(pods, 'pod')} in ${count(namespaces.length, 'excluded namespace')} (${listedNames})`;
}
