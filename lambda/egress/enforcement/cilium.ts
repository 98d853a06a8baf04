import type { CiliumSettings } from '../../inventory/engine-settings.ts';
import { apiGroupOf } from '../../inventory/names.ts';
import {
  type AgentPlace,
  atLeast,
  type Departure,
  type Enforces,
  type EngineState,
  isCore,
  ownWord,
  type PolicyEngine,
  type PolicyType,
  YES,
} from './policy-engine.ts';

const LINK = 'https://docs.cilium.io/en/stable/network/kubernetes/policy/';
const MODES = 'https://docs.cilium.io/en/stable/security/policy/intro/#policy-enforcement-modes';
const FLAGS = 'https://docs.cilium.io/en/stable/cmdref/cilium-agent/';
const AUDIT =
  'https://docs.cilium.io/en/stable/security/policy-creation/#enable-policy-audit-mode-entire-daemon';

const TITLE = { title: 'Cilium', link: LINK };

/** https://docs.cilium.io/en/stable/configuration/per-node-config/ */
const PER_NODE: Departure = {
  id: 'cilium-per-node',
  text: 'A CiliumNodeConfig may set other flags for some nodes, and these were not read.',
  link: 'https://docs.cilium.io/en/stable/configuration/per-node-config/',
};

/** "The new CNI chaining configuration will not apply to any pod that is already running" */
const OLDER_PODS: Departure = {
  id: 'cilium-chaining-older-pods',
  text: 'Beside another CNI plugin Cilium does not enforce for pods that were already running when it was installed, until they are restarted.',
  link: 'https://docs.cilium.io/en/stable/installation/cni-chaining-aws-cni/#restart-existing-pods',
};

/**
 * Core policies and its own, unless a flag turns one of them off; ClusterNetworkPolicy from 1.20 on where
 * `enable-k8s-cluster-network-policy` is set. AdminNetworkPolicy was never read.
 * Source: cilium/cilium Documentation/network/kubernetes/policy.rst, cilium/cilium#23380, #47227.
 */
export const cilium: PolicyEngine = {
  name: 'cilium',
  ...TITLE,
  stateOf(place) {
    if (place.agent.enabled === null) return TOLD_BESIDE;
    const own = ownWord(TITLE, place);
    const flags = place.settings.cilium;
    if (own.state !== 'on') return own;
    if ('unread' in flags) {
      const message = `Whether Cilium is configured to enforce policies is not known. ${flags.unread.message}`;
      return { state: 'unknown', ...flags.unread, message };
    }
    return toldBy(flags.known, place);
  },
  enforces(type, { agent, settings }) {
    const flags = 'known' in settings.cilium ? settings.cilium.known : null;
    const kind = kindOf(type);
    if (kind === null) return { answer: 'no', why: 'Cilium does not read this kind', link: LINK };
    if (kind.flag === 'clusterNetworkPolicy' && atLeast(agent.version, '1.20.0') === false) {
      const why = `Cilium reads this kind from 1.20 on, and ${agent.version} runs`;
      return { answer: 'no', why, link: LINK };
    }
    return readBy(kind, flags);
  },
  departures: ({ settings }) => [
    ...(settings.ciliumNodeConfigsRead === true ? [] : [PER_NODE]),
    ...('known' in settings.cilium && settings.cilium.known.chaining !== 'none' ? [OLDER_PODS] : []),
  ],
};

/** Flags and variables go before the ConfigMap; the command may be another program. */
const TOLD_BESIDE: EngineState = {
  state: 'unknown',
  reason: 'field-missing',
  message:
    'What Cilium enforces on the node is not known: the container of its agent there has a command, flags or variables that override cilium-config.',
  remedy: `See kubectl -n kube-system get daemonset cilium -o yaml, and keep these settings only in cilium-config; see ${FLAGS}.`,
};

function toldBy({ enforcement, audit }: CiliumSettings, { agent }: AgentPlace): EngineState {
  if (enforcement === 'never') {
    const because = 'Cilium is configured not to enforce policies (enable-policy: never in cilium-config).';
    return { state: 'off', because, link: MODES };
  }
  if (audit === true) {
    const because =
      'Cilium only reports what policies deny and lets it pass (policy-audit-mode: true in cilium-config).';
    return { state: 'off', because, link: AUDIT };
  }
  if (enforcement !== null && audit !== null) return { state: 'on', agent: { ...agent, mode: enforcement } };
  return {
    state: 'unknown',
    reason: 'malformed-object',
    message: `Whether Cilium enforces policies is not known: cilium-config holds a value of ${enforcement === null ? 'enable-policy' : 'policy-audit-mode'} that is not valid.`,
    remedy: `Correct it; see ${MODES}.`,
  };
}

interface Kind {
  readonly flag: 'core' | 'own' | 'ownClusterwide' | 'clusterNetworkPolicy';
  /** As it is in the ConfigMap. */
  readonly key: string;
}

function kindOf(type: PolicyType): Kind | null {
  if (isCore(type)) return { flag: 'core', key: 'enable-k8s-networkpolicy' };
  const group = apiGroupOf(type.apiVersion);
  if (group === 'cilium.io') {
    return type.kind === 'CiliumClusterwideNetworkPolicy'
      ? { flag: 'ownClusterwide', key: 'enable-cilium-clusterwide-network-policy' }
      : { flag: 'own', key: 'enable-cilium-network-policy' };
  }
  return group === 'policy.networking.k8s.io' && type.kind === 'ClusterNetworkPolicy'
    ? { flag: 'clusterNetworkPolicy', key: 'enable-k8s-cluster-network-policy' }
    : null;
}

function readBy({ flag, key }: Kind, flags: CiliumSettings | null): Enforces {
  const value = flags === null ? null : flags[flag];
  if (value === true) return YES;
  return value === false
    ? { answer: 'no', why: `Cilium is configured not to read this kind (${key}: false)`, link: FLAGS }
    : { answer: 'unknown', why: `whether Cilium reads this kind (${key}) is not known`, link: FLAGS };
}
