/** `1k` is 1,000 and `1m` a million. @throws Error when it is no such number. */
export function parsePods(text: string): number {
  const match = /^(\d+)([km]?)$/i.exec(text);
  if (!match) throw new Error(`--pods takes a number such as 500, 10k or 1m, not "${text}"`);
  return (
    Number(match[1]) * { '': 1, k: 1000, m: 1_000_000 }[(match[2] ?? '').toLowerCase() as '' | 'k' | 'm']
  );
}
