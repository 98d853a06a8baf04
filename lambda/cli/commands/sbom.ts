import { Command } from 'commander';
import { AuditorError, ReadError, UsageError } from '../../errors.ts';
import { findPackage, type PackageAnswer } from '../../questions/find-package.ts';
import { type PackageQuery, parseQuery } from '../../sbom/query.ts';
import type { ReportStore } from '../../store/store.ts';
import { EXIT } from '../exit-code.ts';
import { type Io, lookOf, writeAll } from '../io.ts';
import { openStore, regionOption, type StoreOptions, storeOption } from '../open-store.ts';
import { outputOption, VERBOSE } from '../options.ts';
import { renderSbom, type SbomPage, sbomCsv, sbomJson, sbomRemark } from '../render/sbom.ts';

interface FindOptions extends StoreOptions {
  readonly output: 'table' | 'json' | 'csv';
  readonly all?: boolean;
  readonly color?: boolean;
}

/** `sbom find`: which running workloads contain a package. */
export function sbomCommand(io: Io, finish: (code: number) => void): Command {
  const command = new Command('sbom').description('Search the SBOMs of the images that run.');
  command
    .command('find')
    .description(
      'List the running workloads that contain a package, by the SBOMs that audits have collected.',
    )
    .argument(
      '<package>',
      "a name or a purl, and a version or a range behind @: log4j-core@'<2.17.1', pkg:npm/lodash@4.17.20",
    )
    .addOption(storeOption())
    .addOption(regionOption())
    .addOption(outputOption(['table', 'json', 'csv']))
    .option('--all', 'show all rows, not only the first')
    .option('--no-color', 'no colours (also NO_COLOR)')
    .option('--verbose', VERBOSE)
    .action(async (text: string, options: FindOptions) => {
      const query = parseQuery(text);
      if (typeof query === 'string') throw new UsageError(query);
      const { store, close } = await openStore(options);
      try {
        const answer = await find(store, query);
        const page: SbomPage = { asked: text, answer, all: options.all === true };
        await writeAll(io.stdout, piecesOf(page, options, io));
        if (options.output !== 'table') io.stderr.write(sbomRemark(answer));
        finish(sbomExitCode(answer));
      } finally {
        close();
      }
    });
  return command;
}

function piecesOf(page: SbomPage, options: FindOptions, io: Io): Iterable<string> {
  if (options.output === 'json') return sbomJson(page);
  if (options.output === 'csv') return sbomCsv(page);
  return [renderSbom(page, lookOf(io, options.color === undefined ? {} : { color: options.color }))];
}

/** A store that refuses is none that could be searched: exit code 4. */
async function find(store: ReportStore, query: PackageQuery): Promise<PackageAnswer> {
  try {
    return await findPackage(store, query);
  } catch (error) {
    if (!(error instanceof AuditorError) || error instanceof ReadError) throw error;
    throw new ReadError('forbidden', error.message, 'Then search again.', error);
  }
}

/** SPEC §4: what is not known is worth its own code, since nothing found then proves nothing. */
function sbomExitCode({ found, images, unsearchable, stale }: PackageAnswer): number {
  if (found.length > 0) return EXIT.findings;
  return unsearchable.length > 0 || stale.length > 0 || images === 0 ? EXIT.incomplete : EXIT.ok;
}
