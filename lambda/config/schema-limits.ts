import * as z from 'zod';
import * as field from './fields.ts';
import { PRESET_LIMITS } from './presets.ts';

const LIMIT_NAMES = Object.keys(PRESET_LIMITS.baseline);

/** `limits:`: the limits themselves and, under `overrides`, other ones for some workloads. */
export const limits = () =>
  field.mapping(
    {
      ...limitFields(),
      overrides: field.section(
        field.listOf(override(), 'a list of overrides'),
        'Other limits for some workloads: for each limit the first override that matches and sets it wins.',
      ),
    },
    `a mapping with ${LIMIT_NAMES.join(', ')} or overrides`,
  );

const limitFields = () => {
  const described = (name: keyof typeof PRESET_LIMITS.baseline, sentence: string) => ({
    description: `${sentence} Preset baseline: ${PRESET_LIMITS.baseline[name]}, strict: ${PRESET_LIMITS.strict[name]}.`,
  });
  return {
    podMaxAge: field.duration().optional().meta(described('podMaxAge', 'How long a pod may run.')),
    containerMaxAge: field
      .duration()
      .optional()
      .meta(described('containerMaxAge', 'How long a container may run since its last start.')),
    imageMaxAge: field
      .duration()
      .optional()
      .meta(described('imageMaxAge', 'How long ago a running image may have been pushed.')),
    writableLayerMaxBytes: field
      .size()
      .optional()
      .meta(
        described('writableLayerMaxBytes', 'How much a container may have written into its writable layer.'),
      ),
    scanMaxAge: field
      .duration()
      .optional()
      .meta(
        described(
          'scanMaxAge',
          'How long before the start of a container its image may have been scanned last.',
        ),
      ),
  };
};

const names = (what: string) =>
  field.someOf(
    field.pattern(what),
    `a list of names or patterns such as ["prod-*"]`,
    'leave it out to match everything',
  );

const override = () =>
  field
    .mapping(
      {
        match: field
          .mapping(
            {
              clusters: names('the name of a cluster')
                .optional()
                .meta({ description: 'Names or ARNs of clusters.' }),
              namespaces: names('the name of a namespace')
                .optional()
                .meta({ description: 'Names of namespaces.' }),
              kinds: field
                .someOf(field.kind(), 'a list such as [DaemonSet]', 'leave it out to match everything')
                .optional()
                .meta({ description: 'Kinds of workloads, written as in manifests.' }),
              labels: z
                .record(z.string(), field.pattern('the value of a label'), {
                  error: mustBeLabels,
                })
                .optional()
                .meta({ description: 'Labels of the pods: each must be there and fit its pattern.' }),
            },
            'a mapping with clusters, namespaces, kinds or labels',
          )
          .refine(
            (match) =>
              Object.values(match).some((part) => Array.isArray(part) || Object.keys(part ?? {}).length > 0),
            {
              error: () =>
                'matches everything; name clusters, namespaces, kinds or labels, or set the limit itself.',
            },
          )
          .meta({ description: 'Every part that is given must fit; patterns use * and ?.' }),
        ...limitFields(),
      },
      'a mapping such as { match: { namespaces: ["payments-*"] }, podMaxAge: 24h }',
    )
    .refine((entry) => LIMIT_NAMES.some((name) => Object.hasOwn(entry, name)), {
      error: () => `sets no limit; add one of ${LIMIT_NAMES.join(', ')}.`,
    });

const mustBeLabels = ({ code }: z.core.$ZodRawIssue) =>
  code === 'invalid_type' ? 'must be a mapping such as { tier: front }.' : undefined;
