import { compareAscii, compareNumbers, type VersionScheme } from './scheme.ts';

/** Up to four numbers, a preview and a build. https://learn.microsoft.com/en-us/nuget/concepts/package-versioning */
const VERSION =
  /^v?(?<numbers>\d+(?:\.\d+){0,3})(?:-(?<preview>[0-9a-z-]+(?:\.[0-9a-z-]+)*))?(?:\+[0-9a-z.-]+)?$/i;

interface NuGetVersion {
  readonly numbers: readonly string[];
  /** Empty: none, which is newer than any. */
  readonly preview: readonly string[];
}

/** As NuGet orders versions: SemVer 2 with a fourth number, where missing numbers are 0 and case does not matter. */
export const NUGET: VersionScheme = {
  compare(version, asked) {
    const [has, wants] = [parse(version), parse(asked)];
    return has === null || wants === null ? null : compareWhole(has, wants);
  },
};

function parse(text: string): NuGetVersion | null {
  const parts = VERSION.exec(text)?.groups;
  if (parts === undefined) return null;
  const { numbers = '', preview } = parts;
  return { numbers: numbers.split('.'), preview: preview?.toLowerCase().split('.') ?? [] };
}

function compareWhole(a: NuGetVersion, b: NuGetVersion): number {
  for (let at = 0; at < 4; at++) {
    const difference = compareNumbers(a.numbers[at] ?? '', b.numbers[at] ?? '');
    if (difference !== 0) return difference;
  }
  if (a.preview.length === 0 || b.preview.length === 0) return b.preview.length - a.preview.length;
  for (let at = 0; at < Math.max(a.preview.length, b.preview.length); at++) {
    const difference = compareLabels(a.preview[at], b.preview[at]);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Numbers are older than words: https://semver.org/#spec-item-11 */
function compareLabels(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  const [numberA, numberB] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (numberA !== numberB) return numberA ? -1 : 1;
  return numberA ? compareNumbers(a, b) : compareAscii(a, b);
}
