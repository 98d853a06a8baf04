import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

/** `file:///var/task/index.mjs:12:345` in a line of a stack. */
const PLACE = /(file:\/\/[^\s)]+):(\d+):(\d+)/g;

/**
 * A stack with the places in the sources in the stead of those in the bundle. Node.js does this by itself with
 * `--enable-source-maps`, but then every cold start reads the map, three megabytes, for an error that hardly
 * ever comes. Where there is no map, the place stays as it is.
 */
export function readableStack(stack: string): string {
  const maps = new Map<string, SourceMap | null>();
  return stack.replace(PLACE, (place, file: string, line: string, column: string) => {
    const map = maps.get(file) ?? mapOf(file);
    maps.set(file, map);
    const origin = map?.findOrigin(Number(line), Number(column));
    if (origin === undefined || !('fileName' in origin)) return place;
    return `${origin.fileName}:${origin.lineNumber}:${origin.columnNumber}`;
  });
}

function mapOf(file: string): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${fileURLToPath(file)}.map`, 'utf8')));
  } catch {
    return null;
  }
}
