import { manifestOf } from '../../egress/suggest/suggest.ts';
import { UsageError } from '../../errors.ts';
import { type SuggestReport, suggestEgress } from '../../questions/suggest.ts';
import { jsonLine } from '../../report/rows.ts';
import { workloadName } from '../../report/words.ts';
import { renderSuggestion } from '../render/egress-suggest.ts';
import { wantedBy } from '../workload-argument.ts';
import { type EgressCall, egressExitCode } from './egress-mode.ts';

/** `egress --suggest NAMESPACE/NAME`: writes the least NetworkPolicy for a workload. */
export async function suggestTo(
  which: string,
  { io, options, config, targets }: EgressCall,
): Promise<number> {
  const [namespace = ''] = which.split('/', 1);
  const report = await suggestEgress(targets, { config, namespace, wanted: wantedBy(which), which });
  io.stdout.write(options.output === 'json' ? `${jsonLine(row(report))}\n` : renderSuggestion(report));
  const gaps = report.gaps.map((gap) => ({ cluster: report.identity, gap }));
  return egressExitCode({ workloads: [report], gaps }, 'unknown' in report.beyond, options);
}

/** @throws UsageError when it does not name one workload */
export function checkSuggest(which: string, argument: string | undefined): void {
  wantedBy(which);
  if (which.endsWith('/') || argument !== undefined) {
    throw new UsageError(
      '--suggest takes one workload: write egress --suggest NAMESPACE/NAME and no other argument.',
    );
  }
}

function row({ identity, workload, suggestion, alsoSelects, gaps, ...rest }: SuggestReport): object {
  return {
    cluster: identity.name,
    namespace: workload.namespace,
    kind: workload.kind,
    name: workload.name,
    policy: manifestOf(suggestion),
    notKept: suggestion.notKept,
    alsoSelects: alsoSelects.map(workloadName),
    ...rest,
    notRead: gaps.map(({ message }) => message),
  };
}
