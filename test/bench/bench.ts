import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { benchColdStart } from './cold-start/bench-cold-start.ts';
import { benchEgress } from './egress/bench-egress.ts';
import { benchGentle } from './gentle/bench-gentle.ts';
import { parsePods } from './parse-pods.ts';
import { benchGrowth, benchPods } from './pods.ts';
import { type CaseResult, intoDocument, machine, measuredOn } from './result.ts';
import { benchState } from './state/bench-state.ts';

/**
 * `npm run bench -- [CASE] [--pods 1k|10k|100k|1m] [--only TEXT] [--node-option OPTION] [--json FILE] [--write]`
 *
 * | case | measures |
 * |---|---|
 * | `pods` (default) | an audit of that many pods, beside what cannot be avoided |
 * | `growth` | the same of 100,000 and of a million pods: whether a pod costs more in a large cluster |
 * | `egress` | the egress of a million pods under ten thousand policies |
 * | `state` | the comparison with a previous state, of a million rows unless `--pods` says otherwise |
 * | `cold-start` | importing each function's bundle in a fresh process |
 * | `gentle` | what an audit costs a real kube-apiserver, beside `kubectl get pods -A` |
 *
 * Every measurement is taken in a process of its own. `--write` puts the table into docs/benchmarks.md.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pods: { type: 'string' },
    only: { type: 'string' },
    json: { type: 'string' },
    write: { type: 'boolean', default: false },
    'node-option': { type: 'string', multiple: true, default: [] },
  },
});

const DOCUMENT = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url));
const [name = 'pods', ...rest] = positionals;
const podsOr = (otherwise: string): number => parsePods(values.pods ?? otherwise);
const options = { only: values.only, nodeOptions: values['node-option'] };

const CASES: Readonly<Record<string, () => Promise<CaseResult>>> = {
  pods: () => benchPods(podsOr('10k'), options),
  growth: () => benchGrowth(options),
  egress: benchEgress,
  state: () => benchState(podsOr('1m')),
  'cold-start': benchColdStart,
  gentle: () => benchGentle(podsOr('100k')),
};

const run = CASES[name];
if (run === undefined || rest.length > 0) {
  throw new Error(`no case "${positionals.join(' ')}"; there are: ${Object.keys(CASES).join(', ')}`);
}
const before = machine();
const result = await run();
const command = values.pods === undefined ? name : `${name} --pods ${values.pods}`;
const lines = [`\`npm run bench -- ${command}\`: ${measuredOn(before, new Date())}.`, '', ...result.table];
const report = { case: command, machine: { ...before, ...options }, measurements: result.measurements };
process.stdout.write(`${lines.join('\n')}\n\n${JSON.stringify(report)}\n`);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
if (values.write) writeFileSync(DOCUMENT, intoDocument(readFileSync(DOCUMENT, 'utf8'), command, lines));
