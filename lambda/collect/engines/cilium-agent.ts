import type { AgentContainer } from './agent-container.ts';
import { asBoolean } from './engine-settings.ts';

/** Settings that decide what Cilium enforces; `config` names a file with more of them. */
const DECIDING = [
  'enable-policy',
  'policy-audit-mode',
  'labels',
  'label-prefix-file',
  'enable-k8s-networkpolicy',
  'enable-k8s-cluster-network-policy',
  'enable-cilium-network-policy',
  'enable-cilium-clusterwide-network-policy',
  'enable-host-firewall',
  'config',
] as const;

type Deciding = (typeof DECIDING)[number];

/** `getEnvName`, pkg/option/config.go (cilium/cilium). */
const variableOf = (name: Deciding): string => `CILIUM_${name.toUpperCase().replaceAll('-', '_')}`;

export const CILIUM_VARIABLES: readonly string[] = DECIDING.map(variableOf);

/**
 * Whether Cilium's agent enforces, by what its container says: flags go before variables, and these before the
 * ConfigMap (https://github.com/spf13/viper#why-viper). What is not plainly off there is left open, since the
 * ConfigMap is read alone.
 */
export function ciliumEnabled({ command, args, env, envFrom }: AgentContainer): boolean | null {
  const words = [...command, ...args];
  if (!isAgent(words[0])) return null;
  const flag = (name: Deciding): string | null | undefined => {
    const flag = words.findLast((word) => word === `--${name}` || word.startsWith(`--${name}=`));
    if (flag === undefined) return env.get(variableOf(name));
    return flag === `--${name}` ? 'true' : flag.slice(name.length + 3);
  };
  if (flag('enable-policy')?.toLowerCase() === 'never') return false;
  if (asBoolean(flag('policy-audit-mode') ?? undefined) === true) return false;
  const open = envFrom || words.some(isReference) || DECIDING.some((name) => flag(name) !== undefined);
  return open ? null : true;
}

/** A shell or another program may give the agent any flag. */
const isAgent = (first: string | undefined): boolean =>
  first === undefined || first.startsWith('-') || /(?:^|\/)cilium-agent$/.test(first);

/** A flag that is the value of a variable (https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/). */
const isReference = (word: string): boolean => /^[^=]*\$\(/.test(word);
