/** An element of an answer of AWS: text, or elements by name, those that repeat as a list. */
export type Xml = string | { readonly [name: string]: Xml | readonly Xml[] };

const isList = (value: Xml | readonly Xml[]): value is readonly Xml[] => Array.isArray(value);

/** The elements of a list, which EC2 writes as repeated `item`; none where it left the list out. */
export function itemsOf(xml: Xml, name: string): readonly Xml[] {
  const list = elementOf(xml, name);
  const items = list === null || typeof list === 'string' ? undefined : list['item'];
  return items === undefined ? [] : isList(items) ? items : [items];
}

/** A child element that stands once; `null` where there is none. */
export function elementOf(xml: Xml, name: string): Xml | null {
  const found = typeof xml === 'string' || !Object.hasOwn(xml, name) ? undefined : xml[name];
  return found === undefined || isList(found) ? null : found;
}

/** The text of a child element; `null` where there is none, or an empty one. */
export function textOf(xml: Xml, name: string): string | null {
  const found = elementOf(xml, name);
  return typeof found === 'string' && found !== '' ? found : null;
}

/**
 * As {@link itemsOf}, of a list that must be there even if it is empty.
 * @throws Error when it is not
 */
export function requiredItems(xml: Xml, name: string): readonly Xml[] {
  if (elementOf(xml, name) === null) throw new Error(`the answer holds no ${name}`);
  return itemsOf(xml, name);
}

/**
 * The text of a child element that must be there.
 * @throws Error when it is not
 */
export function requiredText(xml: Xml, name: string): string {
  const text = textOf(xml, name);
  if (text === null) throw new Error(`the answer holds no ${name}`);
  return text;
}
