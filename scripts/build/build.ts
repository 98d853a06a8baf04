import { chmod, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { billOfMaterials, thirdPartyLicenses } from './bill-of-materials.ts';
import { bundleCli } from './bundle-cli.ts';
import { bundleHandlers } from './bundle-handlers.ts';
import { bundleLib } from './bundle-lib.ts';
import { bundledPackages } from './bundled-packages.ts';
import { writeTypes } from './write-types.ts';

/** Writes what the package consists of into `dist`: command line, handlers, constructs, types, licences and SBOM. */
const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
const cli = join(dist, 'eks-drift-audit.js');

await rm(dist, { recursive: true, force: true });
await mkdir(dist);
const bundles = await Promise.all([
  bundleCli(cli),
  bundleHandlers(join(dist, 'handlers')),
  bundleLib(join(dist, 'lib', 'index.js')),
  writeTypes(join(dist, 'types')),
]);
await chmod(cli, 0o755);
const packages = await bundledPackages(bundles.filter((bundle) => bundle !== undefined));
await writeFile(join(dist, 'sbom.cdx.json'), billOfMaterials(packages));
await writeFile(join(dist, 'THIRD_PARTY_LICENSES.txt'), thirdPartyLicenses(packages));
const { size } = await stat(cli);
console.error(`built dist/eks-drift-audit.js (${(size / 1e6).toFixed(2)} MB), handlers, lib and types`);
