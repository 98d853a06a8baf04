import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, type Metafile, type Plugin } from 'esbuild';

const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));

/** Bundles the command line with all that it needs into one file. */
export async function bundleCli(outfile: string): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: path(''),
    entryPoints: [path('bin/eks-drift-audit.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minifySyntax: true,
    // Some dependencies are CommonJS and call require at run time.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
    },
    legalComments: 'linked',
    plugins: [embeddedSample],
    metafile: true,
  });
  return metafile;
}

/** Replaces the module that reads the file of the sample by the bytes of it. */
const embeddedSample: Plugin = {
  name: 'embedded-sample',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]lambda[\\/]sample[\\/]sample-file\.ts$/ }, async () => {
      const bytes = await readFile(path('lambda/sample/fleet.snapshot'));
      return {
        contents: `export const sampleFile = () => Buffer.from('${bytes.toString('base64')}', 'base64');`,
      };
    });
  },
};
