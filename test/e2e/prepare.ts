/** Builds and installs what the end-to-end tests need and this machine does not have yet. */
import { ensureMoto } from './environment/aws-services.ts';
import { ensureBinaries } from './environment/binaries.ts';
import { ensureLambdaRuntime } from './environment/lambda-runtime.ts';
import { ensureNodeBinaries } from './environment/real-node-binaries.ts';
import { whyNoRealNode, withoutRealNode } from './environment/real-node-machine.ts';
import { ensureRegistryBinaries } from './environment/registry-binaries.ts';
import { ensureAthena } from './support/athena.ts';
import { pythonSbom } from './support/sbom-tools.ts';

try {
  await ensureBinaries();
  await ensureRegistryBinaries();
  const reason = await whyNoRealNode();
  if (reason === undefined) {
    await ensureNodeBinaries();
  } else {
    process.stderr.write(withoutRealNode(reason));
  }
  await ensureMoto();
  await ensureLambdaRuntime();
  await ensureAthena();
  await pythonSbom();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
