import { readFileSync } from 'node:fs';
import { isSeq, parseDocument, stringify } from 'yaml';
import { CHECK_IDS } from '../lambda/checks/catalogue.ts';
import type { Config, Deployment } from '../lambda/config/config.ts';
import { parseDeployment } from '../lambda/config/load.ts';
import { UsageError } from '../lambda/errors.ts';

/** A configuration that can be deployed. */
export interface Settings {
  /** @internal */
  readonly config: Config;
  /** @internal */
  readonly deployment: Deployment;
  /** The text that was checked, which is what the functions get. */
  readonly configText: string;
  /** A line for each setting that has no effect. */
  readonly warnings: readonly string[];
}

/**
 * Reads the configuration that is deployed.
 * @throws UsageError with everything that is wrong in it, a line each
 */
export function readSettings(configFile: string): Settings {
  let text: string;
  try {
    text = readFileSync(configFile, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(
      `The configuration ${configFile} cannot be read (${code}): give the path of a file, in a checkout of this project by --context config=FILE.`,
    );
  }
  return settingsOf(text, configFile);
}

/**
 * The same of a configuration that an app puts together.
 * @param config as `audit.config.schema.json` describes it
 * @throws UsageError with everything that is wrong in it, a line each
 */
export function settingsFrom(config: object): Settings {
  return ofObject(() => settingsOf(stringify(config), 'config'));
}

/** Names what is wrong without lines: the app has written an object. */
function ofObject(settings: () => Settings): Settings {
  try {
    return settings();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(error.message.replaceAll(/^config:\d+:\d+: /gm, 'config: '));
  }
}

/** An account whose clusters are audited, as the configuration lists it under `accounts`. */
export interface AuditedAccount {
  /** 12 digits. */
  readonly id: string;
  /** Where its clusters are looked for. */
  readonly regions: readonly string[];
  /** External id that the trust policy of the role requires. */
  readonly externalId: string;
  /** Of its member stack. @default `EksDriftAuditorMember` */
  readonly roleName?: string;
}

/**
 * The same settings with one more account, for an app that makes accounts or reads them from elsewhere. The rest of the text
 * stays as it was. If any accounts are listed, that of the auditor is audited only if it is one of them.
 * @throws UsageError with everything that is wrong, a line each, such as an account that is listed already
 */
export function addAccount({ configText }: Settings, account: AuditedAccount): Settings {
  const document = parseDocument(configText);
  if (isSeq(document.get('accounts'))) document.addIn(['accounts'], document.createNode(account));
  else document.set('accounts', [account]);
  return ofObject(() => settingsOf(document.toString(), 'config'));
}

function settingsOf(configText: string, name: string): Settings {
  const warnings: string[] = [];
  const parsed = parseDeployment(configText, name, CHECK_IDS, (line) => warnings.push(line));
  warnings.push(...quotaWarnings(parsed.deployment));
  const problems = deploymentProblems(parsed);
  if (problems.length === 0) return { ...parsed, configText, warnings };
  const lines = problems.map((problem) => `${name}: ${problem}`);
  throw new UsageError([`The configuration ${name} cannot be deployed:`, ...lines].join('\n'));
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html: the default quota, and what stays unreserved. */
const [CONCURRENCY_QUOTA, UNRESERVED] = [1_000, 100];

/** Reserving more than an account may have fails when the function is created, late in a deployment. */
function quotaWarnings({ mode, reserveConcurrency, concurrency }: Deployment): readonly string[] {
  const needed = concurrency + UNRESERVED;
  if (mode !== 'fleet' || !reserveConcurrency || needed <= CONCURRENCY_QUOTA) return [];
  return [
    `deployment.fleet.concurrency: reserving ${concurrency} executions takes a Lambda quota of at least ${needed}, and the default is ${CONCURRENCY_QUOTA}; raise the quota first (aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value ${needed}), or set deployment.reserveConcurrency: false.`,
  ];
}

/** What is right by itself and does not fit together. */
function deploymentProblems({
  config,
  deployment,
}: Pick<Settings, 'config' | 'deployment'>): readonly string[] {
  const { accounts, clusters, organization } = config;
  return [
    ...(clusters.shards.length > 0 && deployment.mode === 'single'
      ? [
          'clusters.shards: only the mode fleet audits a cluster in parts; set deployment.mode: fleet, or leave it out.',
        ]
      : []),
    ...accounts
      .filter(({ externalId }) => externalId === null)
      .map(
        ({ id }) =>
          `accounts: ${id} has no externalId, which the trust policy of the member role requires; choose one and set it in the member stack as well.`,
      ),
    ...(organization?.externalId === null
      ? [
          'organization: externalId is missing, which the trust policies of the member roles require; choose one and set it in the StackSet as well.',
        ]
      : []),
  ];
}
