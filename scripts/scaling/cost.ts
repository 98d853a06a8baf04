import { clustersAtOnce } from '../../lambda/audit/budget.ts';
import { MOST_PLACES_AT_ONCE } from '../../lambda/fleet/discover-parts.ts';
import type { Numbers } from './assumptions.ts';
import { secondsPerCluster } from './capacity.ts';
import { simulateFleet } from './simulate.ts';

/** What a month costs, in dollars, by what is paid for. */
export type Cost = Readonly<Record<string, number>>;

/** What Lambda and Step Functions do in one run. */
export interface Work {
  readonly gbSeconds: number;
  readonly invocations: number;
  readonly transitions: number;
}

export interface Deployment {
  readonly clusters: number;
  readonly mode: 'single' | 'fleet';
  /** MiB */
  readonly memory: number;
}

/** States of the state machine itself in one run, with those of discovery in parts. */
const OWN_TRANSITIONS = 12;

export const placesOf = (clusters: number, { clustersOfPlace }: Numbers): number =>
  Math.ceil(clusters / clustersOfPlace);

/** One run by the simulation of a fleet, or of one function that audits several clusters at once. */
export function workOf({ clusters, mode, memory }: Deployment, numbers: Numbers): Work {
  const places = placesOf(clusters, numbers);
  if (mode === 'single') {
    const seconds = numbers.coldStart + clusters * secondsPerCluster(memory, clustersAtOnce(memory), numbers);
    return { gbSeconds: (seconds * memory) / 1024, invocations: 1, transitions: 0 };
  }
  const run = simulateFleet({
    clusters,
    concurrency: 40,
    memory,
    seed: 1,
    numbers: { ...numbers, places },
  });
  const children = clusters + places * (places > MOST_PLACES_AT_ONCE ? 2 : 1);
  const { gbSeconds, invocations } = run;
  return { gbSeconds, invocations, transitions: children * numbers.transitions + OWN_TRANSITIONS };
}

/** What every deployment pays in a month. */
export function monthlyCost(deployment: Deployment, numbers: Numbers): Cost {
  const { clusters, mode } = deployment;
  const { runs } = numbers;
  const work = workOf(deployment, numbers);
  const places = placesOf(clusters, numbers);
  const writes = runs * (clusters * numbers.writesOfCluster + places * numbers.writesOfPlace);
  const reads = runs * clusters * numbers.readsOfCluster;
  const logKb =
    runs *
    (work.invocations * numbers.logOfInvocation +
      (work.transitions / numbers.transitions) * numbers.logOfChild);
  return {
    Lambda: runs * (work.gbSeconds * numbers.priceGbSecond + work.invocations * numbers.priceInvocation),
    'Step Functions': runs * work.transitions * numbers.priceTransition,
    'S3 requests': writes * numbers.priceWrite + reads * numbers.priceRead,
    'S3 storage': storedGb(clusters, numbers) * numbers.priceStorage,
    'KMS keys and requests':
      2 * numbers.priceKey +
      (writes + reads) * numbers.kmsShare * numbers.priceKms +
      runs * numbers.priceSign,
    'CloudWatch logs': (logKb / 1_000_000) * numbers.priceLog,
    'CloudWatch metrics': (numbers.runMetrics / 24 + numbers.watchMetrics) * numbers.priceMetric,
    'CloudWatch alarms':
      (mode === 'fleet' ? numbers.alarmMetrics : numbers.alarmMetrics - 6) * numbers.priceAlarm,
  };
}

/** When as much goes as comes. */
function storedGb(clusters: number, numbers: Numbers): number {
  const reports = numbers.findings * numbers.reportBytes * numbers.reportMonths;
  const inventories = numbers.meanPods * numbers.inventoryBytes * numbers.inventoryMonths;
  return (clusters * numbers.runs * (reports + inventories)) / 1_000_000;
}

/** What is off by default, each by itself, in a month. */
export function optionalCost({ clusters, mode }: Deployment, numbers: Numbers): Cost {
  const { runs } = numbers;
  const places = placesOf(clusters, numbers);
  const findings = runs * clusters * numbers.findings;
  const dayGb = (clusters * numbers.findings * numbers.reportBytes) / 1_000_000;
  const scannedGb = Math.max(dayGb, 0.01);
  const endpoints = mode === 'single' ? numbers.endpoints : numbers.fleetEndpoints;
  const pulledGb = (runs * clusters * numbers.meanPods * numbers.bytesPerPod) / 1_000_000;
  return {
    'Security Hub': Math.max(0, findings - places * numbers.freeHubFindings) * numbers.priceHubFinding,
    EventBridge: findings * numbers.changed * numbers.priceEvent,
    Athena: numbers.queriesOfDay * 30 * scannedGb * numbers.priceScan,
    'endpoints of a VPC': endpoints * numbers.zones * 730 * numbers.priceEndpointHour,
    'endpoints of private clusters, by traffic': pulledGb * numbers.priceEndpointGb,
    ECR: 0,
  };
}

export const total = (cost: Cost): number => Object.values(cost).reduce((sum, part) => sum + part, 0);

/** Requests of one run to services that limit them, and how long these take at their rate. */
export function requestsOf({ clusters }: Pick<Deployment, 'clusters'>, numbers: Numbers) {
  const places = placesOf(clusters, numbers);
  const imports = Math.ceil((clusters * numbers.findings) / numbers.hubBatch);
  return {
    eks: clusters * numbers.eksCalls + places,
    securityHub: imports,
    securityHubSeconds: imports / places / numbers.hubRate,
    ecr: clusters * Math.ceil(numbers.imagesOfCluster / numbers.imagesAtOnce) * 2,
  };
}
