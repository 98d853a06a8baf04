/**
 * Where packages, source code or installers can be fetched. In the tables the line before each is the tool's or the
 * registry's own documentation that names these hosts; as a comment, it costs a cold start nothing.
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
