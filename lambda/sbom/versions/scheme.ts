/** How the versions of one ecosystem compare. */
export interface VersionScheme {
  /**
   * Negative: the version is older than what is asked for; 0: equal to it. `null`: one of them is no version by these rules.
   * What packagers add (an epoch before, a revision behind) counts only where it is asked for, so that `<3.0.7` finds
   * `1:3.0.1-5.el9`, and `<=1.1.1k` finds `1.1.1k-5`.
   */
  compare(version: string, asked: string): number | null;
}

/** A version of a distribution's package; `null`: it has no such part. */
export interface PackagedVersion {
  readonly epoch: string | null;
  readonly upstream: string;
  readonly revision: string | null;
}

/** The scheme of a distribution, by the order of whole versions. */
export const packagedScheme = (
  parse: (version: string) => PackagedVersion | null,
  compare: (a: PackagedVersion, b: PackagedVersion) => number,
): VersionScheme => ({
  compare(version, asked) {
    const [has, wants] = [parse(version), parse(asked)];
    if (has === null || wants === null) return null;
    const epoch = wants.epoch === null ? null : has.epoch;
    const revision = wants.revision === null ? null : has.revision;
    return compare({ ...has, epoch, revision }, wants);
  },
});

/** By `[epoch:]upstream[-revision]` with groups of these names. */
export function packagedBy(pattern: RegExp): (version: string) => PackagedVersion | null {
  return (version) => {
    const parts = pattern.exec(version)?.groups;
    if (parts === undefined) return null;
    const { epoch = null, upstream = '', revision = null } = parts;
    return { epoch, upstream, revision };
  };
}

/** Numbers in decimal of any length; leading zeros do not count. */
export function compareNumbers(a: string, b: string): number {
  const [left, right] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return left.length - right.length || compareAscii(left, right);
}

/** By code unit. */
export const compareAscii = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);
