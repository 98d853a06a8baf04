import type { EgressConfig } from '../../../config/config.ts';
import { type AddressSet, fromSpans } from '../../sets/address-set.ts';
import { parseCidr } from '../../sets/addresses.ts';
import { everyPortOf } from '../../sets/port-set.ts';
import type { PackageRegistry } from './package-registry.ts';

/** The registries, mirrors and proxies that the configuration names. */
export interface OwnRegistries {
  readonly names: readonly PackageRegistry[];
  /** On every port of TCP. */
  readonly addresses: AddressSet;
}

export function ownRegistries({ packageRegistries }: EgressConfig): OwnRegistries {
  const made = known.get(packageRegistries) ?? read(packageRegistries);
  known.set(packageRegistries, made);
  return made;
}

/** Many classes are judged by one configuration. */
const known = new WeakMap<EgressConfig['packageRegistries'], OwnRegistries>();

const read = ({ hosts, cidrs }: EgressConfig['packageRegistries']): OwnRegistries => ({
  names: hosts.map((host) => ({ name: host, domains: [host] })),
  // The configuration is checked; what is no block names no address.
  addresses: fromSpans(
    cidrs.map(parseCidr).filter((span) => span !== null),
    everyPortOf('TCP'),
  ),
});
