import { AuditorError } from '../../errors.ts';
import { DAY } from '../../inventory/durations.ts';
import type { ExpiryRule, StoreHistory } from '../../store/store-history.ts';

/** The rules by which a store lets objects end; `null`: a folder has none. */
export type Expiry =
  | { readonly rules: readonly ExpiryRule[] }
  /** They could not be read. */
  | { readonly problem: string }
  | null;

export async function readExpiry(history: StoreHistory | null): Promise<Expiry> {
  if (history === null) return null;
  try {
    return { rules: await history.expiryRules() };
  } catch (error) {
    if (error instanceof AuditorError) return { problem: error.message };
    throw error;
  }
}

/** The rules that may be known. */
export const rulesOf = (expiry: Expiry): readonly ExpiryRule[] =>
  expiry !== null && 'rules' in expiry ? expiry.rules : [];

/** The rule by which an object of this age has ended; `null`: none explains that it is not there. */
export function ruleThatEnded(rules: readonly ExpiryRule[], key: string, age: number): ExpiryRule | null {
  return rules.find(({ prefix, days }) => key.startsWith(prefix) && age >= days * DAY) ?? null;
}

/** The rules by which even its old versions are gone. */
export function ruleThatRemoved(rules: readonly ExpiryRule[], key: string, age: number): ExpiryRule | null {
  return (
    rules.find(
      ({ prefix, days, oldVersionDays }) =>
        key.startsWith(prefix) && oldVersionDays !== null && age >= (days + oldVersionDays) * DAY,
    ) ?? null
  );
}
