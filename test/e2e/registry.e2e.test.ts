import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openProcesses, type Processes } from './environment/processes.ts';
import { startRegistry } from './environment/registry.ts';
import { ensureRegistryBinaries, type RegistryBinaries } from './environment/registry-binaries.ts';
import { OCI, openPusher } from './support/oras.ts';

let processes: Processes;
let binaries: RegistryBinaries;

beforeAll(async () => {
  processes = await openProcesses();
  binaries = await ensureRegistryBinaries();
});

afterAll(() => processes?.stop());

describe.each(['referrers', 'tags'] as const)('The registry of the kind %s', (kind) => {
  test('takes images, indexes and what is attached, and forgets tags', async () => {
    const { host } = await startRegistry(processes, binaries, kind);
    const pusher = await openPusher(binaries, { folder: join(processes.folder, kind), host });
    const amd64 = await pusher.image('team/app:amd64');
    const arm64 = await pusher.image('team/app:arm64', { architecture: 'arm64' });
    const index = await pusher.index('team/app:1', ['amd64', 'arm64']);
    const sbom = await pusher.attach('team/app:1', {
      document: { spdxVersion: 'SPDX-2.3' },
      mediaType: 'application/spdx+json',
    });
    await pusher.untag('team/app:arm64');

    const get = (path: string) =>
      fetch(`http://${host}/v2/team/app/${path}`, { headers: { accept: `${OCI.image}, ${OCI.index}` } });
    expect(await (await get('manifests/1')).json()).toMatchObject({
      manifests: [
        { digest: amd64, platform: { os: 'linux', architecture: 'amd64' } },
        { digest: arm64, platform: { os: 'linux', architecture: 'arm64' } },
      ],
    });
    expect((await get('manifests/arm64')).status).toBe(404);
    expect((await get(`manifests/${arm64}`)).status).toBe(200);
    const listed = await get(`referrers/${index}`);
    expect(listed.status).toBe(kind === 'referrers' ? 200 : 404);
    const referrers = kind === 'referrers' ? listed : await get(`manifests/${index.replace(':', '-')}`);
    // What a list says of the type of an artifact is not to be relied on: this one names the empty configuration.
    expect(await referrers.json()).toMatchObject({ manifests: [{ digest: sbom }] });
  });
});
