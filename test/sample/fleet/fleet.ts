import type { VpcReading } from '../../../lambda/inventory/vpc.ts';
import { serviceAccounts } from './builders-cluster.ts';
import { type Build, type ClusterDescription, clusterContext } from './cluster.ts';
import { ANALYTICS, ANALYTICS_CLUSTER } from './fleet-analytics.ts';
import { WRITTEN, WRITTEN_LAST_WEEK } from './fleet-layers.ts';
import { SHOP_MESH } from './fleet-mesh.ts';
import { SHOP_POLICIES } from './fleet-policies.ts';
import { LEGACY_APPS, REGULATED_APPS, SHOP_CLUSTER } from './fleet-shop.ts';
import { SHOP_PLATFORM } from './fleet-shop-platform.ts';
import { STOREFRONT } from './fleet-storefront.ts';
import { kubeletAnswers } from './kubelets.ts';
import { days, type KubeObject } from './kubernetes.ts';
import { nodeObjects } from './nodes.ts';
import { sampleVpc, type WayOut } from './vpc.ts';

/** One cluster of the embedded sample, as an API server would serve it. */
export interface SampleCluster {
  readonly name: string;
  readonly arn: string;
  readonly accountId: string;
  readonly region: string;
  /** Whole Kubernetes API objects, grouped by workload; no two have the same kind, namespace and name. */
  readonly objects: readonly KubeObject[];
  /** Plural names of the resources that the auditor is denied (403). */
  readonly denied: readonly string[];
  /** What EC2 would say of its VPC. */
  readonly vpc: VpcReading;
  /** What its kubelets answer to `/stats/summary`, by node. */
  readonly kubelets: ReadonlyMap<string, object>;
  /** What they answered a week before. */
  readonly kubeletsBefore: ReadonlyMap<string, object>;
}

/**
 * The embedded sample fleet: an online shop in Ireland, where age, writable layers and open egress meet,
 * and an analytics platform in Virginia, whose network policies the auditor may not read.
 *
 * @param now epoch milliseconds; every time in the fleet counts back from here, and equal instants give
 * equal fleets.
 */
export function sampleFleet(now: number): readonly SampleCluster[] {
  const shop = [
    ...STOREFRONT,
    ...REGULATED_APPS,
    ...LEGACY_APPS,
    ...SHOP_PLATFORM,
    ...SHOP_POLICIES,
    ...SHOP_MESH,
  ];
  return [
    sampleCluster(SHOP_CLUSTER, { now, builds: shop, denied: [], wayOut: 'NAT gateway' }),
    sampleCluster(ANALYTICS_CLUSTER, {
      now,
      builds: ANALYTICS,
      denied: ['networkpolicies'],
      wayOut: 'transit gateway',
    }),
  ];
}

function sampleCluster(
  description: ClusterDescription,
  content: {
    readonly now: number;
    readonly builds: readonly Build[];
    readonly denied: readonly string[];
    readonly wayOut: WayOut;
  },
): SampleCluster {
  const { name, accountId, region } = description;
  const context = clusterContext(description, content.now);
  const built = content.builds.flatMap((build) => build(context));
  const objects = [...nodeObjects(context), ...built, ...serviceAccounts(context, built)];
  return {
    name,
    arn: `arn:aws:eks:${region}:${accountId}:cluster/${name}`,
    accountId,
    region,
    objects,
    denied: content.denied,
    vpc: sampleVpc(context, content.wayOut),
    kubelets: kubeletAnswers(objects, { at: content.now, written: WRITTEN }),
    kubeletsBefore: kubeletAnswers(objects, { at: content.now - days(7), written: WRITTEN_LAST_WEEK }),
  };
}
