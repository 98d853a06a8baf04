/**
 * Where packages, source code or installers can be fetched. In the tables the lines before each are the pages
 * that name these hosts, as they were read; "unconfirmed" are those that no page was found for, whose entry then has
 * the registry's own documentation. As comments, they cost a cold start nothing.
 */
export interface PackageRegistry {
  /** For people. */
  readonly name: string;
  /**
   * Each stands for the domain itself and all names below it. `*` stands for any characters of one label,
   * where a region or the name of a bucket is in the middle.
   */
  readonly domains: readonly string[];
}
