import { Aws } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Permission } from './grant.ts';

/** Services through which the key may be used; never directly. */
export type KeyUser = 's3' | 'sns' | 'sqs';

/** Uses the key by way of these services only. */
export const useKey = (key: IKey, services: readonly KeyUser[]): Permission => ({
  sid: 'UseKey',
  reason: 'Reads and writes what is encrypted with the key, by way of the named services only.',
  actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
  resources: [key.keyArn],
  conditions: {
    StringEquals: {
      'kms:ViaService': services.map((service) => `${service}.${Aws.REGION}.${Aws.URL_SUFFIX}`),
    },
  },
});
