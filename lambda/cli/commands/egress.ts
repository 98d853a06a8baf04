import { Command } from 'commander';
import type { Config } from '../../config/config.ts';
import { UsageError } from '../../errors.ts';
import { type Io, pluginOutput } from '../io.ts';
import { instantOf, outputOption, withCommon, withSources } from '../options.ts';
import { openTargets } from '../targets.ts';
import { wantedBy } from '../workload-argument.ts';
import { readConfig } from './config.ts';
import { listEgress } from './egress-list.ts';
import type { EgressCall, EgressOptions } from './egress-mode.ts';
import { checkSuggest, suggestTo } from './egress-suggest.ts';
import { askDestination, readDestination } from './egress-to.ts';
import { askChange, readPolicyFiles } from './egress-with.ts';

/** `egress [NAMESPACE/NAME]`: what workloads may reach outside the cluster, and why. */
export function egressCommand(io: Io, finish: (code: number) => void): Command {
  const command = new Command('egress')
    .description(
      'Show what workloads may reach outside the cluster and why, and which workloads reach a destination.',
    )
    .argument('[namespace/name]', 'only this workload; NAMESPACE/ for a whole namespace')
    .addOption(outputOption(['table', 'json']))
    .option('--explain', 'show the policy and rule that allow each name and range')
    .option(
      '--to <destination>',
      'show which workloads can reach ADDRESS:PORT, CIDR:PORT or HOST:PORT[/UDP], and why',
    )
    .option(
      '--with <file>',
      'show what would change if the policies in this file were applied; - for standard input (repeatable)',
      (file: string, files: readonly string[] = []) => [...files, file],
    )
    .option(
      '--suggest <namespace/name>',
      'print the least NetworkPolicy for this workload: DNS and approved destinations',
    )
    .option('--allow-incomplete', 'exit 0 instead of 3 if something could not be evaluated');
  return withCommon(withSources(command)).action(
    async (which: string | undefined, options: EgressOptions) => {
      const wanted = wantedBy(which);
      const answer = await questionOf(which, options, io);
      const config = await readConfig(options.config, io);
      const opened = await openTargets(options, {
        now: instantOf(options.now),
        stdin: io.stdin,
        config: withoutEvidence(config),
        onPluginOutput: pluginOutput(io, options),
      });
      try {
        finish(await answer({ io, options, config, targets: opened.targets, wanted }));
      } finally {
        await opened.close();
      }
    },
  );
}

/** What kubelets and registries say decides nothing about egress, and asking them takes rights of their own. */
const withoutEvidence = (config: Config): Config => ({
  ...config,
  measure: { ...config.measure, writableLayer: 'off' },
  images: { ...config.images, registry: 'off' },
});

type Answer = (call: EgressCall) => Promise<number>;

/** @throws UsageError when several questions are asked at once, or one that cannot be understood */
async function questionOf(which: string | undefined, options: EgressOptions, io: Io): Promise<Answer> {
  const asked = QUESTIONS.filter((flag) => options[flag] !== undefined);
  if (asked.length > 1) {
    throw new UsageError(
      `Ask one question at a time: choose between ${asked.map((f) => `--${f}`).join(' and ')}.`,
    );
  }
  if (options.to !== undefined) {
    const destination = readDestination(options.to);
    return (call) => askDestination(which, destination, call);
  }
  if (options.with !== undefined) {
    if (options.with.includes('-') && options.snapshot?.includes('-')) {
      throw new UsageError('Standard input can be read once: give a file to --with or to --snapshot.');
    }
    const applied = await readPolicyFiles(options.with, io);
    return (call) => askChange(which, applied, call);
  }
  const { suggest } = options;
  if (suggest !== undefined) {
    checkSuggest(suggest, which);
    return (call) => suggestTo(suggest, call);
  }
  return (call) => listEgress(which, call);
}

const QUESTIONS = ['explain', 'to', 'with', 'suggest'] as const satisfies readonly (keyof EgressOptions)[];
