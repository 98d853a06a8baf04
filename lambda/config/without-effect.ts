import { type ConfigProblem, printPath } from './problems.ts';
import type { ConfigFile } from './schema.ts';
import type { Path, YamlSource } from './yaml-source.ts';

/** What is read only where registries are asked. */
const OF_REGISTRIES = ['imageMaxAge', 'scanMaxAge'] as const;

/** What a valid file sets although nothing reads it, in the order of the file: whoever sets a limit relies on it. */
export function settingsWithoutEffect(
  { limitsGiven, config: { overrides, images } }: ConfigFile,
  source: YamlSource,
): readonly ConfigProblem[] {
  const off = images.registry === 'off' ? 'images.registry' : images.scans === 'off' ? 'images.scans' : null;
  if (off === null) return [];
  const idle = off === 'images.registry' ? OF_REGISTRIES : (['scanMaxAge'] as const);
  const set = (limits: { readonly [name: string]: unknown }) =>
    idle.filter((name) => limits[name] !== undefined);
  const paths: readonly Path[] = [
    ...set(limitsGiven).map((name) => ['limits', name]),
    ...overrides.flatMap(({ limits }, i) => set(limits).map((name) => ['limits', 'overrides', i, name])),
    ...(off === 'images.registry' && images.registries.length > 0 ? [['images', 'registries']] : []),
  ];
  const message = `has no effect with ${off}: off; leave it out, or set ${off}.`;
  return paths
    .map((path) => ({ ...source.placeOfKey(path), path: printPath(path), message }))
    .sort((a, b) => a.line - b.line || a.column - b.column);
}
