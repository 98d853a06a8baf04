import { chmod, stat } from 'node:fs/promises';
import { bundleCli } from './bundle-cli.ts';

/** Bundles the command line into one executable file, `dist/eks-drift-audit.js`. */
const outfile = 'dist/eks-drift-audit.js';

await bundleCli(outfile);
await chmod(outfile, 0o755);
const { size } = await stat(outfile);
console.error(`built ${outfile} (${(size / 1e6).toFixed(2)} MB)`);
