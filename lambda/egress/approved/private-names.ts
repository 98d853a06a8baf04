import { type HostMatch, normalName } from '../sets/hosts.ts';

/**
 * Endings that the public name system does not have: names of services in the cluster, of hosts in the
 * VPC, of the local network. Special-Use Domain Names, https://www.iana.org/assignments/special-use-domain-names/
 * (`local` RFC 6762, `localhost` RFC 6761, `home.arpa` RFC 8375); `internal` is reserved for private use by
 * ICANN, https://www.icann.org/en/board-activities-and-meetings/materials/approved-resolutions-special-meeting-of-the-icann-board-29-07-2024-en
 */
const PRIVATE_ENDINGS = ['local', 'internal', 'localhost', 'home.arpa'];

/**
 * Whether all names that the rule admits are private ones. What stands behind its last wildcard must
 * say so.
 */
export function isPrivateName({ host }: Pick<HostMatch, 'host'>): boolean {
  const name = normalName(host);
  return PRIVATE_ENDINGS.some((ending) => name === ending || name.endsWith(`.${ending}`));
}
