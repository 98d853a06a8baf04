import * as z from 'zod';
import { SEVERITIES } from '../severity.ts';
import { describeValue, mustBe, mustBeText, quote } from '../wording.ts';
import {
  cidrProblem,
  dateProblem,
  hostProblem,
  kindProblem,
  type Problem,
  workloadProblem,
} from './formats.ts';
import { didYouMean } from './suggest.ts';
import { DURATION_PATTERN, parseDuration, parseSize, SIZE_PATTERN } from './units.ts';

/*
 * The building blocks of the configuration's schema. Each carries the sentence that a person reads when
 * the value is wrong, and what an editor shows.
 */

/** A mapping that may stand empty: `limits:` with everything below it commented out. It has its defaults then. */
export const section = <T extends z.ZodType>(schema: T, description: string) =>
  schema
    .nullable()
    .optional()
    .transform((given): z.output<T> => given ?? schema.parse({}))
    .meta({ description });

/** A list that may stand empty. */
export const listSection = <T extends z.ZodType<readonly unknown[]>>(schema: T, description: string) =>
  schema
    .nullable()
    .optional()
    .transform((given): z.output<T> | readonly never[] => given ?? [])
    .meta({ description });

/** A mapping without defaults: `null` where it is left out, or stands empty. */
export const optionalSection = <T extends z.ZodType>(schema: T, description: string) =>
  schema
    .nullable()
    .optional()
    .transform((given): z.output<T> | null => given ?? null)
    .meta({ description });

/** A key that may be left out: `null` then. */
export const orNull = <T extends z.ZodType>(schema: T) =>
  schema.optional().transform((given): z.output<T> | null => given ?? null);

export const unique = <T>(values: readonly T[]): readonly T[] => [...new Set(values)];
export const ascending = (ports: readonly number[]): readonly number[] =>
  [...unique(ports)].sort((a, b) => a - b);

/** Without the keys that were left out: merged over defaults, they must not hide them. */
export function given<V>(values: { readonly [key: string]: V | undefined }): Readonly<Record<string, V>> {
  const entries = Object.entries(values).filter((entry): entry is [string, V] => entry[1] !== undefined);
  return Object.fromEntries(entries);
}

/** Keys that it does not know are errors. */
export const mapping = <T extends z.core.$ZodLooseShape>(shape: T, what: string) =>
  z.strictObject(shape, { error: mustBe(what, 'unrecognized_keys') });

export const listOf = <T extends z.ZodType>(entry: T, what: string) =>
  z.array(entry, { error: mustBe(what) });

/** A list that must not be empty, because that would say something else than leaving it out. */
export const someOf = <T extends z.ZodType>(entry: T, what: string, whenEmpty: string) =>
  z.array(entry, { error: mustBe(what) }).min(1, { error: () => `is empty; ${whenEmpty}.` });

const A_DURATION = 'a duration such as 30d, 24h or 1d12h';

/** @returns Milliseconds, more than zero. */
export const duration = () =>
  z
    .string({
      error: (issue) =>
        typeof issue.input === 'number'
          ? `${describeValue(issue.input)} has no unit; write ${A_DURATION}.`
          : mustBe(A_DURATION)(issue),
    })
    .meta({ pattern: DURATION_PATTERN, examples: ['30d', '24h', '1d12h'] })
    .transform((text, context) => {
      const parsed = parseDuration(text);
      if (parsed.ok && parsed.value > 0) return parsed.value;
      const problem = parsed.ok ? 'is zero, which everything exceeds' : parsed.problem;
      context.addIssue({
        code: 'custom',
        message: `${describeValue(text)} ${problem}; write ${A_DURATION}.`,
      });
      return z.NEVER;
    });

const A_SIZE = 'a size as in Kubernetes, such as 10Mi, 512Ki or 1G, or a whole number of bytes';

/** @returns Bytes, more than zero: every container has some KiB for its mount points. */
export const size = () =>
  z
    .union([z.string().meta({ pattern: SIZE_PATTERN }), z.int({ error: mustBe(A_SIZE) }).min(1)], {
      error: mustBe(A_SIZE),
    })
    .meta({ examples: ['10Mi', '512Ki', '1G'] })
    .transform((input, context) => {
      if (typeof input === 'number') return input;
      const parsed = parseSize(input);
      if (parsed.ok && parsed.value > 0) return parsed.value;
      const problem = parsed.ok ? 'is zero, which every container exceeds' : parsed.problem;
      context.addIssue({ code: 'custom', message: `${describeValue(input)} ${problem}; write ${A_SIZE}.` });
      return z.NEVER;
    });

const A_COUNT = 'a whole number from 1 on, or off';

/** No number exceeds it. */
export const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/** @returns the number; {@link NO_LIMIT} for off. */
export const countOrOff = () =>
  z
    .union(
      [
        z.int({ error: mustBe(A_COUNT) }).min(1, { error: mustBe(A_COUNT) }),
        z.literal(['off', false], { error: mustBe(A_COUNT) }),
      ],
      { error: mustBe(A_COUNT) },
    )
    .transform((value) => (typeof value === 'number' ? value : NO_LIMIT))
    .meta({ examples: [200, 'off'] });

/** Text in one of the formats of {@link file://./formats.ts}. */
export function formatted(what: string, problem: (text: string) => Problem, error = mustBeText(what)) {
  return z.string({ error }).superRefine((text, context) => {
    const message = problem(text);
    if (message !== null) context.addIssue({ code: 'custom', message });
  });
}

/** Text of one form, such as an ARN or an id. */
export function named(expression: RegExp, { what, form }: { readonly what: string; readonly form: string }) {
  return formatted(what, (text) =>
    expression.test(text) ? null : `${quote(text)} is not ${what}; write ${form}.`,
  );
}

/** Text that fits an expression; else it is what the message says. */
export const matching = (expression: RegExp, message: string) => (text: string) =>
  expression.test(text) ? null : `${describeValue(text)} ${message}`;

/** To match one takes time that grows with its length. */
const LONGEST_PATTERN = 256;

const noPattern = matching(
  new RegExp(`^[^\\s\\p{Cc}]{1,${LONGEST_PATTERN}}$`, 'u'),
  `is not a pattern; write 1 to ${LONGEST_PATTERN} characters without spaces, * for any characters and ? for one.`,
);

export const pattern = (what: string) => formatted(`${what} or a pattern with *`, noPattern);

export const kind = () =>
  formatted('a kind such as Deployment or a pattern with *', (text) => noPattern(text) ?? kindProblem(text));

export const workload = () =>
  formatted('a kind and a name such as Deployment/erp', (text) => noPattern(text) ?? workloadProblem(text));

/** Names with patterns in a form of their own. */
export const namedPattern = (what: string, problem: (text: string) => Problem) =>
  formatted(what, (text) => noPattern(text) ?? problem(text));

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
export const labelKey = (what: string) =>
  formatted(
    `the key of ${what}`,
    matching(
      /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?$/,
      'is not the key of a label or annotation; write one such as team or app.kubernetes.io/part-of.',
    ),
  );

const LONGEST_TEXT = 1000;

export const text = (what: string) =>
  formatted(what, (value) => {
    if (value.trim() === '') return `is empty; it must be ${what}.`;
    if (value.length > LONGEST_TEXT) return `is longer than ${LONGEST_TEXT} characters; shorten it.`;
    return null;
  });

export const cidr = () => formatted('a CIDR block such as 203.0.113.0/24', cidrProblem);
export const host = () =>
  formatted('a host name such as api.example.com or *.example.com', (name) => hostProblem(name, true));
export const domain = () => formatted('a domain such as example.com', (name) => hostProblem(name, false));
export const date = () => {
  const what = 'a date such as 2027-03-31';
  return formatted(what, dateProblem, mustBe(what)).meta({ format: 'date' });
};

/** The first part of an image reference; https://github.com/distribution/reference (reference.go, domain). */
export const registryHost = () =>
  formatted(
    'the host of a registry such as ghcr.io',
    matching(
      /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?::[0-9]{1,5})?$/,
      'is not the host of a registry; write it as image references do, such as ghcr.io or registry.example.com:5000.',
    ),
  );

export const wholeNumber = (from: number, to: number) =>
  z
    .int({ error: mustBe(`a whole number from ${from} to ${to}`) })
    .min(from)
    .max(to);

export const port = () =>
  z
    .int({ error: mustBe('a port number from 1 to 65535') })
    .min(1)
    .max(65535);

const ON = new Set<unknown>([true, 'on', 'yes', 'true', 'enabled']);

/** `false` is what YAML 1.1 makes of `off`; both switch the check off. */
export const severityOrOff = () =>
  z
    .literal([...SEVERITIES, 'off', false], {
      error: (issue) =>
        ON.has(issue.input)
          ? `has no severity; write one of ${SEVERITIES.join(', ')}, or remove the line for the default.`
          : mustBe(`one of ${SEVERITIES.join(', ')}, off`)(issue),
    })
    .transform((value) => (value === false ? ('off' as const) : value));

export const oneOf = <const T extends readonly string[]>(values: T) =>
  z.literal(values, { error: mustBe(`one of ${values.join(', ')}`) });

/** One of these, or off, which YAML 1.1 readers take for false. */
export const oneOfOrOff = <const T extends string>(values: readonly T[], what: string) =>
  z
    .literal([...values, 'off', false], { error: mustBe(what) })
    .transform((value) => (value === false ? ('off' as const) : value));

export const flag = () => z.boolean({ error: mustBe('true or false') });

/** For ids that are like none: there are too many to list. */
export const CHECKS_HINT = 'eks-drift-audit checks lists them';

/** One of the known ids or `everyCheck`; any kebab-case id where the catalogue is not known. */
export function checkId(known: readonly string[] | null, everyCheck: string) {
  const what = `the id of a check, or "${everyCheck}" for all of them`;
  if (known === null) return z.string({ error: mustBe(what) });
  const error = (issue: z.core.$ZodRawIssue) => {
    const { input } = issue;
    if (typeof input !== 'string') return mustBe(what)(issue);
    return `${describeValue(input)} is not the id of a check${didYouMean(input, known, CHECKS_HINT)}`;
  };
  return z.literal([...known, everyCheck], { error });
}
