import { Aws } from 'aws-cdk-lib';
import type { Permission } from './grant.ts';

/** @param address `s3://BUCKET/KEY` */
export const readConfigObject = (address: string): Permission => ({
  sid: 'ReadConfiguration',
  reason: 'Reads the configuration from the object that `deployment.configObject` names.',
  actions: ['s3:GetObject'],
  resources: [`arn:${Aws.PARTITION}:s3:::${address.replace(/^s3:\/\//, '')}`],
});
