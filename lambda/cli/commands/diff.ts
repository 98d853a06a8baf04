import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { UsageError } from '../../errors.ts';
import { compareRuns, type RecordedSide } from '../../history/diff/compare-runs.ts';
import type { Difference } from '../../history/diff/difference.ts';
import { countsOf } from '../../history/diff/groups.ts';
import { differenceMarkdown } from '../../history/diff/markdown.ts';
import { resolveRun } from '../../history/resolve-run.ts';
import { findingRow, jsonLine } from '../../report/rows.ts';
import { isAtLeast, SEVERITIES, type Severity } from '../../severity.ts';
import { folderStore } from '../../store/folder-store.ts';
import { EXIT } from '../exit-code.ts';
import { type Io, lookOf } from '../io.ts';
import { type OpenStore, openStore, regionOption, storeOption } from '../open-store.ts';
import { outputOption, VERBOSE } from '../options.ts';
import { renderDifference } from '../render/diff.ts';

interface DiffFlags {
  readonly store?: string;
  readonly region?: string;
  readonly output: 'table' | 'json' | 'markdown';
  readonly failOn: Severity | 'never';
  readonly allowIncomplete?: boolean;
  readonly all?: boolean;
  readonly color?: boolean;
}

/** `diff RUN_A RUN_B`: what changed between two recorded runs. */
export function diffCommand(io: Io, finish: (code: number) => void): Command {
  return new Command('diff')
    .description(
      'Show what changed between two recorded runs; never fixed what the newer one did not decide.',
    )
    .argument(
      '<run-a>',
      'the older run: an id, a date, latest, latest~1, or a folder of audit --out (its latest)',
    )
    .argument('<run-b>', 'the newer run, likewise')
    .addOption(storeOption().makeOptionMandatory(false))
    .addOption(regionOption())
    .addOption(outputOption(['table', 'json', 'markdown']))
    .addOption(
      new Option('--fail-on <level>', 'exit 1 where something new is at least this severe')
        .choices([...SEVERITIES, 'never'])
        .default('high'),
    )
    .option('--allow-incomplete', 'exit 0 instead of 3 where something is no longer decided')
    .option('--all', 'list every workload')
    .option('--no-color', 'no colours (also NO_COLOR)')
    .option('--verbose', VERBOSE)
    .action(async (before: string, after: string, options: DiffFlags) => {
      const opened =
        options.store === undefined ? null : await openStore({ ...options, store: options.store });
      try {
        const [a, b] = [await sideAt(before, opened), await sideAt(after, opened)];
        const difference = await compareRuns(a, b, { sameStore: a.store === b.store });
        const look = lookOf(io, options.color === undefined ? {} : { color: options.color });
        io.stdout.write(
          options.output === 'json'
            ? differenceJson(difference)
            : options.output === 'markdown'
              ? differenceMarkdown(difference)
              : renderDifference(difference, { all: options.all === true, look }),
        );
        if (difference.before.startedAt > difference.after.startedAt) io.stderr.write(BACKWARDS);
        finish(codeOf(difference, options));
      } finally {
        opened?.close();
      }
    });
}

const BACKWARDS =
  'The first run is newer than the second: what is listed as new was found before, and what is listed as fixed is found now. Give the older one first.\n';

/** A folder is its latest run; anything else is a run of the store. */
async function sideAt(name: string, opened: OpenStore | null): Promise<RecordedSide> {
  if (await isFolder(join(name, 'runs'))) {
    const store = folderStore(name);
    return { store, run: await resolveRun(store, 'latest') };
  }
  if (opened === null) {
    throw new UsageError(
      `"${name}" is no folder of audit --out; give --store for runs that are named otherwise.`,
    );
  }
  return { store: opened.store, run: await resolveRun(opened.store, name) };
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

function differenceJson({ before, after, settings, changes, same }: Difference): string {
  const rows = changes.map(({ kind, because, fields, finding }) =>
    jsonLine({ kind, because, ...(fields === undefined ? {} : { fields }), finding: findingRow(finding) }),
  );
  const counts = { ...countsOf(changes), same };
  const head = Object.entries({ before, after, settings, counts }).map(
    ([name, value]) => `"${name}": ${jsonLine(value)},\n`,
  );
  return `{\n${head.join('')}"changes": [${rows.map((row) => `\n${row}`).join(',')}\n]\n}\n`;
}

/** What is newly found, exemptions that ended included, decides; then what is not known any more. */
function codeOf({ changes }: Difference, { failOn, allowIncomplete }: DiffFlags): number {
  const reached =
    failOn !== 'never' &&
    changes.some(
      ({ kind, finding }) =>
        (kind === 'new' || kind === 'no-longer-exempt') && isAtLeast(finding.severity, failOn),
    );
  if (reached) return EXIT.findings;
  const lost = changes.some(({ kind }) => kind === 'undecided');
  return lost && allowIncomplete !== true ? EXIT.incomplete : EXIT.ok;
}
