import type { Inventory } from './stacks.ts';

/** ARNs of the kinds that an inventory has, without patterns. */
const ARN =
  /^arn:aws:(?:lambda|states|iam|kms|sns|sqs|s3|logs|cloudwatch|scheduler):[a-z0-9-]*:(\d{12})?:[^*?]+$/;
const GROUP = /^sg-[0-9a-f]+$/;

/** What the things in an account name of it, and is not there: a line each, with where it is named. */
export function dangling(inventory: Inventory, account: string, known: readonly string[]): readonly string[] {
  const existing = new Set([...known, ...identities(inventory)]);
  return [...mentions(inventory, '')]
    .filter(([, value]) => ARN.exec(value)?.[1] === account || GROUP.test(value) || isBucket(value))
    .filter(([, value]) => !existing.has(value) && !existing.has(value.replace(/:\*$/, '')))
    .map(([path, value]) => `${path} names ${value}, which does not exist`);
}

/** Of a bucket an ARN has no account. */
const isBucket = (value: string): boolean => /^arn:aws:s3:::[^*/]+$/.test(value);

function* identities(inventory: Inventory): Generator<string> {
  for (const [kind, ofKind] of Object.entries(inventory)) {
    for (const [name, described] of Object.entries(ofKind)) {
      yield name;
      if (kind === 'buckets') yield `arn:aws:s3:::${name}`;
      for (const [key, value] of Object.entries(described)) {
        if (/arn$/i.test(key) && key !== 'roleArn' && typeof value === 'string') yield value;
      }
    }
  }
}

function* mentions(value: unknown, path: string): Generator<readonly [path: string, value: string]> {
  if (typeof value === 'string') yield [path, value];
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    yield* mentions(inner, path === '' ? key : `${path}.${key}`);
  }
}
