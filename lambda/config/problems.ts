import type { z } from 'zod';
import { quote } from '../wording.ts';
import { CHECKS_HINT } from './fields.ts';
import type { JsonSchema } from './schema-document.ts';
import { didYouMean } from './suggest.ts';
import type { Path, Place, YamlSource } from './yaml-source.ts';

/** One thing that is wrong with a configuration file, for the person who must change it. */
export interface ConfigProblem extends Place {
  /** As in `limits.overrides[0].podMaxAge`; empty for the file as a whole. */
  readonly path: string;
  /** The rest of a sentence that begins with the path, or a whole sentence when the path is empty. */
  readonly message: string;
}

/** Turns what zod found into problems in the order of the file. */
export function problemsOf(
  issues: readonly z.core.$ZodIssue[],
  source: YamlSource,
  schema: JsonSchema,
): readonly ConfigProblem[] {
  return issues
    .flatMap(meant)
    .flatMap((issue) => {
      const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
      if (issue.code !== 'unrecognized_keys')
        return [{ ...source.placeOf(path), path: printPath(path), message: issue.message }];
      return issue.keys.map((key) => ({
        ...source.placeOfKey([...path, key]),
        path: printPath([...path, key]),
        message: unknownKey(key, path, schema),
      }));
    })
    .sort((a, b) => a.line - b.line || a.column - b.column);
}

/** Where one of several forms may be written, what is wrong with the one that was. */
function meant(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const forms = issue.errors.filter(
    (form) => !form.some(({ code, path }) => code === 'invalid_type' && path.length === 0),
  );
  const [form] = forms;
  if (form === undefined) return [issue];
  return form.map((one) => ({ ...one, path: [...issue.path, ...one.path] })).flatMap(meant);
}

function unknownKey(key: string, parent: Path, schema: JsonSchema): string {
  if (key === '<<') return 'is a merge key of YAML 1.1, which is not supported; write the keys out.';
  const here = schemaAt(parent, schema);
  const below = placesOf(key, here, parent);
  const [only, ...others] = below.length > 0 ? below : placesOf(key, schema, []);
  if (only !== undefined && others.length === 0) {
    return `is not known here; it belongs ${only === '' ? 'at the top level' : `under ${only}`}.`;
  }
  const known = Object.keys(here?.properties ?? {}).filter((name) => !name.startsWith('$'));
  if (printPath(parent) === 'checks') return `is not the id of a check${didYouMean(key, known, CHECKS_HINT)}`;
  return `is not a known key${didYouMean(key, known)}`;
}

/** The schema of the mapping at a path; a list's entries all share one. */
function schemaAt(path: Path, root: JsonSchema): JsonSchema | undefined {
  let schema: JsonSchema | undefined = plain(root);
  for (const step of path) {
    schema = plain(typeof step === 'number' ? schema?.items : schema?.properties?.[step]);
  }
  return schema;
}

/** The same without the alternatives of being empty, and of another form than a mapping. */
function plain(schema: JsonSchema | undefined): JsonSchema | undefined {
  if (schema?.anyOf === undefined) return schema;
  const forms = schema.anyOf.filter(({ type }) => type !== 'null').map(plain);
  return forms.find((form) => form?.type === 'object') ?? forms[0];
}

/** Paths of the mappings that know a key, from a mapping downwards, not into lists. */
function placesOf(key: string, schema: JsonSchema | undefined, at: Path): readonly string[] {
  const properties = plain(schema)?.properties ?? {};
  const below = Object.entries(properties).flatMap(([name, child]) => placesOf(key, child, [...at, name]));
  return Object.hasOwn(properties, key) ? [printPath(at), ...below] : below;
}

export function printPath(path: Path): string {
  return path.reduce<string>((printed, step) => {
    if (typeof step === 'number') return `${printed}[${step}]`;
    if (!/^[\w$-]+$/.test(step)) return `${printed}[${quote(step)}]`;
    return printed === '' ? step : `${printed}.${step}`;
  }, '');
}
