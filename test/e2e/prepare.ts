/** Builds and installs what the end-to-end tests need and this machine does not have yet. */
import { ensureMoto } from './environment/aws-services.ts';
import { ensureBinaries } from './environment/binaries.ts';
import { ensureAthena } from './support/athena.ts';

try {
  await ensureBinaries();
  await ensureMoto();
  await ensureAthena();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
