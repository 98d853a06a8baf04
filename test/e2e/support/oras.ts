import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RegistryBinaries } from '../environment/registry-binaries.ts';

const run = promisify(execFile);

/** An image of one platform. */
export interface ImageSpec {
  readonly architecture?: 'amd64' | 'arm64';
  /** Whom it runs as. */
  readonly user?: string;
  /** Makes it another image than that with the same of the others. */
  readonly version?: string;
}

export interface Attachment {
  readonly document: unknown;
  readonly mediaType: string;
  /** @defaultValue the media type */
  readonly artifactType?: string;
  /** Of the manifest. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A part of a manifest that is written by hand. */
export interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

export interface ManifestDocument {
  readonly mediaType: string;
  readonly [field: string]: unknown;
}

/** Fills a registry as people do, with oras; every answer is the digest of what was pushed. */
export interface Pusher {
  image(name: string, spec?: ImageSpec): Promise<string>;
  /** An index of what the repository has by these tags or digests, each with the platform of its configuration. */
  index(name: string, of: readonly string[]): Promise<string>;
  /** Attaches a document to what a reference names, as a referrer. */
  attach(reference: string, attachment: Attachment): Promise<string>;
  blob(repository: string, document: unknown, mediaType: string): Promise<Blob>;
  /** Pushes a manifest or an index as it is. @param name with a tag, or a repository alone */
  manifest(name: string, document: ManifestDocument): Promise<Blob>;
  /** The descriptor of what a reference names. */
  describe(reference: string): Promise<Blob>;
  /** Removes a tag. */
  untag(name: string): Promise<void>;
  /** The digest of the configuration of an image, which a node reports that did not pull it. */
  configOf(name: string): Promise<string>;
}

export const OCI = {
  image: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
  empty: 'application/vnd.oci.empty.v1+json',
} as const;

/** A tar archive without files ends with two empty blocks, and is nothing else. */
const EMPTY_TAR = Buffer.alloc(1024);

/**
 * Opens a registry for pushing.
 *
 * @param folder for files on their way; oras takes everything from files
 * @param host names in what follows are without it
 */
export async function openPusher(
  { oras, crane }: RegistryBinaries,
  { folder, host }: { readonly folder: string; readonly host: string },
): Promise<Pusher> {
  await mkdir(folder, { recursive: true });
  let files = 0;
  const file = async (content: unknown): Promise<string> => {
    const name = `file-${files++}`;
    const bytes =
      content instanceof Uint8Array || typeof content === 'string' ? content : JSON.stringify(content);
    await writeFile(join(folder, name), bytes);
    return name;
  };
  const call = async (...args: readonly string[]): Promise<string> =>
    (await run(oras, [...args, '--plain-http'], { cwd: folder, env: { HOME: folder }, maxBuffer: 64 << 20 }))
      .stdout;
  const resolved = async (reference: string): Promise<string> =>
    (await call('resolve', `${host}/${reference}`)).trim();
  const described = (text: string): Blob => JSON.parse(text) as Blob;

  return {
    async image(name, { architecture = 'amd64', user = '', version = '1' } = {}) {
      const config = {
        architecture,
        os: 'linux',
        config: { User: user, Labels: { version } },
        rootfs: { type: 'layers', diff_ids: [] },
      };
      const layer = `${await file(EMPTY_TAR)}:${OCI.layer}`;
      await call('push', '--config', `${await file(config)}:${OCI.config}`, `${host}/${name}`, layer);
      return resolved(name);
    },
    async index(name, of) {
      await call('manifest', 'index', 'create', `${host}/${name}`, ...of);
      return resolved(name);
    },
    async attach(reference, { document, mediaType, artifactType = mediaType, annotations = {} }) {
      const pushed = await call(
        'attach',
        ...['--artifact-type', artifactType, '--format', 'json'],
        ...Object.entries(annotations).flatMap(([key, value]) => ['--annotation', `${key}=${value}`]),
        `${host}/${reference}`,
        `${await file(document)}:${mediaType}`,
      );
      return described(pushed).digest;
    },
    async blob(repository, document, mediaType) {
      const name = await file(document);
      return described(
        await call('blob', 'push', '--media-type', mediaType, '--descriptor', `${host}/${repository}`, name),
      );
    },
    async manifest(name, document) {
      return described(
        await call('manifest', 'push', '--descriptor', `${host}/${name}`, await file(document)),
      );
    },
    describe: async (reference) =>
      described(await call('manifest', 'fetch', '--descriptor', `${host}/${reference}`)),
    async untag(name) {
      // Of the API; the crane of go-containerregistry is the client that has a command for it.
      await run(crane, ['delete', '--insecure', `${host}/${name}`], { env: { HOME: folder } });
    },
    async configOf(name) {
      const manifest = JSON.parse(await call('manifest', 'fetch', `${host}/${name}`)) as {
        readonly config: Blob;
      };
      return manifest.config.digest;
    },
  };
}
