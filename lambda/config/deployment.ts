import type { Severity } from '../severity.ts';
import { DEPLOYMENT_DEFAULTS } from './deployment-defaults.ts';
import type { DeploymentFile } from './schema-deployment.ts';

/**
 * What `cdk deploy` sets up: the section `deployment` of the configuration, defaults filled in. It is read when
 * templates are made and never by an audit. Durations in milliseconds.
 */
export interface Deployment {
  /** Of the stack; role names begin with it. */
  readonly name: string;
  readonly mode: 'single' | 'fleet';
  /** Clusters at once, in the mode fleet. */
  readonly concurrency: number;
  readonly schedule: { readonly cron: string; readonly timeZone: string };
  readonly emails: readonly string[];
  readonly alarms: { readonly emails: readonly string[]; readonly topicArn: string | null };
  readonly vpc: VpcPlacement | null;
  /** `null`: a key is made. */
  readonly kmsKeyArn: string | null;
  readonly retention: { readonly reports: number; readonly inventory: number; readonly logs: number };
  readonly objectLock: { readonly mode: 'governance' | 'compliance'; readonly period: number } | null;
  /** MiB. */
  readonly memory: number;
  readonly reserveConcurrency: boolean;
  /** The lowest severity that is imported. */
  readonly securityHub: Severity | 'off';
  /** Name or ARN; `null`: no events. */
  readonly eventBus: string | null;
  readonly athena: boolean;
  /** Names of clusters in the hub's account and region. */
  readonly accessEntries: readonly string[];
  /** `s3://BUCKET/KEY`; `null`: the file that is bundled with the code. */
  readonly configObject: string | null;
}

export interface VpcPlacement {
  readonly id: string;
  readonly subnets: readonly string[];
  readonly clusterSecurityGroups: readonly string[];
}

const D = DEPLOYMENT_DEFAULTS;

export function resolveDeployment(file: DeploymentFile | null | undefined): Deployment {
  const { schedule, alarms, vpc, retention, objectLock, ...given } = file ?? {};
  return {
    name: given.name ?? D.name,
    mode: given.mode ?? D.mode,
    concurrency: given.fleet?.concurrency ?? D.concurrency,
    schedule: { cron: schedule?.cron ?? D.cron, timeZone: schedule?.timeZone ?? D.timeZone },
    emails: given.emails ?? [],
    alarms: { emails: alarms?.emails ?? [], topicArn: alarms?.topicArn ?? null },
    vpc: vpc ? { ...vpc, clusterSecurityGroups: vpc.clusterSecurityGroups ?? [] } : null,
    kmsKeyArn: given.kmsKeyArn ?? null,
    retention: resolveRetention(retention),
    objectLock: objectLock ?? null,
    memory: given.memory ?? D.memory,
    reserveConcurrency: given.reserveConcurrency ?? D.reserveConcurrency,
    securityHub: given.securityHub ?? D.securityHub,
    eventBus: given.eventBus ?? null,
    athena: given.athena ?? D.athena,
    accessEntries: [...new Set(given.accessEntries ?? [])],
    configObject: given.configObject ?? null,
  };
}

const resolveRetention = (given: DeploymentFile['retention']): Deployment['retention'] => ({
  reports: given?.reports ?? D.reportsRetention,
  inventory: given?.inventory ?? D.inventoryRetention,
  logs: given?.logs ?? D.logsRetention,
});
