import { shellWord } from '../fixes/shell.ts';
import type { CommonOptions } from './options.ts';

/** The flags that name the same source again; what was read from standard input is not there any more. */
export function sourceWords(options: CommonOptions): string {
  const each = (flag: string, values: readonly string[] = []): readonly string[] =>
    values.flatMap((value) => [flag, value]);
  const one = (flag: string, value: string | undefined): readonly string[] =>
    value === undefined ? [] : [flag, value];
  return [
    ...each('--context', options.context),
    ...one('--kubeconfig', options.kubeconfig),
    ...each('--snapshot', options.snapshot),
    ...(options.complete ? ['--complete'] : []),
    ...(options.sample ? ['--sample'] : []),
    ...each('--eks', options.eks),
    ...(options.allEks ? ['--all-eks'] : []),
    ...each('--region', options.region),
    ...one('--role-arn', options.roleArn),
    ...one('--config', options.config),
  ]
    .map((word) => ` ${shellWord(word)}`)
    .join('');
}
