import { type ConfigProblem, printPath } from './problems.ts';
import type { ConfigFile } from './schema.ts';
import { IDLE_LIMITS } from './schema-limits.ts';
import type { Path, YamlSource } from './yaml-source.ts';

const MESSAGE = 'has no effect, since no check of this version reads it; leave it out.';

/** What a valid file sets although nothing reads it, in the order of the file: whoever sets a limit relies on it. */
export function settingsWithoutEffect(
  { limitsGiven, config: { overrides } }: ConfigFile,
  source: YamlSource,
): readonly ConfigProblem[] {
  const paths: readonly Path[] = [
    ...idle(limitsGiven).map((name) => ['limits', name]),
    ...overrides.flatMap(({ limits }, i) => idle(limits).map((name) => ['limits', 'overrides', i, name])),
  ];
  return paths
    .map((path) => ({ ...source.placeOfKey(path), path: printPath(path), message: MESSAGE }))
    .sort((a, b) => a.line - b.line || a.column - b.column);
}

const idle = (limits: { readonly [name: string]: unknown }): readonly string[] =>
  IDLE_LIMITS.filter((name) => limits[name] !== undefined);
