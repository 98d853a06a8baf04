import { quote } from '../../policies/shape.ts';

/** Labels of letters, digits, `-` and `_`, at least two; `*` only as the whole first label. */
const DOMAIN_NAME =
  /^(?:\*\.)?(?:[a-z0-9_](?:[-a-z0-9_]*[a-z0-9])?\.)+[a-z0-9_](?:[-a-z0-9_]*[a-z0-9])?\.?$/i;

/** Octets of a name (RFC 1035 §2.3.4) with a final dot, and a bound for the expression above. */
const LONGEST_NAME = 255;

/** Names of which some may not have been understood. */
export interface DomainNames {
  readonly names: readonly string[];
  readonly understood: boolean;
}

/**
 * The type `DomainName` of the policy APIs (kubernetes-sigs/network-policy-api, apis/v1alpha2;
 * aws/amazon-network-policy-controller-k8s, api/v1alpha1): "'*', the wildcard specifier, matches one
 * or more entire labels. It does not support partial matches. '*' may only be specified as a prefix."
 * So `*.example.com` admits `a.b.example.com` and not `example.com`: {@link HostMatch} with `labels`.
 */
export function parseDomainNames(value: unknown, path: string, uncertainties: string[]): DomainNames {
  // "+kubebuilder:validation:MinItems=1"
  if (!Array.isArray(value) || value.length === 0) {
    uncertainties.push(`${path} is ${quote(value)} and not a list of domain names`);
    return { names: [], understood: false };
  }
  const names = value.filter(isDomainName);
  const wrong = value.findIndex((name: unknown) => !isDomainName(name));
  if (wrong >= 0) uncertainties.push(`${path}[${wrong}] is ${quote(value[wrong])} and not a domain name`);
  return { names, understood: wrong < 0 };
}

const isDomainName = (name: unknown): name is string =>
  typeof name === 'string' && name.length <= LONGEST_NAME && DOMAIN_NAME.test(name);
