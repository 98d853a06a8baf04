import { freePorts } from './free-ports.ts';
import { type Processes, waitUntilReady } from './processes.ts';
import type { RegistryBinaries } from './registry-binaries.ts';

/** An empty registry on loopback, for anybody, that keeps all in memory. It ends with the processes. */
export interface TestRegistry {
  /** As image references name it. */
  readonly host: string;
}

/**
 * Starts a registry of go-containerregistry.
 *
 * @param kind `referrers`: with the list of referrers of version 1.1 of the distribution specification; `tags`: without
 *   it, so that those who attach something write the fallback tag.
 */
export async function startRegistry(
  processes: Processes,
  binaries: RegistryBinaries,
  kind: 'referrers' | 'tags',
): Promise<TestRegistry> {
  const [port] = await freePorts(1);
  const host = `127.0.0.1:${port}`;
  const [command, args] =
    kind === 'referrers'
      ? [binaries.registry, ['--address', host]]
      : [binaries.crane, ['registry', 'serve', '--address', host]];
  const program = processes.start({ name: `registry-${kind}`, command, args });
  await waitUntilReady(program, async () => (await fetch(`http://${host}/v2/`)).ok);
  return { host };
}
