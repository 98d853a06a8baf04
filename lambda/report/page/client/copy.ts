import { element } from './dom.ts';

/** Buttons beside commands, which nothing could copy without a script, and so are hidden until now. */
export function wireCopyButtons(root: ParentNode): void {
  for (const made of root.querySelectorAll<HTMLButtonElement>('button.copy')) made.hidden = false;
  root.addEventListener('click', (event) => {
    const pressed = event.target instanceof Element ? event.target.closest('button.copy') : null;
    if (pressed === null) return;
    const text = pressed.parentElement?.querySelector('code')?.textContent ?? '';
    void copyText(text).then((done) => say(pressed, done ? 'Copied' : 'Not allowed'));
  });
}

/** The own names of buttons that say something else for a moment. */
const names = new Map<Element, { readonly name: string; readonly timer: number }>();

function say(pressed: Element, text: string): void {
  // It may be pressed again while it says so.
  const said = names.get(pressed);
  clearTimeout(said?.timer);
  const name = said?.name ?? pressed.textContent;
  pressed.textContent = text;
  const timer = setTimeout(() => {
    names.delete(pressed);
    pressed.textContent = name;
  }, 1500);
  names.set(pressed, { name, timer });
}

/** @returns whether the browser allowed it */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
}

/** For pages that are no secure context, such as one from a server without TLS. */
function copySelected(text: string): boolean {
  const field = element('textarea', { class: 'away', 'aria-hidden': 'true' });
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand('copy');
  field.remove();
  return done;
}
