/** Words of a stranger (a server, a plugin) in one printable line of at most `length` characters. */
export function oneLine(text: string, length: number): string {
  const printable = text.replace(/[\p{C}\s]+/gu, ' ').trim();
  return printable.length > length ? `${printable.slice(0, length - 1)}…` : printable;
}

/** What a thrown value says, in one line; empty when it says nothing. */
export function wordsOf(error: unknown, length: number): string {
  const message = (error as { message?: unknown } | null | undefined)?.message;
  return typeof message === 'string' ? oneLine(message, length) : '';
}
