import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Permission } from './grant.ts';

/**
 * Signs digests, and nothing by another algorithm.
 * https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-signing-algorithm
 */
export const signRecords = (key: IKey): Permission => ({
  sid: 'SignRecords',
  reason: 'Signs the manifest of each run, with `deployment.signing`.',
  actions: ['kms:Sign'],
  resources: [key.keyArn],
  conditions: {
    StringEquals: { 'kms:SigningAlgorithm': 'ECDSA_SHA_256', 'kms:MessageType': 'DIGEST' },
  },
});
