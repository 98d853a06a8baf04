import type { Config } from '../config/config.ts';
import { registryLevel } from '../config/schema-images.ts';
import type { AwsAccess, AwsAccount, AwsRole } from '../connect/aws/access.ts';
import type { AwsSettings } from '../connect/aws/client.ts';
import { openEcr } from '../connect/aws/ecr.ts';
import { openInspector } from '../connect/aws/inspector.ts';
import { readLogin } from '../connect/aws/secret.ts';
import { openOciApi } from '../connect/oci/oci-api.ts';
import { enterConfigured } from '../discover/accounts.ts';
import { configuredAccount } from '../discover/organization.ts';
import { isOwnedByAws } from '../ownership/publishers.ts';
import { type ImageMemory, NO_MEMORY } from '../registry/known.ts';
import type { EcrPlace } from '../registry/place.ts';
import type { SbomSink } from '../registry/registry.ts';
import type { AskImages } from './ask-images.ts';

/** What it takes to ask registries about the images of a cluster. */
export interface RegistryAccess {
  readonly access: AwsAccess;
  readonly config: Pick<Config, 'images' | 'accounts' | 'organization'>;
  /** What is read where the configuration says nothing. */
  readonly otherwise: 'metadata' | 'off';
  /** Who reads the cluster, which may be asked in repositories of other accounts, too; `null`: the program itself. */
  readonly cluster: { readonly role: AwsRole | null; readonly accountId: string | null };
  /** @defaultValue nothing is kept from run to run */
  readonly memory?: ImageMemory | undefined;
  readonly sbomSink?: SbomSink | undefined;
  /** Epoch milliseconds. @defaultValue the clock */
  readonly now?: (() => number) | undefined;
}

/** @returns `null`: registries are not to be asked */
export function openRegistries(registries: RegistryAccess): AskImages | null {
  const { access, config, otherwise, memory = NO_MEMORY, sbomSink, now } = registries;
  const level = registryLevel(config.images, otherwise);
  if (level === null) return null;
  return {
    level,
    scans: config.images.scans,
    memory,
    sbomSink,
    now,
    openEcr: async (place, signal) => {
      if (isOwnedByAws(place.accountId)) return null;
      const account = await accountFor(place, registries);
      const settings = {
        ...settingsIn(access, signal),
        region: place.region,
        credentials: account.credentials,
      };
      return {
        ecr: openEcr({ ...settings, registryId: place.accountId }),
        inspector: () => openInspector(settings),
        asker: {
          ...place,
          partition: account.partition,
          principalArn: account.principalArn,
          ownAccountId: account.accountId,
        },
      };
    },
    openOci: async (host, signal) => {
      const found = config.images.registries.find((one) => one.host === host);
      if (found === undefined) return null;
      const { secretArn, requestsPerRun } = found;
      const login = secretArn === null ? null : await loginIn(secretArn, access, signal);
      return openOciApi({ host, login, mostRequests: requestsPerRun, signal });
    },
  };
}

const settingsIn = ({ settings }: AwsAccess, signal: AbortSignal | undefined): AwsSettings =>
  signal === undefined ? settings : { ...settings, signal };

async function loginIn(secretArn: string, access: AwsAccess, signal: AbortSignal | undefined) {
  const { credentials } = await access.account({ role: null, accountId: null });
  return readLogin(secretArn, { ...settingsIn(access, signal), credentials });
}

/**
 * Whose credentials ask an account's registry: those of its member role where it is listed, of the cluster or the
 * program itself where they are of that account; else those of the cluster, whom a repository's policy may allow.
 */
async function accountFor(
  { accountId }: EcrPlace,
  { access, config, cluster }: RegistryAccess,
): Promise<AwsAccount> {
  const own = (): Promise<AwsAccount> => access.account({ role: null, accountId: null });
  const ofCluster = (): Promise<AwsAccount> =>
    access.account({ role: cluster.role, accountId: cluster.role === null ? null : cluster.accountId });
  const listed = config.accounts.find(({ id }) => id === accountId);
  if (listed !== undefined) return (await enterConfigured(access, listed)).account;
  if (cluster.accountId === accountId) return ofCluster();
  const program = await own();
  if (program.accountId === accountId) return program;
  // Whether it is of the organization is known only by its role.
  const member = configuredAccount(config, accountId);
  return member === null
    ? ofCluster()
    : enterConfigured(access, member).then(({ account }) => account, ofCluster);
}
