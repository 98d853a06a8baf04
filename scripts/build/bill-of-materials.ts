import { VERSION } from '../../lambda/version.ts';
import type { BundledPackage } from './bundled-packages.ts';

/** A CycloneDX 1.6 document (https://cyclonedx.org/docs/1.6/json/): what the bundles of this package are made of. */
export const billOfMaterials = (packages: readonly BundledPackage[]): string =>
  `${JSON.stringify(
    {
      $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      version: 1,
      metadata: {
        component: {
          'bom-ref': ROOT_REF,
          ...component('application', 'eks-drift-auditor', VERSION, 'Apache-2.0'),
        },
      },
      components: packages.map(({ name, version, license }) => ({
        'bom-ref': purl(name, version),
        ...component('library', name, version, license),
      })),
      dependencies: [{ ref: ROOT_REF, dependsOn: packages.map(({ name, version }) => purl(name, version)) }],
    },
    null,
    2,
  )}\n`;

/** The licences of all of them, as they ask for. */
export const thirdPartyLicenses = (packages: readonly BundledPackage[]): string =>
  packages
    .map(({ name, version, license, texts }) =>
      [`${name} ${version} (${license})`, ...texts.map((text) => text.trim())].join('\n\n'),
    )
    .join(`\n\n${'-'.repeat(80)}\n\n`)
    .concat('\n');

const component = (type: string, name: string, version: string, license: string) => ({
  type,
  name,
  version,
  licenses: [/ (OR|AND|WITH) /.test(license) ? { expression: license } : { license: { id: license } }],
  purl: purl(name, version),
});

/** https://github.com/package-url/purl-spec/blob/main/types-doc/npm-definition.md: the `@` of a scope is encoded. */
const purl = (name: string, version: string): string => `pkg:npm/${name.replace('@', '%40')}@${version}`;

const ROOT_REF = purl('eks-drift-auditor', VERSION);
