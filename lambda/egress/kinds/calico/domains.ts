/** One asterisk matches a whole component, and not the last one. */
const DOMAIN = /^(?:(?:[a-z0-9_-]+|\*)\.)*[a-z0-9_-]+\.?$/i;
/** Octets of a name (RFC 1035 §2.3.4) with a final dot. */
const LONGEST = 255;

/**
 * A domain name of Calico Enterprise or Cloud; the open-source version has none. "With a single
 * asterisk in any part of the domain name, it matches 1 or more path components at that position."
 * https://docs.tigera.io/calico-enterprise/latest/reference/resources/networkpolicy#exact-and-wildcard-domain-names
 */
export const isDomain = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= LONGEST && DOMAIN.test(value) && value.split('*').length <= 2;
