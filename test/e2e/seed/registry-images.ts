import { spdx2 } from '../../sbom/documents.ts';
import type { Pusher } from '../support/oras.ts';
import type { RunningImage } from './image-pods.ts';

/** What a pusher of one registry makes, and the registry's name. */
export interface Filled {
  readonly host: string;
  readonly push: Pusher;
}

const SPDX = 'application/spdx+json';

/**
 * Images whose tags have had a history since pods were started from them, by the name of the pod. Each is a repository of
 * its own.
 */
export async function pushMovedImages({ host, push }: Filled): Promise<ReadonlyMap<string, RunningImage>> {
  const runs = new Map<string, RunningImage>();
  const runsAs = (name: string, reference: string, imageId: string): void => {
    runs.set(name, { image: `${host}/shop/${name}${reference}`, imageId });
  };
  const at = (name: string, digest: string): string => `${host}/shop/${name}@${digest}`;
  const withSbom = (reference: string) =>
    push.attach(reference, { document: spdx2([{ name: 'unremarkable' }]), mediaType: SPDX });

  const same = await push.image('shop/same:1', { user: '101' });
  runsAs('same', ':1', at('same', same));

  const before = await push.image('shop/moved:1');
  await withSbom(`shop/moved@${before}`);
  await push.image('shop/moved:1', { version: '2' });
  runsAs('moved', ':1', at('moved', before));

  const gone = await push.image('shop/gone:1');
  await withSbom(`shop/gone@${gone}`);
  await push.untag('shop/gone:1');
  runsAs('gone', ':1', at('gone', gone));

  const index = await pushIndex(push, 'index', '1');
  await withSbom(`shop/index@${index.digest}`);
  runsAs('index', ':1', at('index', index.digest));

  const child = await pushIndex(push, 'child', '1');
  await withSbom(`shop/child@${child.amd64}`);
  runsAs('child', ':1', at('child', child.amd64));

  const old = await pushIndex(push, 'index-moved', '1');
  await withSbom(`shop/index-moved@${old.amd64}`);
  await pushIndex(push, 'index-moved', '2');
  runsAs('index-moved', ':1', at('index-moved', old.amd64));

  await push.image('shop/config:1');
  runsAs('config', ':1', await push.configOf('shop/config:1'));
  await withSbom('shop/config:1');

  await push.image('shop/config-moved:1');
  runsAs('config-moved', ':1', await push.configOf('shop/config-moved:1'));
  await push.image('shop/config-moved:1', { version: '2' });

  const pinned = await push.image('shop/pinned:1');
  await withSbom('shop/pinned:1');
  await push.image('shop/pinned:1', { version: '2' });
  runsAs('pinned', `@${pinned}`, at('pinned', pinned));

  await push.image('shop/never-pushed:1');
  runsAs('never-pushed', ':1', at('never-pushed', `sha256:${'ab'.repeat(32)}`));
  return runs;
}

/** An index of two platforms under the tag `1`, with images of a version. */
async function pushIndex(
  push: Pusher,
  name: string,
  version: string,
): Promise<{ readonly digest: string; readonly amd64: string }> {
  const amd64 = await push.image(`shop/${name}:amd64`, { version });
  const arm64 = await push.image(`shop/${name}:arm64`, { version, architecture: 'arm64' });
  return { amd64, digest: await push.index(`shop/${name}:1`, [amd64, arm64]) };
}
