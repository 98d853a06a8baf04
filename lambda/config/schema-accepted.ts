import * as z from 'zod';
import { GAP_REASONS } from '../inventory/gap.ts';
import { mustBe } from '../wording.ts';
import * as field from './fields.ts';
import * as aws from './fields-aws.ts';
import { cidrProblem, familyCovered, isEverything, matchesEveryName } from './formats.ts';

/** What somebody has accepted: destinations of traffic, findings, and what cannot be evaluated. */

export const egress = () =>
  field.mapping(
    {
      approved: field.listSection(
        field.listOf(approvedDestination(), 'a list of destinations').superRefine((entries, context) => {
          const blocks = entries.flatMap(({ cidrs, ports }) => (ports === null ? cidrs : []));
          // What is wrong with one block is said where it is written.
          if (blocks.some((block) => isEverything(block) || cidrProblem(block) !== null)) return;
          const family = familyCovered(blocks);
          if (family === null) return;
          const message = `approves every port of every address of the internet (${family}), by its blocks together; add ports, or list only the blocks that you mean.`;
          context.addIssue({ code: 'custom', message });
        }),
        'Approved destinations outside of the clusters.',
      ),
      insecurePorts: field
        .someOf(
          field.port(),
          'a list such as [22, 80]',
          'write checks: { egress-insecure-port: off } to accept every port',
        )
        .transform(field.ascending)
        .prefault(INSECURE_PORTS)
        .meta({
          description: 'TCP ports of plaintext or remote-shell protocols; the list replaces the default.',
        }),
      packageRegistries: field.section(
        packageRegistries(),
        'Package registries, mirrors and proxies in addition to the built-in ones. A plain list is a list of domains.',
      ),
      routing: field.oneOfOrOff(['read'], 'one of read, off').prefault('read').meta({
        description:
          'Whether the routes and security groups of VPCs and the metadata options of nodes are read from EC2. This takes seven read permissions, which docs/security.md lists.',
      }),
    },
    'a mapping with approved, insecurePorts, packageRegistries or routing',
  );

/** FTP, SSH, Telnet and plain HTTP: plaintext or remote shell. */
const INSECURE_PORTS = [21, 22, 23, 80];

const A_LIST_OF_DOMAINS = 'a list of domains such as [nexus.example.com]';

/** A list of domains alone is how earlier versions wrote it. */
const packageRegistries = () =>
  z
    .union(
      [
        field.listOf(field.domain(), A_LIST_OF_DOMAINS),
        field.mapping(
          {
            hosts: field.listSection(
              field.listOf(field.domain(), A_LIST_OF_DOMAINS),
              'Domains of package registries and mirrors; names below them are included.',
            ),
            cidrs: field.listSection(
              field.listOf(field.cidr(), 'a list such as ["10.0.9.5/32"]'),
              'Addresses of package registries and mirrors, and of HTTP proxies through which one can be reached, as CIDR blocks.',
            ),
          },
          'a mapping such as { hosts: [nexus.example.com], cidrs: ["10.0.9.5/32"] }',
        ),
      ],
      { error: mustBe('a mapping such as { hosts: [nexus.example.com], cidrs: ["10.0.9.5/32"] }') },
    )
    .transform((given) => (Array.isArray(given) ? { hosts: given, cidrs: [] } : given))
    .transform(({ hosts, cidrs }) => ({ hosts: field.unique(hosts), cidrs: field.unique(cidrs) }));

const PROTOCOLS = ['TCP', 'UDP', 'SCTP'] as const;

const NO_DESTINATION = 'leave it out or name a destination';

const approvedDestination = () =>
  field
    .mapping(
      {
        name: field
          .text('a name for the destination')
          .meta({ description: 'What the destination is called in reports.' }),
        cidr: field.cidr().optional().meta({ description: 'One CIDR block, IPv4 or IPv6.' }),
        cidrs: field
          .someOf(field.cidr(), 'a list such as ["203.0.113.0/24"]', NO_DESTINATION)
          .optional()
          .meta({ description: 'CIDR blocks, IPv4 or IPv6.' }),
        hosts: field
          .someOf(field.host(), 'a list such as ["api.example.com"]', NO_DESTINATION)
          .optional()
          .meta({ description: 'Host names; *.example.com stands for every name below example.com.' }),
        awsService: aws
          .awsService()
          .optional()
          .meta({
            description: 'AWS service as in the name of its VPC endpoint, such as s3 or ecr.api.',
            examples: ['s3', 'dynamodb', 'ecr.api'],
          }),
        ports: field
          .someOf(field.port(), 'a list such as [443]', 'leave it out to approve every port')
          .optional()
          .meta({ description: 'Ports; without them every port is approved.' }),
        protocols: field
          .someOf(field.oneOf(PROTOCOLS), 'a list such as [TCP]', 'leave it out to approve every protocol')
          .optional()
          .meta({ description: 'Of TCP, UDP and SCTP; without them the ports are approved on each.' }),
      },
      'a mapping such as { name: stripe, hosts: ["api.stripe.com"], ports: [443] }',
    )
    .superRefine((entry, context) => {
      const given = (['cidr', 'cidrs', 'hosts', 'awsService'] as const).filter(
        (key) => entry[key] !== undefined,
      );
      if (given.length !== 1) {
        const problem = given.length === 0 ? 'names no destination' : `has ${given.join(' and ')}`;
        const message = `${problem}; give exactly one of cidr, cidrs, hosts and awsService.`;
        context.addIssue({ code: 'custom', message });
      }
      const everything = [...(entry.cidrs ?? []), entry.cidr ?? ''].find(isEverything);
      if (everything !== undefined && entry.ports === undefined) {
        const message = `approves every port of every address by ${everything}; add ports, or list the blocks that you mean.`;
        context.addIssue({ code: 'custom', message });
      }
    })
    .transform(({ name, cidr, cidrs, hosts, awsService, ports, protocols }) => ({
      name,
      /** Exactly one of these, `hosts` and `awsService` is given. */
      cidrs: field.unique(cidrs ?? (cidr === undefined ? [] : [cidr])),
      hosts: field.unique(hosts ?? []),
      awsService: awsService ?? null,
      /** `null`: every port. */
      ports: ports === undefined ? null : field.ascending(ports),
      /** `null`: every protocol. */
      protocols: protocols === undefined ? null : field.unique(protocols),
    }));

/** The check of an exemption that stands for all checks. */
export const EVERY_CHECK = '*';

/** Stands in a baseline for the owner, and is none: whoever takes the baseline says who is responsible. */
export const NO_OWNER_YET = 'REPLACE-WITH-OWNER';

const trimmed = (text: string): string => text.trim();

export const exemption = (knownChecks: readonly string[] | null) =>
  field
    .mapping(
      {
        check: field
          .checkId(knownChecks, EVERY_CHECK)
          .meta({ description: 'Id of a check, or * for all of them.' }),
        cluster: field.orNull(field.pattern('the name of a cluster')).meta({
          description: 'Name of the cluster, or its ARN; may hold * and ?.',
        }),
        namespace: field.orNull(field.pattern('the name of a namespace')).meta({
          description: 'Name of the namespace; may hold * and ?.',
        }),
        workload: field.orNull(field.workload().meta({ examples: ['Deployment/erp'] })).meta({
          description: 'Kind/name of the workload; both may hold * and ?.',
        }),
        container: field.orNull(field.pattern('the name of a container')).meta({
          description: 'Name of the container; may hold * and ?.',
        }),
        reason: field
          .text('why the finding is accepted')
          .transform(trimmed)
          .meta({ description: 'Why the finding is accepted.' }),
        owner: field
          .text('who is responsible for it, such as a mail address')
          .transform(trimmed)
          .meta({ description: 'Who is responsible for it.' }),
        expires: field
          .date()
          .meta({ description: 'The last day, in UTC, on which it applies.', examples: ['2027-03-31'] }),
      },
      'a mapping such as { check: pod-too-old, namespace: legacy, reason: "…", owner: "…", expires: 2027-03-31 }',
    )
    .superRefine(({ owner }, context) => {
      if (owner.toUpperCase() !== NO_OWNER_YET) return;
      const message = 'is the placeholder of a baseline; write who is responsible, such as a mail address.';
      context.addIssue({ code: 'custom', path: ['owner'], message });
    })
    .superRefine((entry, context) => {
      const { check, cluster, namespace, workload, container } = entry;
      const narrow = [cluster, namespace, workload, container].some(
        (part) => part !== null && !part.split('/').every(matchesEveryName),
      );
      if (check !== EVERY_CHECK || narrow) return;
      const message =
        'accepts every finding of every workload; name a check, cluster, namespace, workload or container.';
      context.addIssue({ code: 'custom', message });
    });

/** A gap in the coverage that is not to be named in every mail; data and exit codes keep it. */
export const acceptedGap = () =>
  field.mapping(
    {
      reason: field
        .oneOf(GAP_REASONS)
        .meta({ description: 'Why something is not evaluated: the code in the field reason of its row.' }),
      match: gapMatch()
        .prefault({})
        .meta({ description: 'What it is accepted for; each given part must fit.' }),
      owner: field
        .text('who is responsible for it, such as a mail address')
        .transform(trimmed)
        .meta({ description: 'Who is responsible for it.' }),
      because: field
        .text('why it is accepted')
        .transform(trimmed)
        .meta({ description: 'Why it is accepted.' }),
      expires: field
        .date()
        .meta({ description: 'The last day, in UTC, on which it applies.', examples: ['2027-06-30'] }),
    },
    'a mapping such as { reason: platform, match: { namespaces: ["intranet"] }, owner: "…", because: "…", expires: 2027-06-30 }',
  );

const gapMatch = () =>
  field.mapping(
    {
      clusters: patterns('the name of a cluster', '["prod-*"]', 'every cluster').meta({
        description: 'Names of clusters, or ARNs where the pattern begins with arn:. Patterns use * and ?.',
      }),
      namespaces: patterns('the name of a namespace', '["intranet"]', 'every namespace').meta({
        description:
          'Names of namespaces; what concerns a whole cluster is in none of them. Patterns use * and ?.',
      }),
      checks: patterns('the id of a check', '["egress-*"]', 'every check').meta({
        description: 'Ids of checks. Patterns use * and ?.',
      }),
    },
    'a mapping such as { namespaces: ["intranet"] }',
  );

const patterns = (what: string, example: string, all: string) =>
  field.orNull(
    field
      .someOf(field.pattern(what), `a list such as ${example}`, `leave it out for ${all}`)
      .transform(field.unique),
  );
