import type { Unanswered } from './images.ts';

/** Why a registry was not asked that the configuration does not list. */
export const unlistedRegistry = (host: string): Unanswered => ({
  reason: 'registry-not-read',
  message: `The registry ${host} was not asked, since images.registries does not list it.`,
  remedy: `Add { host: ${host} } to images.registries.`,
});

/** The host in the remedy of {@link unlistedRegistry}; `null`: it is another remedy. */
export const unlistedHost = (remedy: string): string | null =>
  /^Add \{ host: (?<host>\S+) \} to images\.registries\.$/.exec(remedy)?.groups?.['host'] ?? null;

/** Registries that are named before the rest is counted. */
const MOST = 10;

/** The same of several registries: one setting decides all of it. @param hosts at least two */
export function unlistedRegistries(hosts: readonly string[]): Pick<Unanswered, 'message' | 'remedy'> {
  const entries = hosts.slice(0, MOST).map((host) => `{ host: ${host} }`);
  const rest = hosts.length > MOST ? ` and ${hosts.length - MOST} more` : '';
  return {
    message: `${hosts.length} registries were not asked, since images.registries does not list them.`,
    remedy: `Add those that may be asked to images.registries: [${entries.join(', ')}]${rest}.`,
  };
}
