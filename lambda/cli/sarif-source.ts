import { CATALOGUE } from '../checks/catalogue.ts';
import type { Config } from '../config/config.ts';
import { UsageError } from '../errors.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { SarifRule } from '../report/sarif.ts';
import { type SourceOptions, sourceKind } from './options.ts';

/** Holds an audit to manifests, where its output is for them alone. */
export interface ManifestsOnly {
  see(inventory: Pick<Inventory, 'content'>): void;
  /** @throws UsageError where something else was read */
  check(): void;
}

/**
 * SARIF says where in which file something is, and code scanning refuses what is nowhere
 * (https://github.com/github/codeql-action/issues/1738).
 * @throws UsageError where the flags name no files
 */
export function manifestsFor(options: SourceOptions & { readonly output: string }): ManifestsOnly {
  if (options.output !== 'sarif') return { see: () => {}, check: () => {} };
  if (sourceKind(options) !== 'snapshot') throw notManifests();
  if (options.snapshot?.includes('-')) {
    throw new UsageError(
      '-o sarif names files, and standard input is none: write the manifests to a file, and give it to --snapshot.',
    );
  }
  let others = false;
  return {
    see({ content }) {
      others ||= content !== 'manifests';
    },
    check() {
      if (others) throw notManifests();
    },
  };
}

const notManifests = (): UsageError =>
  new UsageError(
    '-o sarif is for manifests alone, whose findings have a file and a line: give --snapshot with manifests, or use -o json or -o junit.',
  );

/** The checks that are on, as severe as the configuration says. */
export const rulesOf = ({ checks }: Pick<Config, 'checks'>): readonly SarifRule[] =>
  CATALOGUE.flatMap((check) => {
    const severity = checks[check.id] ?? check.severity;
    return severity === 'off' ? [] : [{ ...check, severity }];
  });
