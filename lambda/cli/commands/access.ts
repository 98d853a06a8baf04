import { Command, Option } from 'commander';
import { awsAuthEntry, createAccessEntry, showAuthenticationMode } from '../../access/access-entry.ts';
import { clusterAccessYaml } from '../../access/manifests.ts';
import { type MeasureWay, measureAccess, PROXY_WARNING, STATS_RULE } from '../../access/measure.ts';
import { registryStatements, registryWarning } from '../../access/registries.ts';
import {
  EXCESS,
  type Permission,
  permissionsOf,
  type ReviewedRule,
  reviewOf,
  type Subject,
  verdictOf,
} from '../../access/review.ts';
import { accessRules } from '../../access/rules.ts';
import { MEASURE_ROLE, STACK_NAME } from '../../config/presets.ts';
import { accountOfArn } from '../../connect/aws/access.ts';
import { AUDITOR_GROUP } from '../../connect/eks/errors.ts';
import type { KubeApi } from '../../connect/kube/kube-api.ts';
import { connectKubeconfig } from '../../connect/kube/kubeconfig.ts';
import { MEASURE_GROUP } from '../../connect/kube/measure-group.ts';
import { UsageError } from '../../errors.ts';
import { REGISTRY_LEVELS, type RegistryLevel } from '../../inventory/images.ts';
import { EXIT } from '../exit-code.ts';
import { type Io, lookOf, pluginOutput } from '../io.ts';
import { outputOption, VERBOSE } from '../options.ts';
import { type AccessPage, renderAccess } from '../render/access.ts';

interface PrintOptions {
  readonly cluster: string;
  readonly region?: string;
  readonly principalArn: string;
  readonly measure?: MeasureWay;
  readonly measurePrincipalArn?: string;
  readonly registry?: RegistryLevel;
}

interface CheckOptions {
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly group?: string | true;
  readonly output: 'table' | 'json';
  readonly color?: boolean;
  readonly verbose?: boolean;
}

/** Stands where the account is not known. */
const ANY_ACCOUNT = '111122223333';

/** `access --cluster NAME` and `access check`: what a cluster must grant to be audited. */
export function accessCommand(io: Io, finish: (code: number) => void): Command {
  const command = new Command('access').description(
    'Print the access entry and ClusterRole that an audit needs, or check what a live cluster grants.',
  );
  command
    .command('print', { isDefault: true })
    .description('Print the access entry and ClusterRole that an audit needs; print may be left out.')
    .requiredOption('--cluster <name>', 'name of the EKS cluster')
    .option('--region <region>', 'the region of the cluster')
    .option(
      '--principal-arn <arn>',
      'the role that runs the audit: of the hub, or of the member stack in the account of the cluster',
      `arn:aws:iam::${ANY_ACCOUNT}:role/${STACK_NAME}`,
    )
    .addOption(
      new Option('--measure <way>', 'add what measure.writableLayer needs').choices([
        'kubelet',
        'api-server-proxy',
      ]),
    )
    .option(
      '--measure-principal-arn <arn>',
      `the role whose tokens kubelets get (default: ${MEASURE_ROLE} in the account of --principal-arn)`,
    )
    .addOption(
      new Option('--registry <level>', 'add what images.registry needs of IAM').choices(REGISTRY_LEVELS),
    )
    .action((options: PrintOptions) => {
      checkPrint(options);
      io.stdout.write(instructions(options));
    });
  command
    .command('check')
    .description('Check what a live cluster grants, and list the permissions that are missing.')
    .option('--context <name>', 'check the cluster of this kubeconfig context')
    .option('--kubeconfig <file>', 'use this kubeconfig instead of KUBECONFIG or ~/.kube/config')
    .option(
      '--group [name]',
      `check the members of this group (default: ${AUDITOR_GROUP}), which takes an administrator; without it, your own permissions`,
    )
    .addOption(outputOption(['table', 'json']))
    .option('--no-color', 'no colours (also NO_COLOR)')
    .option('--verbose', VERBOSE)
    .action(async (options: CheckOptions) => {
      const page = await check(options, io);
      io.stdout.write(
        options.output === 'json'
          ? `${JSON.stringify(toJson(page), null, 2)}\n`
          : renderAccess(page, lookOf(io, options.color === undefined ? {} : { color: options.color })),
      );
      finish(page.reviewed.every(({ allowed }) => allowed) ? EXIT.ok : EXIT.incomplete);
    });
  return command;
}

function checkPrint({ cluster, region, principalArn, ...options }: PrintOptions): void {
  if (!/^[0-9A-Za-z][\w-]{0,99}$/.test(cluster)) {
    throw new UsageError(`--cluster takes the name of a cluster, not "${cluster}".`);
  }
  if (region !== undefined && !/^[a-z]{2,}(-[a-z]+)+-\d{1,2}$/.test(region)) {
    throw new UsageError(`--region takes a region such as eu-west-1, not "${region}".`);
  }
  if (accountOfArn(principalArn) === null) {
    throw new UsageError(
      `--principal-arn takes the ARN of a role such as arn:aws:iam::${ANY_ACCOUNT}:role/${STACK_NAME}, not "${principalArn}".`,
    );
  }
  checkMeasuring({ cluster, principalArn, ...options });
}

/** @throws UsageError for a role of measuring that is of another kind, or none of its own */
function checkMeasuring({ measure, measurePrincipalArn: arn, principalArn }: PrintOptions): void {
  if (arn === undefined) return;
  if (measure !== 'kubelet') {
    throw new UsageError('--measure-principal-arn is for kubelets: add --measure kubelet.');
  }
  if (accountOfArn(arn) === null) {
    throw new UsageError(
      `--measure-principal-arn takes the ARN of a role such as arn:aws:iam::${ANY_ACCOUNT}:role/${MEASURE_ROLE}, not "${arn}".`,
    );
  }
  if (arn === principalArn) {
    throw new UsageError(
      '--measure-principal-arn must be another role than --principal-arn: whoever owns a node can use the tokens that are sent to it.',
    );
  }
}

/** YAML that `kubectl apply -f -` takes, under comments that say what else is to be done. */
function instructions(options: PrintOptions): string {
  const { cluster, region, principalArn, measure } = options;
  const admission = { cluster, region: region ?? null, principalArn };
  const unknown = principalArn.includes(`:${ANY_ACCOUNT}:`)
    ? [
        '',
        `${ANY_ACCOUNT} is a placeholder for the account of the auditor: set the role with --principal-arn.`,
      ]
    : [];
  const comments = [
    `How to let ${principalArn} read the cluster ${cluster}.`,
    ...unknown,
    '',
    '1. Look up the authentication mode of the cluster.',
    `   ${showAuthenticationMode(admission)}`,
    '',
    '2. API or API_AND_CONFIG_MAP: create an access entry.',
    `   ${createAccessEntry(admission)}`,
    '',
    '   CONFIG_MAP: add this to mapRoles of the ConfigMap aws-auth in kube-system, next to the existing entries.',
    ...indented(awsAuthEntry(admission)),
    '',
    ...measureSteps(options),
    ...registrySteps(options),
    `${measure === 'kubelet' ? 4 : 3}. Apply this file: kubectl apply -f -`,
  ];
  const head = comments.map((line) => `# ${line}`.trimEnd()).join('\n');
  const own = clusterAccessYaml(accessRules());
  if (measure === undefined) return `${head}\n${own}`;
  const { rule, to } = measureAccess(measure);
  return `${head}\n${own}---\n${clusterAccessYaml([rule], to)}`;
}

/** ECR asks IAM, not the cluster. */
function registrySteps({ registry, principalArn }: PrintOptions): readonly string[] {
  if (registry === undefined) return [];
  const partition = principalArn.split(':')[1] ?? 'aws';
  const warning = registryWarning({ registry, scans: 'auto', registries: [] });
  return [
    `For images.registry: ${registry} the policy of the role needs these statements; the stacks create them.`,
    ...registryStatements(registry, partition).map((statement) => `   ${JSON.stringify(statement)}`),
    ...(warning === null ? [] : [`   WARNING: ${warning}`]),
    '',
  ];
}

/** The measuring role gets an access entry of its own; the way through the API server a warning. */
function measureSteps(options: PrintOptions): readonly string[] {
  const { cluster, region, principalArn, measure, measurePrincipalArn } = options;
  if (measure === 'api-server-proxy') return [`WARNING: ${PROXY_WARNING}`, ''];
  if (measure === undefined) return [];
  const arn = measurePrincipalArn ?? principalArn.replace(/:role\/.*$/, `:role/${MEASURE_ROLE}`);
  const measuring = { cluster, region: region ?? null, principalArn: arn, group: MEASURE_GROUP };
  return [
    '3. Let the measuring role read the statistics of nodes, and nothing else: kubelets get its tokens.',
    `   ${createAccessEntry(measuring)}`,
    '',
    '   CONFIG_MAP: add this to mapRoles as well.',
    ...indented(awsAuthEntry(measuring)),
    '',
  ];
}

const indented = (text: string): readonly string[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `     ${line}`);

async function check(options: CheckOptions, io: Io): Promise<AccessPage> {
  const { context, kubeconfig, group } = options;
  const { identity, api } = await connectKubeconfig({
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    onPluginOutput: pluginOutput(io, options),
  });
  const subject: Subject = group === undefined ? 'self' : { group: group === true ? AUDITOR_GROUP : group };
  // Members of the one group may do what the other may not.
  const measuring = group === MEASURE_GROUP;
  const rules = measuring ? [STATS_RULE] : accessRules();
  try {
    const reviewed: ReviewedRule[] = [];
    for (const rule of rules) {
      for (const permission of permissionsOf(rule)) {
        reviewed.push({ rule, permission, allowed: await isAllowed(api, permission, subject) });
      }
    }
    const excess: Permission[] = [];
    for (const permission of measuring ? excessOfMeasuring() : EXCESS) {
      if (await isAllowed(api, permission, subject)) excess.push(permission);
    }
    return { cluster: identity.name, subject, reviewed, excess };
  } finally {
    await api.close();
  }
}

/** Everything but the statistics of nodes. */
const excessOfMeasuring = (): readonly Permission[] => [
  ...accessRules().flatMap(permissionsOf),
  ...EXCESS.filter(({ resource }) => resource !== STATS_RULE.resource),
];

async function isAllowed(api: KubeApi, permission: Permission, subject: Subject): Promise<boolean> {
  const { path, body } = reviewOf(permission, subject);
  const response = await api.request({ path, review: body });
  return verdictOf(response.status, response.text());
}

const toJson = ({ cluster, subject, reviewed, excess }: AccessPage): object => ({
  cluster,
  subject,
  complete: reviewed.every(({ allowed }) => allowed),
  rules: reviewed.map(({ rule: { why, checks }, permission, allowed }) => ({
    ...permission,
    allowed,
    why,
    checks,
  })),
  excess,
});
