import { type Fields, field, isFields, isUnset } from '../../policies/shape.ts';
import { haveCommonName } from '../../sets/hosts.ts';
import type { HostName } from './peer.ts';

/**
 * The names that a rule for ports asks for, in TLS or in HTTP.
 *
 * @returns null if it asks for none, for every one, or in a way that is not understood: it then counts as
 * the widest
 */
export function namesAsked(rule: Fields): readonly HostName[] | null {
  return serverNames(field(rule, 'serverNames')) ?? httpHosts(field(rule, 'rules'));
}

/**
 * `ServerNames`, pkg/policy/api/l4.go: "If not empty, then TLS must be present and one of the provided SNIs must
 * be indicated in the TLS handshake." How deep a wildcard goes differs by version, so any depth counts.
 */
function serverNames(value: unknown): readonly HostName[] | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  const names = value.map((name: unknown): HostName | null =>
    typeof name === 'string' && PATTERN.test(name) && !ALL_NAMES.test(name)
      ? { host: name, wildcard: 'labels' }
      : null,
  );
  return allOf(names);
}

const PATTERN = /^[-a-z0-9_*]+(\.[-a-z0-9_*]+)*\.?$/i;
/** Whatever may be any name, or any but for its last label. */
const ALL_NAMES = /^[*.]+$/;

/**
 * `PortRuleHTTP`, pkg/policy/api/http.go: "Host is an extended POSIX regex matched against the host header of a
 * request […]. If omitted or empty, the value of the host header is ignored." One rule of the list is enough.
 */
function httpHosts(rules: unknown): readonly HostName[] | null {
  const list = isFields(rules) ? field(rules, 'http') : null;
  if (!Array.isArray(list) || list.length === 0) return null;
  return allOf(list.map((one: unknown) => (isFields(one) ? hostOf(field(one, 'host')) : null)));
}

/**
 * Envoy matches the whole value. Understood are names with `.*` or `.+` for a part, and dots as `\.`, `[.]` or `.`;
 * the last one stands for any character.
 */
function hostOf(expression: unknown): HostName | null {
  if (isUnset(expression) || typeof expression !== 'string') return null;
  const inner = expression.replace(/^\^/, '').replace(/\$$/, '');
  const parts: readonly string[] = inner.match(PART) ?? [];
  if (inner === '' || parts.join('') !== inner) return null;
  const host = parts.map(textOf).join('');
  if (ALL_NAMES.test(host)) return null;
  return { host, wildcard: parts.includes('.') ? 'dots' : 'labels' };
}

const PART = /\.[*+]|\\\.|\[\.\]|\.|[-a-z0-9_]+(?![*+?{|])/gi;

function textOf(part: string): string {
  if (part === '.*' || part === '.+') return '*';
  return part === '\\.' || part === '[.]' ? '.' : part;
}

const allOf = (names: readonly (HostName | null)[]): readonly HostName[] | null => {
  const known = names.filter((name) => name !== null);
  return known.length === names.length ? known : null;
};

/**
 * Names by which a rule finds addresses, where it also asks for names in the connection. Of two that have a
 * name in common the one without wildcards is the narrower. A name that none fits stays: its server may
 * answer to others.
 */
export const narrowNames = (hosts: readonly HostName[], names: readonly HostName[]): readonly HostName[] =>
  hosts.flatMap((host) => {
    if (!host.host.includes('*')) return [host];
    const fitting = names.filter((name) => haveCommonName(host, name));
    return fitting.length > 0 && fitting.every(({ host: text }) => !text.includes('*')) ? fitting : [host];
  });
