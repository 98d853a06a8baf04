import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

/**
 * The lines of a gzip file, one after the other, cut at line feeds alone.
 * @throws what reading the file and unpacking it throws, also where it ends early
 */
export async function* linesOf(path: string): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  const done = pipeline(createReadStream(path), gunzip);
  // The reading below ends with the same error.
  done.catch(() => undefined);
  let rest: Buffer[] = [];
  for await (const chunk of gunzip as AsyncIterable<Buffer>) {
    let start = 0;
    for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, start)) {
      yield Buffer.concat([...rest, chunk.subarray(start, at)]);
      rest = [];
      start = at + 1;
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
  }
  await done;
  if (rest.length > 0) yield Buffer.concat(rest);
}
