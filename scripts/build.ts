import { chmod } from 'node:fs/promises';
import { build } from 'esbuild';

/** Bundles the command line into one executable file, `dist/eks-drift-audit.js`. */
const outfile = 'dist/eks-drift-audit.js';

await build({
  entryPoints: ['bin/eks-drift-audit.ts'],
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
});
await chmod(outfile, 0o755);
console.error(`built ${outfile}`);
