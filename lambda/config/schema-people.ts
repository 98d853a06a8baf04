import * as z from 'zod';
import { mustBe } from '../wording.ts';
import * as field from './fields.ts';
import { managedWorkloadProblem } from './formats.ts';

/** Who has to do with workloads: who owns them, and what is run by somebody else than the users of a cluster. */

const trimmed = (text: string): string => text.trim();

export const managed = () =>
  field.mapping(
    {
      workloads: field.listSection(
        field.listOf(managedWorkload(), 'a list of workloads'),
        'Workloads that somebody else runs, in addition to those of AWS that are known.',
      ),
    },
    'a mapping such as { workloads: [{ match: kube-system/DaemonSet/our-agent, reason: "…", owner: "…", expires: 2027-06-30 }] }',
  );

const managedWorkload = () =>
  field.mapping(
    {
      match: field
        .namedPattern(
          'a namespace, a kind and a name such as kube-system/DaemonSet/our-agent',
          managedWorkloadProblem,
        )
        .meta({
          description: 'Namespace/Kind/name of the workload; each may hold * and ?.',
          examples: ['kube-system/DaemonSet/our-agent'],
        }),
      reason: field
        .text('why it is not for the users of the cluster')
        .transform(trimmed)
        .meta({ description: 'Why its findings are not for the users of the cluster.' }),
      owner: field
        .text('who runs it, such as a mail address')
        .transform(trimmed)
        .meta({ description: 'Who runs it.' }),
      expires: field
        .date()
        .meta({ description: 'The last day, in UTC, on which it applies.', examples: ['2027-06-30'] }),
    },
    'a mapping such as { match: kube-system/DaemonSet/our-agent, reason: "…", owner: "…", expires: 2027-06-30 }',
  );

export const owners = () =>
  field.mapping(
    {
      annotations: field
        .listOf(field.labelKey('an annotation'), 'a list such as [example.com/team]')
        .transform(field.unique)
        .prefault([])
        .meta({
          description:
            'Annotations of pods whose value is the owner of their workload; the first that a pod has applies.',
          examples: [['example.com/team']],
        }),
      labels: field
        .listOf(field.labelKey('a label'), 'a list such as [team]')
        .transform(field.unique)
        .prefault([])
        .meta({
          description: 'Labels of pods likewise, where no annotation says it.',
          examples: [['team', 'app.kubernetes.io/part-of']],
        }),
      namespaces: z
        .record(
          field.pattern('the name of a namespace'),
          field.text('who owns the workloads there, such as a mail address').transform(trimmed),
          { error: mustBe('a mapping such as { "payments-*": payments@example.com }') },
        )
        // Their order counts, and mappings with other orders are equal.
        .transform((given) => Object.entries(given).map(([pattern, owner]) => ({ pattern, owner })))
        .prefault({})
        .meta({
          description:
            'Owners by namespace, where neither annotation nor label says it; the first that matches applies. Patterns use * and ?.',
        }),
    },
    'a mapping such as { labels: [team], namespaces: { "payments-*": payments@example.com } }',
  );
