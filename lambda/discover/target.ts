import * as z from 'zod';
import type { EksEndpoint } from '../connect/eks/endpoint.ts';
import { ReadError } from '../errors.ts';
import type { GapReason } from '../inventory/gap.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import { parsedProblem } from '../parsed-problem.ts';

/** An EKS cluster to audit. Small, plain JSON: in fleet mode it is an item of the list in S3. */
export interface ClusterTarget extends EksEndpoint {
  readonly facts: ClusterFacts;
}

/** What EKS says about a cluster; `null` where it did not say. */
export interface ClusterFacts {
  /** Such as `1.36`. */
  readonly version: string | null;
  /** Such as `eks.12`. */
  readonly platformVersion: string | null;
  /** RFC 3339. Tells a cluster from one of the same name that was deleted. */
  readonly createdAt: string | null;
  /** Such as `ACTIVE` or `UPDATING`; missing in lists of earlier versions. */
  readonly status?: string | null | undefined;
  readonly ipFamily: 'ipv4' | 'ipv6' | null;
  /** Blocks from which Services have their addresses; missing in lists of earlier versions. */
  readonly serviceRanges?: readonly string[] | undefined;
  /** Whether EKS Auto Mode runs nodes (`computeConfig`). */
  readonly autoMode: boolean | null;
  /** The add-on `vpc-cni`; `none` when the cluster has no such add-on, and runs its CNI in another way. */
  readonly vpcCni: VpcCniAddon | 'none' | null;
  /** Which pods run on Fargate, where no network policy is enforced. */
  readonly fargateProfiles: readonly FargateProfile[] | null;
  /** Why something above is `null` although EKS was asked for it. */
  readonly unread: readonly UnreadFact[];
}

export interface VpcCniAddon {
  readonly version: string | null;
  readonly status: string | null;
  /** `enableNetworkPolicy` of its configuration values; `null` when these cannot be understood. */
  readonly networkPolicy: boolean | null;
  /** `NETWORK_POLICY_ENFORCING_MODE` among them. */
  readonly enforcingMode: string | null;
}

export interface FargateProfile {
  readonly name: string;
  readonly status: string | null;
  readonly selectors: readonly {
    /** May hold the wildcards * and ?. */
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
  }[];
}

export interface UnreadFact {
  readonly fact: 'vpcCni' | 'fargateProfiles';
  readonly reason: GapReason;
  readonly message: string;
  readonly remedy: string;
}

/** What could not be looked at: a cluster that is known, or a whole account in a region. */
export interface DiscoveryGap {
  /** For a place a stand-in, named for instance `(all clusters of 111122223333 in eu-west-1)`. */
  readonly cluster: ClusterIdentity;
  /** `place`: it is not known which clusters there are, so none of them may count as gone. */
  readonly scope: 'cluster' | 'place';
  readonly reason: GapReason;
  readonly message: string;
  readonly remedy: string;
}

/** An account of the organization that is not asked, although it is in its units. */
export interface LeftOutAccount {
  readonly accountId: string;
  /** `account-excluded`: by the configuration; `account-suspended`: it is suspended, closed or never activated. */
  readonly reason: 'account-excluded' | 'account-suspended';
}

const text = z.string();
const known = text.nullable();
const labels = z.record(text, text);

/** @see ClusterTarget */
export const CLUSTER_TARGET: z.ZodType<ClusterTarget> = z.object({
  identity: z.object({
    name: text,
    arn: text,
    accountId: text,
    region: text,
    createdAt: text.exactOptional(),
  }),
  endpoint: text,
  certificateAuthority: text,
  role: z.object({ arn: text, externalId: known, tags: labels }).nullable(),
  authenticationMode: z.enum(['API', 'API_AND_CONFIG_MAP', 'CONFIG_MAP']).nullable(),
  access: z.object({ public: z.boolean(), private: z.boolean(), publicCidrs: z.array(text) }),
  vpcId: known,
  clusterId: known.optional(),
  facts: z.object({
    version: known,
    platformVersion: known,
    createdAt: known,
    status: known.optional(),
    ipFamily: z.enum(['ipv4', 'ipv6']).nullable(),
    serviceRanges: z.array(z.string()).optional(),
    autoMode: z.boolean().nullable(),
    vpcCni: z
      .object({
        version: known,
        status: known,
        networkPolicy: z.boolean().nullable(),
        enforcingMode: known,
      })
      .or(z.literal('none'))
      .nullable(),
    fargateProfiles: z
      .array(
        z.object({
          name: text,
          status: known,
          selectors: z.array(z.object({ namespace: text, labels })),
        }),
      )
      .nullable(),
    unread: z.array(
      z.object({
        fact: z.enum(['vpcCni', 'fargateProfiles']),
        reason: text as z.ZodType<GapReason>,
        message: text,
        remedy: text,
      }),
    ),
  }),
});

/**
 * A target that was written down and read again.
 * @throws ReadError when it is not what {@link ClusterTarget} says
 */
export function parseClusterTarget(value: unknown): ClusterTarget {
  const parsed = CLUSTER_TARGET.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ReadError(
    'malformed-object',
    `An item of the list of clusters cannot be read: ${parsedProblem(parsed.error.issues[0], value)}.`,
    'Discover the clusters again with this version of the program.',
  );
}
