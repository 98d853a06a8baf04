import { isAbsolute, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A file as it is called from a folder: relative, with slashes, where it is inside; else absolute. */
export function pathFrom(folder: string, file: string): string {
  const path = relative(folder, resolve(folder, file));
  const outside = path === '' || path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path);
  return outside ? resolve(folder, file) : path.split(sep).join('/');
}

/** The same as a reference (RFC 3986): what a name may hold and a reference may not is escaped. */
export function uriFrom(folder: string, file: string): string {
  const path = pathFrom(folder, file);
  if (isAbsolute(path)) return pathToFileURL(path).href;
  return path.split('/').map(encodeURIComponent).join('/');
}
