import { exemption, NO_OWNER_YET } from '../config/schema-accepted.ts';
import type { Finding } from '../findings/finding.ts';
import { isActive } from '../findings/identity.ts';
import type { RunResult } from '../findings/run-result.ts';
import { DAY } from '../inventory/durations.ts';
import { jsonSafe } from './escape.ts';
import { sortedFindings } from './order.ts';
import { count } from './words.ts';

/** How long a baseline counts: nobody has looked at what is in it. */
const BASELINE_DAYS = 90;

export interface Baseline {
  /** A configuration with one exemption for each new or open finding. */
  readonly text: string;
  readonly entries: number;
  /** Findings whose names no exemption can hold, or that only a pattern would fit: they count as before. */
  readonly left: number;
}

/**
 * A baseline of what is open today (SPEC §4, `--write-exemptions`). Each entry covers one finding: cluster, check,
 * workload and container are named. It says that nobody has reviewed it, ends, and is no valid configuration before
 * somebody has put an owner in the place of the placeholder. What was not evaluated is not in it.
 *
 * @param now Epoch milliseconds.
 */
export function baselineOf(run: RunResult, now: number): Baseline {
  const schema = exemption(null);
  const today = dayOf(now);
  const rest = {
    reason: `baseline of ${today}: not reviewed`,
    owner: NO_OWNER_YET,
    expires: dayOf(now + BASELINE_DAYS * DAY),
  };
  const entries: string[] = [];
  let left = 0;
  for (const finding of sortedFindings(run)) {
    if (!isActive(finding)) continue;
    const parts = partsOf(finding);
    const fits = isLiteral(finding) && schema.safeParse({ ...parts, ...rest, owner: 'somebody' }).success;
    if (fits) entries.push(entryText({ ...parts, ...rest }));
    else left++;
  }
  const gaps = run.clusters.reduce((sum, { notEvaluated }) => sum + notEvaluated.length, 0);
  const head = [
    `# Baseline of ${today}: ${count(entries.length, 'finding')} not reviewed yet, accepted until ${rest.expires}.`,
    `# Replace each owner ${NO_OWNER_YET} with who is responsible for it, or fix the finding and remove its entry.`,
    '# Then give this file to --config, or add its entries to the exemptions of your configuration.',
    ...(gaps === 0 ? [] : [`# ${count(gaps, 'verdict')} could not be decided, which no exemption covers.`]),
    ...(left === 0 ? [] : [`# ${count(left, 'finding')} cannot be named in an exemption and still count.`]),
  ];
  const list = entries.length === 0 ? 'exemptions: []' : `exemptions:\n${entries.join('\n')}`;
  return { text: `${head.join('\n')}\n${list}\n`, entries: entries.length, left };
}

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

function partsOf({ check, cluster, workload, container }: Finding): Readonly<Record<string, string>> {
  const { namespace, kind, name } = workload;
  return {
    check,
    cluster: cluster.arn ?? cluster.name,
    ...(namespace === '' ? {} : { namespace }),
    workload: `${kind}/${name}`,
    ...(container === null ? {} : { container }),
  };
}

/**
 * Whether an exemption with these names is for nothing else: `*` and `?` would be patterns. Workloads whose runs are
 * separate objects, such as `Job/migrate-*`, end with one, and mean it.
 */
function isLiteral({ cluster, workload, container }: Finding): boolean {
  const { namespace, kind, name } = workload;
  const names = [
    cluster.arn ?? cluster.name,
    namespace,
    kind,
    container ?? '',
    name.replace(/(?<=.-)\*$/, ''),
  ];
  return names.every((one) => !/[*?]/.test(one));
}

/** JSON is YAML, whatever a name holds. */
function entryText(entry: Readonly<Record<string, string>>): string {
  const lines = Object.entries(entry).map(([key, value]) => `${key}: ${jsonSafe(JSON.stringify(value))}`);
  return `  - ${lines.join('\n    ')}`;
}
