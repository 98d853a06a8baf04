import { Command } from 'commander';
import { awsAuthEntry, createAccessEntry, showAuthenticationMode } from '../../access/access-entry.ts';
import { clusterAccessYaml } from '../../access/manifests.ts';
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
import { STACK_NAME } from '../../config/presets.ts';
import { accountOfArn } from '../../connect/aws/access.ts';
import { AUDITOR_GROUP } from '../../connect/eks/errors.ts';
import type { KubeApi } from '../../connect/kube/kube-api.ts';
import { connectKubeconfig } from '../../connect/kube/kubeconfig.ts';
import { UsageError } from '../../errors.ts';
import { EXIT } from '../exit-code.ts';
import { type Io, lookOf, pluginOutput } from '../io.ts';
import { outputOption, VERBOSE } from '../options.ts';
import { type AccessPage, renderAccess } from '../render/access.ts';

interface PrintOptions {
  readonly cluster: string;
  readonly region?: string;
  readonly principalArn: string;
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
    .command('print', { isDefault: true, hidden: true })
    .requiredOption('--cluster <name>', 'name of the EKS cluster')
    .option('--region <region>', 'the region of the cluster')
    .option(
      '--principal-arn <arn>',
      'the role that runs the audit: of the hub, or of the member stack in the account of the cluster',
      `arn:aws:iam::${ANY_ACCOUNT}:role/${STACK_NAME}`,
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
          : renderAccess(page, lookOf(io, options)),
      );
      finish(page.reviewed.every(({ allowed }) => allowed) ? EXIT.ok : EXIT.incomplete);
    });
  return command;
}

function checkPrint({ cluster, region, principalArn }: PrintOptions): void {
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
}

/** YAML that `kubectl apply -f -` takes, under comments that say what else is to be done. */
function instructions({ cluster, region, principalArn }: PrintOptions): string {
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
    ...awsAuthEntry(admission)
      .trimEnd()
      .split('\n')
      .map((line) => `     ${line}`),
    '',
    '3. Apply this file: kubectl apply -f -',
  ];
  const head = comments.map((line) => `# ${line}`.trimEnd()).join('\n');
  return `${head}\n${clusterAccessYaml(accessRules())}`;
}

async function check(options: CheckOptions, io: Io): Promise<AccessPage> {
  const { context, kubeconfig, group } = options;
  const { identity, api } = await connectKubeconfig({
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
    onPluginOutput: pluginOutput(io, options),
  });
  const subject: Subject = group === undefined ? 'self' : { group: group === true ? AUDITOR_GROUP : group };
  const rules = accessRules();
  try {
    const reviewed: ReviewedRule[] = [];
    for (const rule of rules) {
      for (const permission of permissionsOf(rule)) {
        reviewed.push({ rule, permission, allowed: await isAllowed(api, permission, subject) });
      }
    }
    const excess: Permission[] = [];
    for (const permission of EXCESS) {
      if (await isAllowed(api, permission, subject)) excess.push(permission);
    }
    return { cluster: identity.name, subject, reviewed, excess };
  } finally {
    await api.close();
  }
}

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
