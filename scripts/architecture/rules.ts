import { graphOf } from './graph.ts';
import { type Source, targetOf } from './imports.ts';
import { type Layer, layerOf } from './rooms.ts';

/** An import that leads from one layer to another. */
interface Crossing {
  readonly from: Layer;
  readonly to: Layer;
  /** For people. */
  readonly text: string;
}

/** Imports of sources of the product, by their paths. */
export const fileGraph = (sources: readonly Source[]) =>
  graphOf(
    sources.flatMap((source) =>
      source.imports.flatMap((one): (readonly [string, string])[] => {
        const target = targetOf(source, one);
        return target === null ? [] : [[source.path, target]];
      }),
    ),
  );

export function crossings(sources: readonly Source[], layers: readonly Layer[]): readonly Crossing[] {
  return sources.flatMap((source) => {
    const from = layerOf(layers, source.path);
    if (from === undefined) return [];
    return source.imports.flatMap((one): readonly Crossing[] => {
      const target = targetOf(source, one);
      const to = target === null ? undefined : layerOf(layers, target);
      return to === undefined || to === from ? [] : [{ from, to, text: `${source.path} imports ${target}` }];
    });
  });
}

/** Imports that no rule allows. */
export const forbidden = (sources: readonly Source[], layers: readonly Layer[]): readonly string[] =>
  crossings(sources, layers)
    .filter(({ from, to }) => !from.imports.includes(to.name))
    .map(({ text }) => text);

/** Rules that allow imports which do not exist. */
export function unused(sources: readonly Source[], layers: readonly Layer[]): readonly string[] {
  const used = new Set(crossings(sources, layers).map(({ from, to }) => `${from.name} → ${to.name}`));
  return layers
    .flatMap(({ name, imports }) => imports.map((other) => `${name} → ${other}`))
    .filter((arrow) => !used.has(arrow));
}

/** Rules that lead down the list, or nowhere: the order of the list is what keeps circles out. */
export const upward = (layers: readonly Layer[]): readonly string[] =>
  layers.flatMap(({ name, imports }, index) =>
    imports
      .filter((other) => !layers.slice(0, index).some((above) => above.name === other))
      .map((other) => `${name} → ${other}`),
  );

/** Sources that import a file that is no source of the product, such as one of the tests. */
export function outside(sources: readonly Source[]): readonly string[] {
  const known = new Set(sources.map(({ path }) => path));
  return sources.flatMap((source) =>
    source.imports
      .map((one) => targetOf(source, one))
      .filter((target) => target?.endsWith('.ts') === true && !known.has(target))
      .map((target) => `${source.path} imports ${target}`),
  );
}
