import { hash } from 'node:crypto';
import type { Config } from './config.ts';

/**
 * JSON with sorted keys and no spaces, so that equal values have equal text (as RFC 8785 orders keys;
 * a configuration holds no number whose form could differ).
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (isMapping(part) ? sorted(part) : part));
}

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function sorted(mapping: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const entries = Object.entries(mapping).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.assign(Object.create(null), Object.fromEntries(entries));
}

/** SHA-256 of the effective configuration in hexadecimal: the same however the file was written. */
export const configHash = (config: Config): string => hash('sha256', canonicalJson(config), 'hex');
