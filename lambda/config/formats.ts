import { isIP } from 'node:net';
import { parseIp, stringifyIp } from 'ip-bigint';
import { quote } from '../wording.ts';

/** Each of these returns what is wrong with a text, as a sentence after the path, or `null`. */
export type Problem = string | null;

/** A CIDR block whose address is the first of the block: set host bits are mostly a wrong prefix length. */
export function cidrProblem(text: string): Problem {
  const slash = text.indexOf('/');
  const address = slash === -1 ? text : text.slice(0, slash);
  const family = isIP(address);
  if (family === 0 || address.includes('%'))
    return `${quote(text)} is not a CIDR block; write one such as 203.0.113.0/24 or 2001:db8::/32.`;
  const bits = family === 4 ? 32 : 128;
  if (slash === -1)
    return `${quote(text)} has no prefix length; write ${address}/${bits} for this one address.`;
  const prefix = text.slice(slash + 1);
  if (!/^(0|[1-9][0-9]{0,2})$/.test(prefix) || Number(prefix) > bits) {
    return `${quote(text)} has a wrong prefix length; it must be from 0 to ${bits}.`;
  }
  const { number, version } = parseIp(address);
  const hostBits = (1n << BigInt(bits - Number(prefix))) - 1n;
  if ((number & hostBits) === 0n) return null;
  const first = stringifyIp({ number: number & ~hostBits, version });
  return `${quote(text)} does not begin at the first address of its block; write ${first}/${prefix}, or ${address}/${bits} for this one address.`;
}

/** Whether a valid CIDR block holds every address of its family. */
export const isEverything = (cidr: string): boolean => cidr.endsWith('/0');

/**
 * The first and last address that can be on the internet. 0.0.0.0/8 and 224.0.0.0/3 are no destinations of hosts
 * (https://www.rfc-editor.org/rfc/rfc6890, https://www.rfc-editor.org/rfc/rfc1112), and global unicast addresses of IPv6
 * are 2000::/3 (https://www.iana.org/assignments/ipv6-unicast-address-assignments).
 */
const INTERNET = { 4: ['1.0.0.0', '223.255.255.255'], 6: ['2000::', `3fff${':ffff'.repeat(7)}`] } as const;

/** The family of which valid CIDR blocks hold together every address of the internet; `null`: of none. */
export function familyCovered(cidrs: readonly string[]): 'IPv4' | 'IPv6' | null {
  const blocks = cidrs.map(blockOf);
  const covers = (version: 4 | 6): boolean => {
    const [first, last] = INTERNET[version];
    let next = parseIp(first).number;
    for (const block of blocks
      .filter((one) => one.version === version)
      .toSorted((a, b) => (a.from < b.from ? -1 : 1))) {
      if (block.from <= next && block.to >= next) next = block.to + 1n;
    }
    return next > parseIp(last).number;
  };
  if (covers(4)) return 'IPv4';
  return covers(6) ? 'IPv6' : null;
}

function blockOf(cidr: string) {
  const [address = '', prefix] = cidr.split('/');
  const { number, version } = parseIp(address);
  const size = 1n << BigInt((version === 4 ? 32 : 128) - Number(prefix));
  return { version, from: number, to: number + size - 1n };
}

/** Whether a pattern matches every name that can be: `*`, `**` or `?*`. */
export const matchesEveryName = (pattern: string): boolean => /^[*?]*\*[*?]*$/.test(pattern);

/** RFC 1123 labels, lower case, as Kubernetes and DNS-based policies compare them. */
const HOST = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/;

/** A host name, where `wildcard` also `*.example.com`. */
export function hostProblem(text: string, wildcard: boolean): Problem {
  const name = wildcard && text.startsWith('*.') ? text.slice(2) : text;
  if (text.includes('://') || text.includes('/'))
    return `${quote(text)} is a URL; write only the host name, such as api.example.com.`;
  if (isIP(name) !== 0) return `${quote(text)} is an IP address; list it under cidrs, as a block.`;
  if (/^[*.]+$/.test(text)) return `${quote(text)} matches every host; list the domains that you mean.`;
  if (/:[0-9]+$/.test(text)) return `${quote(text)} has a port; list ports under ports.`;
  if (text !== text.toLowerCase())
    return `${quote(text)} has capital letters; write ${quote(text.toLowerCase())}.`;
  if (text.endsWith('.')) return `${quote(text)} ends with a dot; leave it out.`;
  if (!wildcard && (text.startsWith('*.') || text.startsWith('.'))) {
    return `${quote(text)} must be written without the leading ${text.startsWith('*') ? '*.' : 'dot'}: names below it are included.`;
  }
  if (HOST.test(name)) return null;
  return `${quote(text)} is not a host name; write one such as api.example.com${wildcard ? ' or *.example.com' : ''}.`;
}

/** A day of the calendar as `YYYY-MM-DD`. */
export function dateProblem(text: string): Problem {
  const day = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text);
  if (day === null) {
    const at = /^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]/.exec(text)?.[1];
    return at === undefined
      ? `${quote(text)} is not a date; write the year, month and day as in 2027-03-31.`
      : `${quote(text)} has a time; write the day alone, ${at}: it applies until that day ends in UTC.`;
  }
  const time = Date.parse(`${text}T00:00:00Z`);
  const exists = !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
  return exists ? null : `${quote(text)} is not a day of the calendar.`;
}

/** `Kind/name`; kinds begin with a capital letter, and a pattern in lower case would never match. */
export function workloadProblem(text: string): Problem {
  const parts = text.split('/');
  if (parts.length !== 2 || parts.includes('')) {
    return `${quote(text)} is not a workload; write its kind and name, such as Deployment/erp, Deployment/erp-* or */erp.`;
  }
  return kindProblem(parts[0] ?? '');
}

/** Of a list of workloads by namespace, kind and name. */
export function managedWorkloadProblem(text: string): Problem {
  const parts = text.split('/');
  if (parts.length !== 3 || parts.includes('')) {
    return `${quote(text)} is not a workload; write its namespace, kind and name, such as kube-system/DaemonSet/our-agent.`;
  }
  if (/^[*?/]+$/.test(text))
    return `${quote(text)} matches every workload; name those that somebody else runs.`;
  return kindProblem(parts[1] ?? '');
}

export function kindProblem(kind: string): Problem {
  if (!/^[a-z]/.test(kind)) return null;
  return `${quote(kind)} is not written like a kind; begin it with a capital letter as manifests do, such as Deployment or StatefulSet.`;
}
