import * as z from 'zod';
import * as field from './fields.ts';
import { PRESETS, type Preset } from './presets.ts';

interface Limit {
  readonly value: () => z.ZodType<number, string | number | false>;
  readonly baseline: string;
  readonly strict: string;
  readonly sentence: string;
}

/**
 * All limits, with those of each preset as they would be written in a file; docs/decisions/0004 gives the reasons.
 *
 * - A month for pods and containers: PCI DSS 4.0.1, 6.3.3 wants patches for critical vulnerabilities
 *   installed within one month of release (https://withpci.com/requirements/6/6.3/6.3.3.html).
 * - 24 hours: BSI IT-Grundschutz-Kompendium 2023, APP.4.4.A21 (H), "Kein Pod SOLLTE länger als 24 Stunden laufen".
 * - 14 days between scans: CISA BOD 23-01, vulnerability enumeration every 14 days
 *   (https://www.cisa.gov/news-events/directives/bod-23-01-improving-asset-visibility-and-vulnerability-detection-federal-networks).
 */
const LIMITS = {
  podMaxAge: {
    value: field.duration,
    baseline: '30d',
    strict: '24h',
    sentence: 'How long a pod may run.',
  },
  containerMaxAge: {
    value: field.duration,
    baseline: '30d',
    strict: '24h',
    sentence: 'How long a container may run since its last start.',
  },
  imageMaxAge: {
    value: field.duration,
    baseline: '90d',
    strict: '30d',
    sentence: 'How long ago a running image may have been pushed.',
  },
  writableLayerMaxBytes: {
    value: field.size,
    baseline: '10Mi',
    strict: '1Mi',
    sentence: 'How much a container may have written into its writable layer.',
  },
  writableLayerMaxInodes: {
    value: field.countOrOff,
    baseline: 'off',
    strict: 'off',
    sentence: 'How many files and folders the writable layer of a container may hold; off: any number.',
  },
  scanMaxAge: {
    value: field.duration,
    baseline: '30d',
    strict: '14d',
    sentence: 'How old the last scan of an image may be when a container starts.',
  },
} as const satisfies Readonly<Record<string, Limit>>;

type LimitName = keyof typeof LIMITS;
/** Durations in milliseconds, sizes in bytes. */
export type Limits = Readonly<Record<LimitName, number>>;

const LIMIT_NAMES = Object.keys(LIMITS);

/** The same for each limit; the table has no other keys than those of its type. */
const forEachLimit = <T>(make: (limit: Limit) => T) =>
  Object.fromEntries(Object.entries<Limit>(LIMITS).map(([name, limit]) => [name, make(limit)])) as Readonly<
    Record<LimitName, T>
  >;

export const presetLimits = (preset: Preset): Limits =>
  forEachLimit((limit) => limit.value().parse(limit[preset]));

/** `limits:`: the limits themselves and, under `overrides`, other ones for some workloads. */
export const limits = () =>
  field.mapping(
    {
      ...limitFields(),
      overrides: field.listSection(
        field.listOf(override(), 'a list of overrides'),
        'Other limits for some workloads: for each limit the first override that matches and sets it wins.',
      ),
    },
    `a mapping with ${LIMIT_NAMES.join(', ')} or overrides`,
  );

const limitFields = () =>
  forEachLimit((limit) =>
    limit
      .value()
      .optional()
      .meta({
        description: `${limit.sentence} Preset ${PRESETS.map((preset) => `${preset}: ${limit[preset]}`).join(', ')}.`,
      }),
  );

const names = (what: string) =>
  field.orNull(
    field.someOf(
      field.pattern(what),
      `a list of names or patterns such as ["prod-*"]`,
      'leave it out to match everything',
    ),
  );

const override = () =>
  field
    .mapping(
      {
        match: field
          .mapping(
            {
              clusters: names('the name of a cluster').meta({ description: 'Names or ARNs of clusters.' }),
              namespaces: names('the name of a namespace').meta({ description: 'Names of namespaces.' }),
              kinds: field
                .orNull(
                  field.someOf(
                    field.kind(),
                    'a list such as [DaemonSet]',
                    'leave it out to match everything',
                  ),
                )
                .meta({ description: 'Kinds of workloads, written as in manifests.' }),
              labels: field
                .orNull(z.record(z.string(), field.pattern('the value of a label'), { error: mustBeLabels }))
                .meta({ description: 'Labels of the pods: each must exist and match its pattern.' }),
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
          .meta({ description: 'Every part that is given must match; patterns use * and ?.' }),
        ...limitFields(),
      },
      'a mapping such as { match: { namespaces: ["payments-*"] }, podMaxAge: 24h }',
    )
    .refine((entry) => LIMIT_NAMES.some((name) => Object.hasOwn(entry, name)), {
      error: () => `sets no limit; add one of ${LIMIT_NAMES.join(', ')}.`,
    })
    .transform(({ match, ...limits }) => ({ match, limits: field.given(limits) }));

const mustBeLabels = ({ code }: z.core.$ZodRawIssue) =>
  code === 'invalid_type' ? 'must be a mapping such as { tier: front }.' : undefined;
