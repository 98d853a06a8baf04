import { visible } from '../../visible.ts';

type Child = Node | string | null;

/**
 * An element with its attributes and children. Text becomes text, with what cannot be seen written out; nothing is ever
 * parsed as markup, which the policy of the page would refuse as well.
 */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string | null>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null) made.setAttribute(name, value);
  for (const child of children) {
    if (child !== null) made.append(typeof child === 'string' ? visible(child) : child);
  }
  return made;
}

/** A choice with its label. */
export function choice(
  label: string,
  id: string,
): { readonly box: HTMLElement; readonly select: HTMLSelectElement } {
  const select = element('select', { id });
  return { box: element('div', { class: 'choice' }, element('label', { for: id }, label), select), select };
}

export const option = (value: string, text: string, selected = false): HTMLOptionElement =>
  element('option', { value, selected: selected ? '' : null }, text);

export function button(text: string, act: () => void): HTMLButtonElement {
  const made = element('button', { type: 'button' }, text);
  made.addEventListener('click', act);
  return made;
}

/** `1,234` */
export const thousands = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',');

export const counted = (value: number, noun: string): string =>
  `${thousands(value)} ${value === 1 ? noun : `${noun}s`}`;
