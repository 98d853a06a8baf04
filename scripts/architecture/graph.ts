/** What each node points to. */
export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** @param edges from → to; of those that point to themselves nothing is kept */
export function graphOf(edges: Iterable<readonly [from: string, to: string]>): Graph {
  const graph = new Map<string, Set<string>>();
  for (const [from, to] of edges) {
    if (from === to) continue;
    const targets = graph.get(from);
    if (targets === undefined) graph.set(from, new Set([to]));
    else targets.add(to);
  }
  return graph;
}

/** One circle for each that a walk comes upon, such as `a → b → a`; none only if there is none. */
export function circlesIn(graph: Graph): readonly string[] {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (node: string, way: readonly string[]): void => {
    if (way.includes(node)) circles.push([...way.slice(way.indexOf(node)), node].join(' → '));
    if (done.has(node) || way.includes(node)) return;
    for (const target of graph.get(node) ?? []) visit(target, [...way, node]);
    done.add(node);
  };
  for (const node of graph.keys()) visit(node, []);
  return circles;
}

/**
 * The arrows of a graph that do not follow from others.
 * @throws Error that names the circles, if there are any
 */
export function reduced(graph: Graph): Graph {
  const circles = circlesIn(graph);
  if (circles.length > 0) throw new Error(`Rooms import each other in circles: ${circles.join(', ')}.`);
  const below = new Map<string, ReadonlySet<string>>();
  const allBelow = (node: string): ReadonlySet<string> => {
    const known = below.get(node);
    if (known !== undefined) return known;
    const targets = [...(graph.get(node) ?? [])];
    const all = new Set(targets.flatMap((target) => [target, ...allBelow(target)]));
    below.set(node, all);
    return all;
  };
  return new Map(
    [...graph].map(([node, targets]) => [
      node,
      new Set([...targets].filter((target) => ![...targets].some((other) => allBelow(other).has(target)))),
    ]),
  );
}
