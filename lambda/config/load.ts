import { UsageError } from '../errors.ts';
import type { Config, Deployment } from './config.ts';
import type { Preset } from './presets.ts';
import { type ConfigProblem, problemsOf } from './problems.ts';
import { type ConfigFile, configFile } from './schema.ts';
import { configSchema } from './schema-document.ts';
import { settingsWithoutEffect } from './without-effect.ts';
import { readYaml } from './yaml-source.ts';

export type CheckedConfig =
  | {
      readonly config: Config;
      readonly problems: readonly [];
      /** What the file sets without any effect. */
      readonly warnings: readonly ConfigProblem[];
    }
  | { readonly config: null; readonly problems: readonly ConfigProblem[] };

/** Takes one line for each setting without effect, in the form of an error. */
export type Warn = (line: string) => void;

/**
 * Reads a configuration file (YAML 1.2 or JSON).
 *
 * @param knownChecks Ids of all checks: others are errors.
 */
export function checkConfig(text: string, knownChecks: readonly string[]): CheckedConfig {
  const { file, problems, warnings } = checkFile(text, knownChecks);
  return file === null ? { config: null, problems } : { config: file.config, problems: [], warnings };
}

type CheckedFile =
  | {
      readonly file: ConfigFile;
      readonly problems: readonly [];
      readonly warnings: readonly ConfigProblem[];
    }
  | { readonly file: null; readonly problems: readonly ConfigProblem[]; readonly warnings: readonly [] };

function checkFile(text: string, knownChecks: readonly string[]): CheckedFile {
  const source = readYaml(text);
  if (!('value' in source)) {
    return { file: null, problems: source.map((problem) => ({ ...problem, path: '' })), warnings: [] };
  }
  // An empty file, or one that holds only comments, asks for the defaults.
  const parsed = configFile(knownChecks).safeParse(source.value ?? {});
  if (parsed.success) {
    return { file: parsed.data, problems: [], warnings: settingsWithoutEffect(parsed.data, source) };
  }
  const problems = problemsOf(parsed.error.issues, source, configSchema(knownChecks));
  return { file: null, problems, warnings: [] };
}

/**
 * As {@link checkConfig}, for those who only go on with a valid file.
 *
 * @throws UsageError that lists every problem, each as `file:line:column: path: what is allowed`.
 */
export function parseConfig(
  text: string,
  fileName: string,
  knownChecks: readonly string[],
  warn: Warn = () => {},
): Config {
  return parseFile(text, fileName, knownChecks, warn).config;
}

/** As {@link parseConfig}, with what the file says of its deployment. */
export function parseDeployment(
  text: string,
  fileName: string,
  knownChecks: readonly string[],
  warn: Warn = () => {},
): { readonly config: Config; readonly deployment: Deployment } {
  const { config, deployment } = parseFile(text, fileName, knownChecks, warn);
  return { config, deployment };
}

function parseFile(text: string, fileName: string, knownChecks: readonly string[], warn: Warn): ConfigFile {
  const { file, problems, warnings } = checkFile(text, knownChecks);
  for (const warning of warnings) warn(formatProblem(warning, fileName));
  if (file !== null) return file;
  const count = problems.length === 1 ? 'an error' : `${problems.length} errors`;
  const lines = problems.map((problem) => formatProblem(problem, fileName));
  throw new UsageError([`The configuration ${fileName} has ${count}:`, ...lines].join('\n'));
}

/** Whether a file asks for nothing at all, not even for `{}`: it holds comments at most. */
export function isEmptyConfig(text: string): boolean {
  const source = readYaml(text);
  return 'value' in source && (source.value ?? null) === null;
}

/** `audit.config.yaml:7:14: limits.podMaxAge: "30" has no unit; write …`: terminals and editors link the place. */
export function formatProblem({ line, column, path, message }: ConfigProblem, fileName: string): string {
  return `${fileName}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`;
}

const defaults = new Map<Preset, Config>();

/** The configuration of an empty file with this preset. */
export function defaultConfig(preset: Preset = 'baseline'): Config {
  const known = defaults.get(preset) ?? configFile(null).parse({ preset }).config;
  defaults.set(preset, known);
  return known;
}
