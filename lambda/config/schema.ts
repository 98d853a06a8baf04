import * as z from 'zod';
import { mustBe } from '../wording.ts';
import * as field from './fields.ts';
import * as aws from './fields-aws.ts';
import { matchesEveryName } from './formats.ts';
import { MEASURE_ROLE, MEMBER_ROLE, PRESETS } from './presets.ts';
import { acceptedGap, egress, exemption } from './schema-accepted.ts';
import { deployment } from './schema-deployment.ts';
import { digest } from './schema-digest.ts';
import { images } from './schema-images.ts';
import { limits, presetLimits } from './schema-limits.ts';
import { organization } from './schema-organization.ts';
import { managed, owners } from './schema-people.ts';

/**
 * The schema of `audit.config.yaml` (SPEC §6), with every default. What it yields is the effective configuration, merged
 * over its preset, with units resolved: a key is written here, and where it is used.
 *
 * @param knownChecks Ids of all checks; `null` accepts any id, for a JSON Schema without the catalogue.
 */
export function configFile(knownChecks: readonly string[] | null) {
  return field
    .mapping(
      {
        $schema: z
          .string({ error: mustBe('the address of a JSON Schema') })
          .optional()
          .meta({ description: 'Where an editor finds the JSON Schema of this file.' }),
        preset: field.oneOf(PRESETS).default('baseline').meta({
          description:
            'Defaults for all limits: baseline suits most teams, strict allows pods to live 24 hours at most (BSI APP.4.4.A21).',
        }),
        clusters: field.section(clusters(), 'Which clusters to audit.'),
        namespaces: field.section(namespaces(), 'Which namespaces are evaluated.'),
        accounts: field.listSection(
          accounts(),
          'AWS accounts to look for clusters in. If any are listed, only these are audited: list that of the auditor, too, if it has clusters.',
        ),
        organization: field.optionalSection(
          organization(),
          'AWS accounts to look for clusters in, as AWS Organizations lists them at each run; in addition to accounts.',
        ),
        limits: field.section(limits(), 'Ages and sizes above which there is a finding.'),
        checks: field.section(checks(knownChecks), 'Severity of single checks, or off.'),
        egress: field.section(egress(), 'What traffic out of the clusters is accepted.'),
        managed: field.section(
          managed(),
          'Workloads that are run by somebody else than the users of the cluster.',
        ),
        owners: field.section(owners(), 'Whom to call about a workload.'),
        images: field.section(images(), 'What is asked of the registries from which images come.'),
        measure: field.section(measure(), 'What is measured inside of running containers.'),
        exemptions: field.listSection(
          field.listOf(exemption(knownChecks), 'a list of exemptions'),
          'Accepted findings, each with reason, owner and last day.',
        ),
        acceptedGaps: field.listSection(
          field.listOf(acceptedGap(), 'a list of accepted gaps'),
          'What cannot be evaluated and is accepted, each with reason, owner and last day.',
        ),
        exemptionAnnotations: field.flag().default(false).meta({
          description:
            'Whether owners of workloads may exempt them by the annotation eks-drift-auditor.dev/exempt.',
        }),
        digest: field.section(digest(), 'What the mail contains.'),
        deployment: field.section(deployment(), 'What cdk deploy creates; audits do not read it.'),
      },
      'a mapping of the keys preset, clusters, limits and so on',
    )
    .transform(({ $schema, deployment, limits: { overrides, ...limitsGiven }, ...config }) => ({
      config: {
        ...config,
        limits: { ...presetLimits(config.preset), ...field.given(limitsGiven) },
        /** In file order: for each limit the first override that matches and sets it wins. */
        overrides,
        /** Only what the file changes: absent checks keep their default. */
        checks: field.given(config.checks),
      },
      deployment,
      limitsGiven,
    }))
    .meta({ title: 'eks-drift-auditor configuration' });
}

export type ConfigFile = z.output<ReturnType<typeof configFile>>;

const clusters = () =>
  field.mapping(
    {
      include: field
        .someOf(field.pattern('the name of a cluster'), 'a list such as ["*"]', 'no cluster would be audited')
        .default(['*'])
        .meta({ description: 'Names, or ARNs where the pattern begins with arn:. Patterns use * and ?.' }),
      exclude: field
        .listOf(field.pattern('the name of a cluster'), 'a list such as ["sandbox-*"]')
        .default([])
        .meta({ description: 'Excluded even when included. Patterns use * and ?.' }),
      includeTags: tags().meta({
        description: 'Tags of EKS clusters: each must exist and match its pattern.',
      }),
      excludeTags: tags().meta({
        description: 'Tags of EKS clusters: a cluster with a tag that matches its pattern is excluded.',
      }),
      shards: field.listOf(shards(), 'a list such as [{ match: ["big-*"], count: 8 }]').default([]).meta({
        description:
          'Clusters that are too large for one function: each is audited in parts, split by namespace. Only in the mode fleet; the first entry that matches a cluster applies.',
      }),
    },
    'a mapping such as { include: ["prod-*"] }',
  );

const namespaces = () =>
  field.mapping(
    {
      exclude: field
        .listOf(field.pattern('the name of a namespace'), 'a list such as ["ci-*"]')
        .superRefine((patterns, context) => {
          patterns.forEach((pattern, i) => {
            if (!matchesEveryName(pattern)) return;
            const message = `"${pattern}" would exclude every namespace, so nothing would be evaluated; list those to exclude.`;
            context.addIssue({ code: 'custom', message, path: [i] });
          });
        })
        .transform(field.unique)
        .prefault([])
        .meta({
          description:
            'Namespaces whose workloads are not evaluated; the coverage of each run says how many pods that excludes. Patterns use * and ?.',
        }),
    },
    'a mapping such as { exclude: ["ci-*"] }',
  );

const shards = () =>
  field.mapping(
    {
      match: field
        .someOf(field.pattern('the name of a cluster'), 'a list such as ["big-*"]', 'no cluster would match')
        .meta({ description: 'Names, or ARNs where the pattern begins with arn:. Patterns use * and ?.' }),
      count: field.wholeNumber(2, 99).meta({ description: 'Number of parts.' }),
    },
    'a mapping such as { match: ["big-*"], count: 8 }',
  );

const tags = () =>
  z
    .record(z.string(), field.pattern('the value of a tag'), {
      error: mustBe('a mapping of tags such as { audit: "off" }'),
    })
    .default({});

const accounts = () =>
  field
    .listOf(
      field.mapping(
        {
          id: aws.accountId().meta({ description: 'AWS account id: 12 digits, in quotes.' }),
          roleName: aws.roleName().default(MEMBER_ROLE).meta({
            description: 'Role in that account which the auditor assumes; the member stack creates it.',
          }),
          externalId: field.orNull(aws.externalId()).meta({
            description: 'External id that the trust policy of the role requires.',
          }),
          regions: field
            .someOf(aws.region(), 'a list such as [eu-west-1]', 'name the regions to look for clusters in')
            .transform(field.unique)
            .meta({ description: 'Regions to look for clusters in.' }),
        },
        'a mapping such as { id: "111122223333", regions: [eu-west-1] }',
      ),
      'a list of accounts',
    )
    .superRefine((entries, context) => {
      entries.forEach(({ id }, i) => {
        if (entries.findIndex((other) => other.id === id) === i) return;
        const message = `"${id}" is listed twice; put all its regions into one entry.`;
        context.addIssue({ code: 'custom', message, path: [i, 'id'] });
      });
    });

function checks(known: readonly string[] | null) {
  const severity = field.severityOrOff();
  if (known === null) return z.record(z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/), severity);
  const shape = Object.fromEntries(
    known.map((id) => [
      id,
      severity.optional().meta({ description: `How severe findings of ${id} are, or off.` }),
    ]),
  );
  return field.mapping(shape, 'a mapping of check ids to severities, such as { image-tag-mutable: off }');
}

const measure = () =>
  field.mapping(
    {
      writableLayer: field
        .oneOfOrOff(['kubelet', 'api-server-proxy'], 'off, kubelet or api-server-proxy')
        .prefault('off')
        .meta({
          description:
            'Whether kubelets are asked how much containers wrote: off; kubelet: each at its own address, with a role that may do nothing else; api-server-proxy: through the API server, which needs nodes/proxy, by which its holder can run commands in every pod.',
        }),
      roleName: aws.roleName().default(MEASURE_ROLE).meta({
        description:
          'Role in the account of a cluster whose tokens kubelets get, with writableLayer: kubelet; the hub and the member stack create it. It must not be the role that reads clusters.',
      }),
    },
    'a mapping such as { writableLayer: kubelet }',
  );
