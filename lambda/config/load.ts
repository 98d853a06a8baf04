import { UsageError } from '../errors.ts';
import type { ApprovedDestination, Config, Exemption, LimitOverride } from './config.ts';
import { type Deployment, resolveDeployment } from './deployment.ts';
import { defaultConfig, MEMBER_ROLE } from './presets.ts';
import { type ConfigProblem, problemsOf } from './problems.ts';
import { type ConfigFile, configFile } from './schema.ts';
import { configSchema } from './schema-document.ts';
import { settingsWithoutEffect } from './without-effect.ts';
import { readYaml } from './yaml-source.ts';

export { defaultConfig } from './presets.ts';

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
 * Reads a configuration file (YAML 1.2 or JSON) and merges it over its preset.
 *
 * @param knownChecks Ids of all checks: others are errors.
 */
export function checkConfig(text: string, knownChecks: readonly string[]): CheckedConfig {
  const { file, problems, warnings } = checkFile(text, knownChecks);
  return file === null ? { config: null, problems } : { config: resolve(file), problems: [], warnings };
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
  return resolve(parseFile(text, fileName, knownChecks, warn));
}

/** As {@link parseConfig}, with what the file says of its deployment. */
export function parseDeployment(
  text: string,
  fileName: string,
  knownChecks: readonly string[],
  warn: Warn = () => {},
): { readonly config: Config; readonly deployment: Deployment } {
  const file = parseFile(text, fileName, knownChecks, warn);
  return { config: resolve(file), deployment: resolveDeployment(file.deployment) };
}

function parseFile(text: string, fileName: string, knownChecks: readonly string[], warn: Warn): ConfigFile {
  const { file, problems, warnings } = checkFile(text, knownChecks);
  for (const warning of warnings) warn(formatProblem(warning, fileName));
  if (file !== null) return file;
  const count = problems.length === 1 ? 'an error' : `${problems.length} errors`;
  const lines = problems.map((problem) => formatProblem(problem, fileName));
  throw new UsageError([`The configuration ${fileName} has ${count}:`, ...lines].join('\n'));
}

/** `audit.config.yaml:7:14: limits.podMaxAge: "30" has no unit; write …`: terminals and editors link the place. */
export function formatProblem({ line, column, path, message }: ConfigProblem, fileName: string): string {
  return `${fileName}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`;
}

function resolve(file: ConfigFile): Config {
  const base = defaultConfig(file.preset);
  const { overrides, ...limits } = file.limits ?? {};
  return {
    preset: base.preset,
    clusters: {
      include: file.clusters?.include ?? base.clusters.include,
      exclude: file.clusters?.exclude ?? base.clusters.exclude,
      includeTags: file.clusters?.includeTags ?? base.clusters.includeTags,
      excludeTags: file.clusters?.excludeTags ?? base.clusters.excludeTags,
      shards: file.clusters?.shards ?? base.clusters.shards,
    },
    namespaces: { exclude: unique(file.namespaces?.exclude ?? base.namespaces.exclude) },
    accounts: (file.accounts ?? []).map(({ id, roleName, externalId, regions }) => ({
      id,
      roleName: roleName ?? MEMBER_ROLE,
      externalId: externalId ?? null,
      regions: unique(regions),
    })),
    limits: { ...base.limits, ...given(limits) },
    overrides: (overrides ?? []).map(toOverride),
    checks: given(file.checks ?? {}),
    egress: {
      approved: (file.egress?.approved ?? []).map(toDestination),
      insecurePorts: ascending(file.egress?.insecurePorts ?? base.egress.insecurePorts),
      packageRegistries: {
        hosts: unique(file.egress?.packageRegistries?.hosts ?? []),
        cidrs: unique(file.egress?.packageRegistries?.cidrs ?? []),
      },
      routing: file.egress?.routing ?? base.egress.routing,
    },
    measure: { writableLayer: file.measure?.writableLayer ?? base.measure.writableLayer },
    exemptions: (file.exemptions ?? []).map(toExemption),
    exemptionAnnotations: file.exemptionAnnotations ?? base.exemptionAnnotations,
    digest: {
      minSeverity: file.digest?.minSeverity ?? base.digest.minSeverity,
      top: file.digest?.top ?? base.digest.top,
    },
  };
}

type Entry<T> = NonNullable<T> extends readonly (infer E)[] ? E : never;

function toOverride({
  match,
  ...limits
}: Entry<NonNullable<ConfigFile['limits']>['overrides']>): LimitOverride {
  return {
    match: {
      clusters: match.clusters ?? null,
      namespaces: match.namespaces ?? null,
      kinds: match.kinds ?? null,
      labels: match.labels ?? null,
    },
    limits: given(limits),
  };
}

function toDestination(entry: Entry<NonNullable<ConfigFile['egress']>['approved']>): ApprovedDestination {
  const { name, cidr, cidrs, hosts, awsService, ports, protocols } = entry;
  return {
    name,
    cidrs: unique(cidrs ?? (cidr === undefined ? [] : [cidr])),
    hosts: unique(hosts ?? []),
    awsService: awsService ?? null,
    ports: ports === undefined ? null : ascending(ports),
    protocols: protocols === undefined ? null : unique(protocols),
  };
}

function toExemption(entry: Entry<ConfigFile['exemptions']>): Exemption {
  const { check, cluster, namespace, workload, container, reason, owner, expires } = entry;
  return {
    check,
    cluster: cluster ?? null,
    namespace: namespace ?? null,
    workload: workload ?? null,
    container: container ?? null,
    reason: reason.trim(),
    owner: owner.trim(),
    expires,
  };
}

/** Without the keys that were left out: merged over defaults, they must not hide them. */
function given<V>(values: { readonly [key: string]: V | undefined }): Readonly<Record<string, V>> {
  const entries = Object.entries(values).filter((entry): entry is [string, V] => entry[1] !== undefined);
  return Object.fromEntries(entries);
}

const unique = <T>(values: readonly T[]): readonly T[] => [...new Set(values)];
const ascending = (ports: readonly number[]): readonly number[] => [...unique(ports)].sort((a, b) => a - b);
