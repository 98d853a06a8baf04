import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { cycloneDx } from '../sbom/documents.ts';
import { imageOf, OCI_IMAGE, type StoredImage, sha256 } from '../support/ecr-server.ts';
import { startApiServer } from '../support/kube-server/api-server.ts';
import { kubeconfigOf } from '../support/kubeconfig.ts';
import { type OciServer, startOciServer } from '../support/oci-server.ts';
import { run } from './run.ts';

/** `audit` with images.registry: sbom-collect, of a cluster and a registry on loopback, and `sbom find` over its reports. */
const NOW = '2026-11-29T07:00:00Z';
const SBOM = JSON.stringify(
  cycloneDx([{ name: 'left-pad', version: '1.3.0', purl: 'pkg:npm/left-pad@1.3.0' }]),
);
const CONFIG = JSON.stringify({ config: { User: '1000' } });

const imageNamed = (name: string): StoredImage =>
  imageOf(
    {
      mediaType: OCI_IMAGE,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: sha256(CONFIG), size: 1 },
      layers: [],
      annotations: { name },
    },
    { tags: ['1'] },
  );
const attachedTo = ({ digest }: StoredImage): StoredImage =>
  imageOf({
    mediaType: OCI_IMAGE,
    layers: [{ mediaType: 'application/vnd.cyclonedx+json', digest: sha256(SBOM), size: SBOM.length }],
    subject: { mediaType: OCI_IMAGE, digest, size: 1 },
  });
const [WITH, WITHOUT] = [imageNamed('with'), imageNamed('without')];

const open: { close(): Promise<unknown> }[] = [];
let folder: string;
let out: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sbom-collect-'));
  out = join(folder, 'out');
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  rmSync(folder, { recursive: true });
});

const podOf = (name: string, image: string, digest: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', uid: name, creationTimestamp: '2026-11-20T00:00:00Z' },
  spec: { nodeName: 'a', containers: [{ name: 'app', image }] },
  status: {
    phase: 'Running',
    startTime: '2026-11-20T00:00:00Z',
    containerStatuses: [
      {
        name: 'app',
        imageID: `${image.replace(/:[^:/]*$/, '')}@${digest}`,
        state: { running: { startedAt: '2026-11-20T00:00:00Z' } },
      },
    ],
  },
});

async function cluster(
  blobs: ReadonlyMap<string, string>,
): Promise<{ oci: OciServer; flags: readonly string[] }> {
  const images = [WITH, attachedTo(WITH), WITHOUT];
  const oci = await startOciServer({ repositories: { app: { images, blobs } } });
  const { host } = oci;
  const objects = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
    podOf('with', `${host}/app:1`, WITH.digest),
    podOf('without', `${host}/app:1`, WITHOUT.digest),
    podOf('elsewhere', 'ghcr.io/team/app:1', sha256('elsewhere')),
  ];
  const server = await startApiServer({ objects });
  open.push(oci, server);
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, kubeconfigOf({ server: server.url }));
  const config = join(folder, 'audit.config.yaml');
  writeFileSync(config, JSON.stringify({ images: { registry: 'sbom-collect', registries: [{ host }] } }));
  return { oci, flags: ['--kubeconfig', kubeconfig, '--config', config, '--now', NOW, '--out', out] };
}

const BLOBS = new Map([
  [sha256(SBOM), SBOM],
  [sha256(CONFIG), CONFIG],
]);
const audit = (flags: readonly string[]) =>
  run(['audit', ...flags, '--fail-on', 'never', '--allow-incomplete']);
const find = (name: string) => run(['sbom', 'find', name, '--store', out]);

describe('audit with images.registry: sbom-collect', () => {
  test('what it collects is found, and all images that run are counted', async () => {
    const { oci, flags } = await cluster(BLOBS);
    expect(await audit(flags)).toMatchObject({ code: 0, stderr: expect.not.stringContaining('error') });
    const { code, stdout } = await find('left-pad@<2.0.0');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^left-pad +1\.3\.0 +app:1 + prod +shop\/Pod\/with/m);
    expect(stdout).not.toContain('Pod/without');
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(
      '2 of 3 running images have no searchable SBOM; they may contain it.',
    );
    expect((await find('no-such-package')).code).toBe(3);
    // The document is fetched once.
    const fetched = () => oci.requests.filter((one) => one.endsWith(sha256(SBOM))).length;
    expect(fetched()).toBe(1);
    await audit(flags);
    expect(fetched()).toBe(1);
  });

  test('a document that the registry does not have any more leaves its image unsearchable', async () => {
    const { flags } = await cluster(new Map([[sha256(CONFIG), CONFIG]]));
    expect((await audit(flags)).code).toBe(0);
    const { code, stdout } = await find('left-pad');
    expect(code).toBe(3);
    expect(stdout).toContain('3 of 3 running images have no searchable SBOM');
  });

  test('a store that refuses the SBOMs is said after the result, which is printed and kept', async () => {
    const { flags } = await cluster(BLOBS);
    await audit(flags);
    rmSync(join(out, 'sbom'), { recursive: true });
    writeFileSync(join(out, 'sbom'), 'a file in the place of the folder');
    const { code, stdout, stderr } = await audit(flags);
    expect(code).toBe(5);
    expect(stdout).toContain('shop/with');
    expect(stderr).toMatch(/^error: .*sbom/m);
  });

  test('reports that cannot be written keep no SBOM from being collected', async () => {
    const { flags } = await cluster(BLOBS);
    await audit(flags);
    for (const name of ['sbom', 'runs']) rmSync(join(out, name), { recursive: true });
    writeFileSync(join(out, 'runs'), 'a file in the place of the folder');
    const { code, stderr } = await audit(flags);
    expect(code).toBe(5);
    expect(stderr).toMatch(/^error: .*runs/m);
    expect(existsSync(join(out, 'sbom', 'collected.ndjson.gz'))).toBe(true);
  });
});
