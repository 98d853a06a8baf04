import type { Config } from '../config/config.ts';
import type { AwsAccess } from '../connect/aws/access.ts';
import { connectEks, type EksOptions } from '../connect/eks/eks.ts';
import { eksKubelets } from '../connect/eks/kubelets.ts';
import { until } from '../connect/kube/until.ts';
import type { ClusterFacts, ClusterTarget, DiscoveryGap } from '../discover/target.ts';
import { ReadError } from '../errors.ts';
import type { DeclaredNetwork } from '../inventory/engine-settings.ts';
import type { Shard } from '../inventory/shard.ts';
import { directly, type StatsWay, throughApiServer } from '../measure/ways.ts';
import { withImages } from './ask-images.ts';
import { askVpc } from './ask-vpc.ts';
import { collectShard } from './collect-shard.ts';
import { measuring } from './measure-layers.ts';
import { openRegistries, type RegistryAccess } from './open-registries.ts';
import type { Target } from './target.ts';

export interface EksTargetOptions extends EksOptions {
  readonly shard?: Shard | null;
  /** Whether to ask EC2 about its VPC. @defaultValue `off` */
  readonly routing?: Config['egress']['routing'];
  /** Whether and how kubelets are asked how much containers wrote. @defaultValue they are not */
  readonly measure?: Config['measure'];
  /** Whether and how registries are asked about images. @defaultValue they are not */
  readonly registries?: Omit<RegistryAccess, 'access' | 'cluster'>;
}

/** A discovered cluster, connected when it is its turn. What cannot be reached fails there, not before. */
export function eksTarget(
  target: ClusterTarget,
  access: AwsAccess,
  { shard = null, routing = 'off', measure, registries, ...options }: EksTargetOptions = {},
): Target {
  const { identity } = target;
  const { facts, role } = target;
  const way = wayOf(target, access, { measure, now: options.now });
  // The ARN of a role is that of its principal; of the program's own credentials AWS has to say it.
  let principal = role?.arn ?? null;
  const askPrincipal = (): void => {
    access.account({ role, accountId: identity.accountId }).then(
      ({ principalArn }) => {
        principal = principalArn;
      },
      // Whoever reads with these credentials hears of it.
      () => undefined,
    );
  };
  return {
    identity,
    reading: () => ({ kubernetesVersion: facts.version, status: facts.status ?? null, principal }),
    async collect(hooks) {
      askPrincipal();
      const api = connectEks(target, access, options);
      try {
        const declared = declaredNetwork(facts);
        const inventory = await collectShard(identity, hooks.signal ? until(api, hooks.signal) : api, {
          ...hooks,
          declared,
          kubernetesVersion: facts.version,
          shard,
          layers: way === null ? undefined : measuring(way, hooks.signal),
          vpc: (nodes) => askVpc(target, access, { routing, nodes, signal: hooks.signal }),
        });
        const { accountId } = identity;
        const cluster = { role: target.role, accountId };
        const ask =
          registries === undefined
            ? null
            : openRegistries({ now: options.now, ...registries, access, cluster });
        const whole = await withImages(inventory, ask, hooks);
        return { ...whole, notes: [...whole.notes, ...statusNotes(target)] };
      } finally {
        await api.close();
      }
    },
  };
}

function wayOf(
  target: ClusterTarget,
  access: AwsAccess,
  {
    measure,
    now,
  }: {
    readonly measure: Config['measure'] | undefined;
    readonly now: EksOptions['now'] | undefined;
  },
): StatsWay | null {
  if (measure === undefined || measure.writableLayer === 'off') return null;
  if (measure.writableLayer === 'api-server-proxy') return throughApiServer;
  return directly(eksKubelets(target, access, { roleName: measure.roleName, now }));
}

/** A cluster in transition is audited all the same; what is read of it may change while it is read. */
function statusNotes({ identity, facts: { status } }: ClusterTarget): readonly string[] {
  if (status === undefined || status === 'ACTIVE') return [];
  return [
    `EKS reports the cluster ${identity.name} as ${status ?? 'of unknown status'}; it was audited in this state.`,
  ];
}

/** What EKS says that decides whether policies are enforced. */
function declaredNetwork({ ipFamily, serviceRanges = [], vpcCni }: ClusterFacts): DeclaredNetwork {
  return {
    ipFamily,
    serviceRanges,
    networkPolicy: vpcCni === null || vpcCni === 'none' ? null : vpcCni.networkPolicy,
  };
}

/** Stands for what discovery could not look at, so that the run's coverage shows it as failed. */
export function gapTarget({ cluster, reason, message, remedy }: DiscoveryGap): Target {
  return {
    identity: cluster,
    collect: () => Promise.reject(new ReadError(reason, message, remedy)),
  };
}
