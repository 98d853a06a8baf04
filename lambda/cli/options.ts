import { type Command, Option } from 'commander';
import { UsageError } from '../errors.ts';
import { shellWord } from '../fixes/shell.ts';

/** Flags that name what is audited; exactly one kind of source may be given. */
export interface SourceOptions {
  readonly context?: readonly string[];
  readonly kubeconfig?: string;
  readonly measureContext?: readonly string[];
  readonly snapshot?: readonly string[];
  readonly complete?: boolean;
  readonly sample?: boolean;
  readonly eks?: readonly string[];
  readonly allEks?: boolean;
  readonly region?: readonly string[];
  readonly roleArn?: string;
}

export interface CommonOptions extends SourceOptions {
  readonly config?: string;
  readonly now?: string;
  readonly color?: boolean;
  readonly verbose?: boolean;
}

const collect = (value: string, previous: readonly string[] = []): readonly string[] => [...previous, value];

/** Live clusters and the sample. */
export function withClusters(command: Command): Command {
  return command
    .option('--context <name>', 'read the cluster of this kubeconfig context (repeatable)', collect)
    .option('--kubeconfig <file>', 'use this kubeconfig instead of KUBECONFIG or ~/.kube/config')
    .option('--eks <name>', 'read this EKS cluster with the default AWS credentials (repeatable)', collect)
    .option('--all-eks', 'read all EKS clusters of the account, or of the accounts in the configuration')
    .option('--region <region>', 'look for EKS clusters in this AWS region (repeatable)', collect)
    .option('--role-arn <arn>', 'assume this IAM role to find EKS clusters and to read them')
    .option('--sample', 'use the embedded sample: no cluster, no account, no network');
}

/** Live clusters, the sample, and files. */
export const withSources = (command: Command): Command =>
  withClusters(
    command
      .option(
        '--snapshot <path>',
        'read YAML or JSON files, folders or - for standard input (repeatable)',
        collect,
      )
      .option(
        '--complete',
        'treat --snapshot as complete: a kind that is not in it does not exist in the cluster',
      ),
  );

/** For commands that judge or keep what kubelets say of writable layers. */
export const withMeasuring = (command: Command): Command =>
  command.option(
    '--measure-context <name>',
    'ask kubelets as the user of this kubeconfig context, for measure.writableLayer: kubelet (repeatable)',
    collect,
  );

export const VERBOSE = 'show stack traces of errors and the output of credential plugins';

export function withCommon(command: Command): Command {
  return command
    .option('--config <file>', 'configuration file (audit.config.yaml)')
    .option('--now <instant>', 'use this RFC 3339 time as the current time, for reproducible output')
    .option('--no-color', 'no colours (also NO_COLOR)')
    .option('--verbose', VERBOSE);
}

export function outputOption(choices: readonly string[]): Option {
  return new Option('-o, --output <format>', 'output format').choices([...choices]).default('table');
}

const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

/** Epoch milliseconds of `--now`, else the clock. */
export function instantOf(now: string | undefined): number {
  if (now === undefined) return Date.now();
  const time = RFC3339.test(now) ? Date.parse(now) : Number.NaN;
  if (Number.isNaN(time)) {
    throw new UsageError(`--now takes an RFC 3339 time such as 2026-11-21T12:00:00Z, not "${now}".`);
  }
  return time;
}

/** The one kind of source that was asked for; the current kubeconfig context when none was. */
export function sourceKind(options: SourceOptions): 'kubeconfig' | 'snapshot' | 'sample' | 'eks' {
  const given = [
    ...(options.eks?.length ? ['eks' as const] : []),
    ...(options.allEks ? ['allEks' as const] : []),
    ...(options.context?.length || options.kubeconfig !== undefined ? ['kubeconfig' as const] : []),
    ...(options.snapshot?.length ? ['snapshot' as const] : []),
    ...(options.sample ? ['sample' as const] : []),
  ];
  if (given.length > 1) {
    throw new UsageError(
      `Give only one kind of source: choose between ${given.map((kind) => FLAGS[kind]).join(' and ')}.`,
    );
  }
  const [kind = 'kubeconfig'] = given;
  if (options.complete && kind !== 'snapshot') {
    throw new UsageError('--complete describes a snapshot: add --snapshot PATH.');
  }
  if (options.measureContext?.length && kind !== 'kubeconfig') {
    throw new UsageError('--measure-context is for clusters of a kubeconfig: add --context NAME.');
  }
  if (kind === 'eks' || kind === 'allEks') return 'eks';
  if (options.region?.length || options.roleArn !== undefined) {
    throw new UsageError('--region and --role-arn are for EKS clusters: add --eks NAME or --all-eks.');
  }
  return kind;
}

const FLAGS = {
  kubeconfig: '--context/--kubeconfig',
  snapshot: '--snapshot',
  sample: '--sample',
  eks: '--eks',
  allEks: '--all-eks',
} as const;

/** The flags that say what is read and by which configuration, as a shell takes them: a blank before each. */
export function sourceFlags(options: CommonOptions): string {
  const { sample, kubeconfig, complete, allEks, roleArn, config } = options;
  const words = [
    ...(sample ? ['--sample'] : []),
    ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]),
    ...(options.context ?? []).flatMap((name) => ['--context', name]),
    ...(options.measureContext ?? []).flatMap((name) => ['--measure-context', name]),
    ...(options.snapshot ?? []).flatMap((path) => ['--snapshot', path]),
    ...(complete ? ['--complete'] : []),
    ...(options.eks ?? []).flatMap((name) => ['--eks', name]),
    ...(allEks ? ['--all-eks'] : []),
    ...(options.region ?? []).flatMap((region) => ['--region', region]),
    ...(roleArn === undefined ? [] : ['--role-arn', roleArn]),
    ...(config === undefined ? [] : ['--config', config]),
  ];
  return words.map((word) => ` ${shellWord(word)}`).join('');
}
