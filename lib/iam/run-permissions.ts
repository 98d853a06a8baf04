import { Aws } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { registryLevel } from '../../lambda/config/schema-images.ts';
import type { Settings } from '../settings.ts';
import type { Permission } from './grant.ts';
import { notifyOthers, publishChat, publishDigest } from './publish-digest.ts';
import {
  assumeMeasuringRoles,
  assumeMemberRoles,
  discoverInAccount,
  listOrganization,
  ownRegions,
} from './read-clusters.ts';
import { ALSO_DONE_BY_CODE, readNetwork } from './read-network.ts';
import { readRegistries } from './read-registries.ts';
import { signRecords } from './sign-records.ts';
import { useKey } from './use-key.ts';
import { useReports } from './write-reports.ts';

export interface RunPermissionsProps {
  readonly settings: Settings;
  readonly key: IKey;
  readonly bucket: IBucket;
  readonly digestTopic: ITopic;
  readonly chatTopic: ITopic | undefined;
  /** Whether the functions that read clusters are in a VPC. */
  readonly inVpc: boolean;
  /** `undefined`: records are not signed. */
  readonly signingKey: IKey | undefined;
}

/** What each function of a run may do in AWS, and nothing else. */
export class RunPermissions {
  readonly #props: RunPermissionsProps;

  constructor(props: RunPermissionsProps) {
    this.#props = props;
  }

  /** The one function of the mode single. */
  single(): readonly Permission[] {
    const { settings, key } = this.#props;
    return [
      ...this.#findClusters(),
      ...this.#measure(),
      ...this.#readNetwork(),
      ...readRegistries(settings.config),
      ...this.#reports({
        write: ['findings', 'inventory', 'compliance', 'runs', 'state', 'latest', ...this.#sboms()],
        read: ['inventory', 'runs', 'state', 'latest', ...this.#sboms()],
      }),
      useKey(key, ['s3', 'sns', 'sqs']),
      ...this.#sign(),
      ...this.#notify(),
    ];
  }

  /** Of a fleet: finds the clusters. */
  discover(): readonly Permission[] {
    const { key } = this.#props;
    return [
      ...this.#findClusters(),
      ...this.#reports({ write: ['runs'], read: ['runs'] }),
      useKey(key, ['s3', 'sqs']),
    ];
  }

  /** Of a fleet: audits one cluster. */
  audit(): readonly Permission[] {
    const { settings, key } = this.#props;
    return [
      ...assumeMemberRoles(settings.config),
      ...this.#measure(),
      ...this.#readNetwork(),
      ...readRegistries(settings.config),
      // It compares the cluster with its last state; only the end of the run moves that.
      ...this.#reports({
        write: ['findings', 'inventory', 'runs', ...this.#images(), ...this.#sboms()],
        read: ['inventory', 'runs', 'state', ...this.#sboms()],
      }),
      useKey(key, ['s3', 'sqs']),
    ];
  }

  /** Of a fleet: ends the run. */
  digest(): readonly Permission[] {
    const { settings, key } = this.#props;
    return [
      ...this.#reports({
        write: ['findings', 'compliance', 'runs', 'state', 'latest'],
        read: ['runs', 'state', 'latest'],
      }),
      // Findings about another account are imported with its role.
      ...(settings.deployment.securityHub === 'off' ? [] : assumeMemberRoles(settings.config)),
      useKey(key, ['s3', 'sns', 'sqs']),
      ...this.#sign(),
      ...this.#notify(),
    ];
  }

  #findClusters(): readonly Permission[] {
    const { config } = this.#props.settings;
    return [
      ...discoverInAccount(Aws.ACCOUNT_ID, ownRegions(config)),
      ...listOrganization(config),
      ...assumeMemberRoles(config),
    ];
  }

  #measure(): readonly Permission[] {
    const { config } = this.#props.settings;
    return assumeMeasuringRoles(config.measure, config);
  }

  /** Lambda's own permission in a VPC serves the code, too. */
  #readNetwork(): readonly Permission[] {
    const { settings, inVpc } = this.#props;
    const { config } = settings;
    if (config.egress.routing === 'off') return [];
    return readNetwork(ownRegions(config), inVpc ? ALSO_DONE_BY_CODE : []);
  }

  /** What is known of images by their digests. */
  #images(): readonly string[] {
    return registryLevel(this.#props.settings.config.images, 'metadata') === null ? [] : ['state/images'];
  }

  #sboms(): readonly string[] {
    return this.#props.settings.config.images.registry === 'sbom-collect' ? ['sbom'] : [];
  }

  #reports(folders: {
    readonly write: readonly string[];
    readonly read: readonly string[];
  }): readonly Permission[] {
    return useReports({ bucket: this.#props.bucket, ...folders });
  }

  #notify(): readonly Permission[] {
    const { digestTopic, chatTopic, settings } = this.#props;
    return [
      publishDigest(digestTopic, settings.config),
      ...(chatTopic === undefined ? [] : [publishChat(chatTopic)]),
      ...notifyOthers(settings),
    ];
  }

  #sign(): readonly Permission[] {
    const { signingKey } = this.#props;
    return signingKey === undefined ? [] : [signRecords(signingKey)];
  }
}
