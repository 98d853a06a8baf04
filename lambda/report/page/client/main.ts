import { wireCopyButtons } from './copy.ts';
import { createExplorer } from './explorer.ts';
import { bytesOf, unpack } from './unpack.ts';

/** Makes the table of all findings from what the page holds; without it the page stays as it is. */
async function start(): Promise<void> {
  wireCopyButtons(document.body);
  const data = document.getElementById('data');
  const app = document.getElementById('app');
  if (data === null || app === null || typeof DecompressionStream === 'undefined') return;
  const packed = bytesOf(data.textContent ?? '');
  const left = Number(data.dataset['left'] ?? 0);
  // The text is megabytes.
  data.remove();
  app.replaceChildren(createExplorer(await unpack(packed), left));
  document.documentElement.dataset['ready'] = 'true';
}

void start();
