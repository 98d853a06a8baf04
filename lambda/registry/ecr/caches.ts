/** The prefix of a rule for all repositories that no other rule is for. */
const ROOT = 'ROOT';

/**
 * Whether a pull-through cache may have filled a repository.
 * Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-rule.html
 */
export const isCached = (repository: string, prefixes: readonly string[]): boolean =>
  prefixes.some((prefix) => prefix === ROOT || repository === prefix || repository.startsWith(`${prefix}/`));
