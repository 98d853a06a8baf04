import type { Target } from '../audit/target.ts';
import { shellWord } from '../fixes/shell.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import { inCluster } from '../report/in-cluster.ts';
import { asCalled, type Caller } from '../report/own-commands.ts';
import { type SourceOptions, sourceKind } from './options.ts';

/** Flags by which kubectl finds a cluster where the reader is, a blank before each; empty: as it is set already. */
export type KubectlFlags = (cluster: ClusterIdentity) => string;

/**
 * How kubectl reaches the clusters of a run. A cluster of EKS has its ARN as its context, as `aws eks update-kubeconfig`
 * names it. Where several clusters come from a file each is named as well: a context that is not there is refused, and
 * the current one may be the wrong cluster.
 */
export function kubectlFlags(
  options: SourceOptions,
  targets: readonly Pick<Target, 'identity' | 'context'>[],
): KubectlFlags {
  const kind = sourceKind(options);
  const contexts = new Map(targets.map(({ identity, context }) => [keyOf(identity), context]));
  const file = options.kubeconfig === undefined ? [] : ['--kubeconfig', options.kubeconfig];
  const isNamed = kind === 'eks' || ((kind === 'snapshot' || kind === 'sample') && targets.length > 1);
  return (cluster) => {
    const context = isNamed ? (cluster.arn ?? cluster.name) : contexts.get(keyOf(cluster));
    const words = [...file, ...(context === undefined ? [] : ['--context', context])];
    return words.map((word) => ` ${shellWord(word)}`).join('');
  };
}

const keyOf = ({ arn, name }: ClusterIdentity): string => `${arn ?? ''}\n${name}`;

/** A command as the reader of a page can give it, for one cluster. */
export const commandFor = (command: string, cluster: ClusterIdentity, look: CommandLook): string =>
  inCluster(asCalled(command, look), look.kubectl?.(cluster) ?? '');

interface CommandLook extends Caller {
  readonly kubectl?: KubectlFlags;
}

/** What gives kubectl the contexts of clusters that were found in EKS; `null`: nothing is missing. */
export function updateKubeconfig(
  options: SourceOptions,
  { arn, name, region }: ClusterIdentity,
): string | null {
  if (sourceKind(options) !== 'eks' || arn === null || region === null) return null;
  const role = options.roleArn === undefined ? [] : ['--role-arn', options.roleArn];
  return ['aws', 'eks', 'update-kubeconfig', '--name', name, '--region', region, ...role]
    .map(shellWord)
    .join(' ');
}
