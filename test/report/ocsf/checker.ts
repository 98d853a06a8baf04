import { type Attribute, type Compiled, compiled, EXCERPT } from './schema.ts';

type Json = Readonly<Record<string, unknown>>;

const CLASS = compiled('events', 'compliance_finding');
const CATEGORY = { uid: 0, caption: '', ...EXCERPT.categories['findings'] };
/** A class is numbered within its category; numbers of extensions begin at 100,000. */
const CLASS_UID = CATEGORY.uid * 1000 + (EXCERPT.events['compliance_finding']?.uid ?? 0);

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Where and why a value is no event of the class Compliance Finding, by the schema's own files: attributes that it does
 * not know, has deprecated or requires; types, enumerations with their captions, constraints and profiles. What the
 * server of the schema adds when it compiles it (the numbers of class, category and type) is computed as it documents.
 */
export function problems(event: unknown): readonly string[] {
  if (!isObject(event)) return ['$: no object'];
  const { metadata } = event;
  const { profiles = [], version } = (isObject(metadata) ? metadata : {}) as {
    profiles?: unknown;
    version?: unknown;
  };
  const names = Array.isArray(profiles) ? profiles.map(String) : [];
  return [
    ...inObject(event, CLASS, { path: '$', profiles: new Set(names) }),
    ...names.filter((name) => !(name in EXCERPT.profiles)).map((name) => `$.metadata: no profile ${name}`),
    ...(version === EXCERPT.version ? [] : [`$.metadata.version: not ${EXCERPT.version}`]),
    ...numbers(event),
  ];
}

function numbers(event: Json): readonly string[] {
  const activity = Number(event['activity_id']);
  const expected: Json = {
    category_uid: CATEGORY.uid,
    category_name: CATEGORY.caption,
    class_uid: CLASS_UID,
    class_name: CLASS.caption,
    type_uid: CLASS_UID * 100 + activity,
    type_name: `${CLASS.caption}: ${CLASS.attributes.get('activity_id')?.enum?.[activity]?.caption}`,
  };
  return Object.entries(expected)
    .filter(([key, value]) => key in event && event[key] !== value)
    .map(([key, value]) => `$.${key}: not ${value}`);
}

interface Place {
  readonly path: string;
  readonly profiles: ReadonlySet<string>;
}

function inObject(value: Json, { attributes, constraints }: Compiled, place: Place): readonly string[] {
  const at = ({ profile }: Attribute): boolean => profile == null || place.profiles.has(profile);
  const missing = [...attributes].filter(
    ([key, attribute]) => attribute.requirement === 'required' && at(attribute) && !(key in value),
  );
  const { at_least_one: some = [], just_one: one = [] } = constraints;
  const count = (keys: readonly string[]): number => keys.filter((key) => key in value).length;
  return [
    ...missing.map(([key]) => `${place.path}: ${key} is required`),
    ...(some.length > 0 && count(some) === 0 ? [`${place.path}: none of ${some.join(', ')}`] : []),
    ...(one.length > 0 && count(one) !== 1 ? [`${place.path}: not one of ${one.join(', ')}`] : []),
    ...Object.entries(value).flatMap(([key, part]): readonly string[] => {
      const path = `${place.path}.${key}`;
      const attribute = attributes.get(key);
      if (attribute === undefined) return [`${path}: unknown`];
      if (attribute['@deprecated'] !== undefined) return [`${path}: deprecated`];
      if (!at(attribute)) return [`${path}: belongs to the profile ${attribute.profile}`];
      return [...inAttribute(part, attribute, { ...place, path }), ...captions(value, key, attribute, path)];
    }),
  ];
}

function inAttribute(value: unknown, attribute: Attribute, place: Place): readonly string[] {
  if (attribute.is_array === true) {
    if (!Array.isArray(value)) return [`${place.path}: no list`];
    return value.flatMap((item, index) =>
      inAttribute(item, { ...attribute, is_array: false }, { ...place, path: `${place.path}[${index}]` }),
    );
  }
  const { type = '' } = attribute;
  if (type in EXCERPT.types || type.endsWith('_t')) return scalar(value, type, place.path);
  if (!isObject(value)) return [`${place.path}: no ${type}`];
  // The generic object has attributes of any name.
  return type === 'object' ? [] : inObject(value, compiled('objects', type), place);
}

/** Numbers of an enumeration must be of it, and what stands beside them must be their caption, unless it is Other. */
function captions(
  object: Json,
  key: string,
  { enum: values, sibling }: Attribute,
  path: string,
): readonly string[] {
  // Those of class, category and type are computed.
  if (values === undefined || path === '$.class_uid' || path === '$.category_uid') return [];
  const entry = values[String(object[key])];
  if (entry === undefined) return [`${path}: not of ${Object.keys(values).join(', ')}`];
  if (sibling === undefined || object[key] === 99) return [];
  const said = object[sibling];
  return said === undefined || said === entry.caption ? [] : [`${path}: ${said} is not ${entry.caption}`];
}

/** Milliseconds of 2001 to 2286: seconds and microseconds of our days are outside. */
const isTime = (value: unknown): boolean =>
  Number.isSafeInteger(value) && Number(value) >= 1e12 && Number(value) < 1e13;

function scalar(value: unknown, type: string, path: string): readonly string[] {
  const rule = EXCERPT.types[type];
  if (rule === undefined) return [`${path}: the excerpt has no type ${type}`];
  if (type === 'json_t') return [];
  if (type === 'timestamp_t') return isTime(value) ? [] : [`${path}: no time in milliseconds`];
  const base = rule.type ?? type;
  const { regex, max_len: longest = Number.POSITIVE_INFINITY, range } = rule;
  const isOne: Readonly<Record<string, boolean>> = {
    string_t: typeof value === 'string',
    integer_t: Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31,
    long_t: Number.isSafeInteger(value),
    float_t: typeof value === 'number',
    boolean_t: typeof value === 'boolean',
  };
  if (isOne[base] !== true) return [`${path}: no ${base}`];
  if (typeof value === 'string') {
    const fits = value.length <= longest && (regex === undefined || new RegExp(regex).test(value));
    return fits ? [] : [`${path}: no ${type}`];
  }
  const [least, most] = range ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  return Number(value) >= least && Number(value) <= most ? [] : [`${path}: not within ${least} and ${most}`];
}
