import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Bundles the constructs for other CDK apps into one module, which leaves the CDK to the app. */
export async function bundleLib(outfile: string): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['lib/index.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // As they are peers: a construct of another copy of them is no construct for the app.
    external: ['aws-cdk-lib', 'constructs'],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
    },
    keepNames: true,
    sourcemap: true,
    legalComments: 'linked',
    metafile: true,
  });
  return metafile;
}
