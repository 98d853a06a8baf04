/** A schema of JSON Schema draft 4, as far as the one of SARIF needs it. */
type Schema = { readonly [key: string]: unknown };

/** Says nothing about a value. */
const SILENT = new Set(['$schema', 'id', 'title', 'description', 'default', 'definitions']);

const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

type Test = (value: unknown, rule: unknown) => boolean;

/** Keywords that speak of a value alone. */
const SIMPLE: Readonly<Record<string, Test>> = {
  type: (value, rule) => [rule].flat().some((type) => isOf(type, value)),
  enum: (value, rule) => Array.isArray(rule) && rule.includes(value),
  minimum: (value, rule) => typeof value !== 'number' || value >= Number(rule),
  maximum: (value, rule) => typeof value !== 'number' || value <= Number(rule),
  pattern: (value, rule) => typeof value !== 'string' || new RegExp(String(rule)).test(value),
  format: (value, rule) => typeof value !== 'string' || hasFormat(String(rule), value),
  minItems: (value, rule) => !Array.isArray(value) || value.length >= Number(rule),
  uniqueItems: (value) =>
    !Array.isArray(value) || new Set(value.map((item) => JSON.stringify(item))).size === value.length,
  required: (value, rule) => !isObject(value) || [rule].flat().every((key) => String(key) in value),
};

/** Where and why a value is not what the schema says; a keyword that is not known here is an error, too. */
export function violations(
  root: Schema,
  value: unknown,
  schema: Schema = root,
  path = '$',
): readonly string[] {
  return Object.entries(schema).flatMap(([keyword, rule]): readonly string[] => {
    const holds = SIMPLE[keyword];
    if (holds === undefined) return inner({ root, value, schema, path }, keyword, rule);
    return holds(value, rule) ? [] : [`${path}: ${keyword} ${JSON.stringify(rule).slice(0, 80)}`];
  });
}

interface Context {
  readonly root: Schema;
  readonly value: unknown;
  readonly schema: Schema;
  readonly path: string;
}

/** Keywords that hold schemas. */
function inner({ root, value, schema, path }: Context, keyword: string, rule: unknown): readonly string[] {
  const check = (part: unknown, by: unknown, at: string): readonly string[] =>
    isObject(by) ? violations(root, part, by, at) : [];
  const fitting = (): number => [rule].flat().filter((one) => check(value, one, path).length === 0).length;
  switch (keyword) {
    case '$ref':
      return check(value, targetOf(root, String(rule)), path);
    case 'items':
      return Array.isArray(value)
        ? value.flatMap((item, index) => check(item, rule, `${path}[${index}]`))
        : [];
    case 'properties':
      return isObject(value) && isObject(rule)
        ? Object.entries(value).flatMap(([key, part]) => check(part, rule[key], `${path}.${key}`))
        : [];
    case 'additionalProperties':
      return othersIn({ value, schema }).flatMap(([key, part]) =>
        rule === false ? [`${path}: ${key} is not known`] : check(part, rule, `${path}.${key}`),
      );
    case 'anyOf':
      return fitting() > 0 ? [] : [`${path}: anyOf`];
    case 'oneOf':
      return fitting() === 1 ? [] : [`${path}: oneOf`];
    default:
      return SILENT.has(keyword) ? [] : [`${path}: the keyword ${keyword} is not known`];
  }
}

function othersIn({ value, schema }: Pick<Context, 'value' | 'schema'>): readonly [string, unknown][] {
  const known = isObject(schema['properties']) ? schema['properties'] : {};
  return isObject(value) ? Object.entries(value).filter(([key]) => !(key in known)) : [];
}

function targetOf(root: Schema, reference: string): unknown {
  const [, ...parts] = reference.split('/');
  return parts.reduce<unknown>((at, part) => (isObject(at) ? at[part] : undefined), root);
}

function isOf(type: unknown, value: unknown): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isObject(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}

/** RFC 3986: no other characters, and each % begins an escape. */
const REFERENCE = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*$/;

function hasFormat(format: string, text: string): boolean {
  if (format === 'date-time') return !Number.isNaN(Date.parse(text));
  return REFERENCE.test(text) && (format === 'uri-reference' || URL.canParse(text));
}
