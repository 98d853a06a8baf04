import type { EngineSettings } from '../../inventory/engine-settings.ts';
import type { NodeNetwork } from '../../inventory/node-network.ts';
import type { PolicyObject } from '../../inventory/policy-object.ts';
import type { Decision } from '../decide/evaluate.ts';
import type { Applied, Policy } from '../policies/policy.ts';
import { type AddressSet, EVERYTHING, NOTHING, sameSet } from '../sets/address-set.ts';
import type { Bounds } from '../sets/bounds.ts';
import { mapOptions, type Open, type Option, oneOf, type Possible } from './possible.ts';
import type { Acting } from './situation.ts';
import { AUTO_MODE_AGENT, OTHER_FAMILY } from './vpc-cni.ts';

type Family = 'v4' | 'v6';

/**
 * Whether pods reach addresses of a family to which the VPC CNI applies no policy. ENABLE_V4_EGRESS is
 * true by default, ENABLE_V6_EGRESS is false; what EKS Auto Mode does is not documented.
 * @returns `null`: they do not
 */
function openFamily({ engine, agent }: Acting): Family | 'unknown' | null {
  if (engine.name !== 'vpc-cni') return null;
  const { ipv6, egressV4, egressV6, container } = agent;
  if (ipv6 === false) return egressV6 === true ? 'v6' : null;
  if (egressV4 === false) return null;
  return ipv6 === null || container === AUTO_MODE_AGENT ? 'unknown' : 'v4';
}

/** Opens the family that the VPC CNI leaves alone. */
export function withOtherFamily(found: Possible, acting: Acting): Possible {
  const family = openFamily(acting);
  if (family === null) return found;
  if (family !== 'unknown') return mapOptions(found, (option) => opened(option, family));
  if (found.options.every(({ reach }) => isOpen(reach.definite, 'v4'))) return found;
  return mapOptions({ ...found, unknown: UNKNOWN_FAMILY }, (option) => ({
    ...option,
    reach: { definite: option.reach.definite, potential: { ...option.reach.potential, v4: EVERYTHING.v4 } },
  }));
}

const opened = (option: Option, family: Family): Option => ({
  ...option,
  reach: onBoth(option.reach, (set) => ({ ...set, [family]: EVERYTHING[family] })),
  opened: [
    ...option.opened,
    {
      set: { ...NOTHING, [family]: EVERYTHING[family] },
      because: `the VPC CNI applies no policy to its ${family === 'v4' ? 'IPv4' : 'IPv6'} traffic`,
    },
  ],
});

function onBoth(reach: Bounds, change: (set: AddressSet) => AddressSet): Bounds {
  const definite = change(reach.definite);
  return reach.definite === reach.potential
    ? { definite, potential: definite }
    : { definite, potential: change(reach.potential) };
}

/** Of which families pods on a node have addresses, as far as that is known. */
type Families = Readonly<Record<Family, boolean>>;

type FamilySettings = Pick<EngineSettings, 'ipFamily' | 'cilium'>;

/**
 * A cluster of EKS has one family of addresses for pods, and the other one only by an interface of the VPC CNI
 * (ENABLE_V4_EGRESS, on by default; ENABLE_V6_EGRESS, off). IPv4 counts in IPv6 clusters where no agent of the VPC CNI
 * says otherwise. Cilium that gives pods their addresses says it by its flags
 * (https://docs.cilium.io/en/stable/cmdref/cilium-agent/).
 * https://docs.aws.amazon.com/eks/latest/userguide/cni-ipv6.html;
 * https://github.com/aws/amazon-vpc-cni-k8s#enable_v4_egress-v1151
 *
 * @returns those of each family that the cluster may have, where nothing tells it
 */
function familiesOf(
  { agents, compute }: NodeNetwork,
  { ipFamily, cilium }: FamilySettings,
): readonly [Families, ...Families[]] {
  const cni = agents.find(({ engine }) => engine === 'vpc-cni');
  // In Auto Mode it is part of the machine, whose settings are not read.
  const isPod = compute !== 'auto' && cni !== undefined;
  if (cni === undefined && agents.some(({ engine }) => engine === 'cilium') && 'known' in cilium) {
    const { ipv4, ipv6 } = cilium.known;
    // An agent starts with one of them at least: where both are off the ConfigMap is not the one that it reads.
    if (ipv4 !== undefined && ipv6 !== undefined && (ipv4 || ipv6)) return [{ v4: ipv4, v6: ipv6 }];
  }
  const told = !isPod || cni.ipv6 === null ? null : cni.ipv6 ? 'ipv6' : 'ipv4';
  const inIpv4: Families = { v4: true, v6: cni?.egressV6 === true };
  const inIpv6: Families = { v4: !isPod || cni.egressV4 !== false, v6: true };
  switch (told ?? ipFamily) {
    case 'ipv4':
      return [inIpv4];
    case 'ipv6':
      return [inIpv6];
    case 'both':
      // Other plugins give pods addresses of both; the VPC CNI of one, which these nodes do not tell.
      if (cni === undefined && compute !== 'auto') return [{ v4: true, v6: true }];
      break;
    case null:
  }
  return [inIpv6, inIpv4];
}

/** Takes away what pods on a node have no address for, in each way in which they may have addresses. */
export function withinFamilies(found: Possible, node: NodeNetwork, settings: FamilySettings): Possible {
  const [first, ...others] = familiesOf(node, settings);
  return oneOf([within(found, first), ...others.map((families) => within(found, families))], FAMILY_NOT_READ);
}

function within(found: Possible, { v4, v6 }: Families): Possible {
  if (v4 && v6) return found;
  const cut = (set: AddressSet): AddressSet => ({
    v4: v4 ? set.v4 : NOTHING.v4,
    v6: v6 ? set.v6 : NOTHING.v6,
  });
  return mapOptions(found, (option) => ({ ...option, reach: onBoth(option.reach, cut) }));
}

const isOpen = (reach: AddressSet, family: Family): boolean =>
  sameSet({ ...EVERYTHING, [family]: reach[family] }, EVERYTHING);

const UNKNOWN_FAMILY: Open = {
  reason: 'field-missing',
  message:
    'Whether its pods reach IPv4 addresses in spite of their policies is not known: in an IPv6 cluster the VPC CNI may give them an IPv4 interface to which it applies none.',
  remedy: `See the family of the cluster (aws eks describe-cluster --name NAME --query cluster.kubernetesNetworkConfig.ipFamily) and ${OTHER_FAMILY.link}.`,
};

const FAMILY_NOT_READ: Open = {
  reason: 'field-missing',
  message:
    'Whether pods of the cluster have IPv4 or IPv6 addresses is not known, since no address of a node was read; their policies do not treat both alike.',
  remedy:
    'Grant list on nodes, or include the nodes with their addresses, and audit again; see aws eks describe-cluster --name NAME --query cluster.kubernetesNetworkConfig.ipFamily.',
};

type FamilyGap =
  | { readonly because: string; readonly link: string }
  | { readonly message: string; readonly remedy: string };

interface FamilyInput {
  readonly applied: readonly Applied[];
  readonly objectsOf: (policy: Policy) => readonly PolicyObject[];
  readonly decideOf: (applied: readonly Applied[]) => Decision;
}

/**
 * Whether some policy restricts a family that none of the engines that enforce it applies it to, or perhaps
 * none.
 * @param sure policies that definitely select the pod
 */
export function familyGap(
  { applied, objectsOf, decideOf }: FamilyInput,
  sure: readonly Policy[],
  engines: readonly Acting[],
): FamilyGap | null {
  const { potential } = decideOf(applied).reached;
  const gaps = sure.flatMap((policy) => {
    const families = enforcing(objectsOf(policy), engines).map(openFamily);
    const family = families.includes('v6') ? 'v6' : 'v4';
    const covered = families.length === 0 || families.includes(null) || isOpen(potential, family);
    return covered ? [] : [families.includes('unknown') ? ('unknown' as const) : family];
  });
  const family = gaps.find((gap) => gap !== 'unknown');
  if (family === undefined) return gaps.length === 0 ? null : UNKNOWN_FAMILY;
  return {
    because: `${OTHER_FAMILY.text} Its pods may reach every ${family === 'v4' ? 'IPv4' : 'IPv6'} address.`,
    link: OTHER_FAMILY.link,
  };
}

const enforcing = (objects: readonly PolicyObject[], engines: readonly Acting[]): readonly Acting[] =>
  engines.filter((acting) =>
    objects.every((object) => acting.engine.enforces(object, acting).answer === 'yes'),
  );
