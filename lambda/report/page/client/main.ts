import { wireCopyButtons } from './copy.ts';
import { element } from './dom.ts';
import { createExplorer } from './explorer.ts';
import { bytesOf, unpack } from './unpack.ts';

/** Makes the table of all findings from what the page holds; without it the page stays as it is. */
async function start(app: HTMLElement, data: HTMLElement): Promise<void> {
  const packed = bytesOf(data.textContent ?? '');
  const { left = '0', csv = 'findings.csv' } = data.dataset;
  // The text is megabytes.
  data.remove();
  app.replaceChildren(createExplorer(await unpack(packed), { count: Number(left), csv }));
}

async function begin(): Promise<void> {
  wireCopyButtons(document.body);
  const [app, data] = ['app', 'data'].map((id) => document.getElementById(id));
  // Older browsers have what is in the page already.
  if (app == null || data == null || typeof DecompressionStream === 'undefined') return;
  try {
    await start(app, data);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    app.append(
      element('p', { class: 'warning' }, `The table cannot be shown, since this file is damaged (${why}).`),
    );
  }
}

void begin().then(() =>
  requestAnimationFrame(() => {
    performance.mark('ready');
    document.documentElement.dataset['ready'] = 'true';
  }),
);
