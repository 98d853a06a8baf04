import { collectPackages, type FoundContents, type FoundPackage } from './collector.ts';
import { isObject, type JsonObject, listIn, objectIn, textIn } from './json-value.ts';

/**
 * Components of a CycloneDX document, with those inside of others and the one that it describes.
 * Of no format version between 1.2 and 1.7 do these members differ.
 * @see https://github.com/CycloneDX/specification/blob/master/schema/bom-1.6.schema.json
 */
export function readCycloneDx(document: JsonObject): FoundContents {
  const found = collectPackages();
  const main = objectIn(objectIn(document, 'metadata') ?? {}, 'component');
  if (main !== null) found.add({ ...packageOf(main), part: 'subject' });
  if (isIncomplete(document, main)) found.incomplete('it says itself that it is incomplete');
  // A list of what is left instead of a function that calls itself: documents choose how deep they nest.
  const waiting: unknown[] = [];
  const open = (component: JsonObject, whose: string): void => {
    const list = listIn(component, 'components');
    if (list === null) found.malformed(`the components of ${whose} are not a list`);
    for (const one of (list ?? []).toReversed()) waiting.push(one);
  };
  open(document, 'the document');
  if (main !== null) open(main, 'its main component');
  while (waiting.length > 0) {
    const component = waiting.pop();
    if (!isObject(component)) {
      found.malformed('one of its components is not an object');
      continue;
    }
    // Files that scanners list beside the packages to which they belong.
    if (textIn(component, 'type') !== 'file' && !found.add(packageOf(component))) break;
    open(component, 'a component');
  }
  return found.result();
}

/**
 * Whether it says of itself, or of what is in its main component, that not all is listed; not of the graph between components.
 * @see https://cyclonedx.org/docs/1.6/json/#compositions
 */
function isIncomplete(document: JsonObject, main: JsonObject | null): boolean {
  const own = main === null ? null : textIn(main, 'bom-ref');
  return (listIn(document, 'compositions') ?? []).some((one) => {
    if (!isObject(one) || !(textIn(one, 'aggregate') ?? '').startsWith('incomplete')) return false;
    const assemblies = listIn(one, 'assemblies') ?? [];
    const graph = listIn(one, 'dependencies') ?? [];
    return assemblies.length === 0 ? graph.length === 0 : assemblies.includes(own);
  });
}

/** Components that say nothing of what is in them. */
const BASES: ReadonlySet<string> = new Set(['operating-system', 'container']);

function packageOf(component: JsonObject): FoundPackage {
  const name = textIn(component, 'name');
  const group = textIn(component, 'group');
  return {
    // Some tools repeat the group in the name (`npm sbom` writes scopes so).
    name: name === null || group === null || name.startsWith(`${group}/`) ? name : `${group}/${name}`,
    version: textIn(component, 'version'),
    purl: textIn(component, 'purl'),
    part: BASES.has(textIn(component, 'type') ?? '') ? 'base' : undefined,
  };
}
