import { admitsUnder, type HostMatch } from './hosts.ts';
import { AMAZON } from './registries/amazon.ts';
import { DATABASES } from './registries/databases.ts';
import { DISTRIBUTIONS } from './registries/distributions.ts';
import { FORGES } from './registries/forges.ts';
import { JAVA } from './registries/java.ts';
import { LANGUAGES } from './registries/languages.ts';
import type { PackageRegistry } from './registries/model.ts';
import { VENDORS } from './registries/vendors.ts';

/**
 * Public package registries, distribution mirrors, source forges and places from which tools are
 * downloaded, from each tool's own documentation or default configuration. Only names whose purpose this
 * is: general object storage, page hosting and registries of container images are left out, since a
 * running pod does not install those (ghcr.io is in, since Homebrew installs from it). The configuration
 * adds others (`egress.packageRegistries`).
 */
export const PACKAGE_REGISTRIES: readonly PackageRegistry[] = [
  ...DISTRIBUTIONS,
  ...AMAZON,
  ...LANGUAGES,
  ...JAVA,
  ...FORGES,
  ...VENDORS,
  ...DATABASES,
];

/** The names of the registries of which the rule admits some host, each once. */
export function registriesAdmitted(
  host: Pick<HostMatch, 'host' | 'wildcard'>,
  registries: readonly PackageRegistry[] = PACKAGE_REGISTRIES,
): readonly string[] {
  return registries
    .filter(({ domains }) => domains.some((domain) => admitsUnder(host, domain)))
    .map(({ name }) => name);
}
