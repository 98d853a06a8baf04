import { chmod } from 'node:fs/promises';
import { bundleCli } from './bundle-cli.ts';

/** Bundles the command line into one executable file, `dist/eks-drift-audit.js`. */
const outfile = 'dist/eks-drift-audit.js';

await bundleCli(outfile);
await chmod(outfile, 0o755);
console.error(`built ${outfile}`);
