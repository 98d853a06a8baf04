import * as z from 'zod';
import * as field from '../config/fields.ts';
import { didYouMean } from '../config/suggest.ts';
import type { WorkloadExemption } from '../findings/finding.ts';
import { LONGEST_VALUE } from '../inventory/annotations.ts';
import { DAY } from '../inventory/durations.ts';
import type { ClusterIdentity, WorkloadRef } from '../inventory/names.ts';
import { mustBe, quote } from '../wording.ts';

export interface ExemptAnnotation {
  readonly cluster: ClusterIdentity;
  readonly workload: WorkloadRef;
  /** The value, from the cluster and not trusted. */
  readonly text: string;
}

export interface AskedExemptions {
  readonly exemptions: readonly WorkloadExemption[];
  /** Half a sentence on why the annotation asks for nothing that could be granted; `null` when it does. */
  readonly problem: string | null;
}

const MOST = 20;

/**
 * The furthest expiry that an annotation may ask for, in days from the run. Whoever may edit a workload may
 * write one, so it is for the time that a change takes; what lasts longer belongs into the configuration,
 * where somebody else reviews it.
 */
const LONGEST_DAYS = 90;

export interface ReadOptions {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly knownChecks: readonly string[];
}

/**
 * Reads an annotation: a JSON object, or a list of them, with `check`, `reason`, `owner`, `expires` and
 * perhaps `container`, as in the configuration but without patterns, for named checks only and for at most
 * {@link LONGEST_DAYS}. All or nothing: with one wrong entry none counts, so that no exemption seems to
 * exist that does not.
 */
export function readExemptAnnotation(
  { cluster, workload, text }: ExemptAnnotation,
  { now, knownChecks }: ReadOptions,
): AskedExemptions {
  const none = (problem: string): AskedExemptions => ({ exemptions: [], problem });
  if (text.length > LONGEST_VALUE) return none(`is longer than ${LONGEST_VALUE} characters`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return none('is not JSON; write an object with check, reason, owner and expires');
  }
  const parsed = entries(knownChecks).safeParse(Array.isArray(value) ? value : [value]);
  if (!parsed.success) {
    const [first] = parsed.error.issues;
    return none(`is not valid at ${first?.path.join('.') || 'the top level'}: ${first?.message ?? ''}`);
  }
  const late = parsed.data.findIndex(({ expires }) => Date.parse(expires) > now + LONGEST_DAYS * DAY);
  if (late !== -1) {
    return none(
      `is not valid at ${late}.expires: an annotation exempts for ${LONGEST_DAYS} days at most; list longer ones under exemptions in the configuration`,
    );
  }
  const exemptions = parsed.data.map((entry) => ({
    ...entry,
    container: entry.container ?? null,
    cluster,
    workload,
  }));
  return { exemptions, problem: null };
}

/** One check each: "*" would also cover those that later versions bring. */
const checkId = (known: readonly string[]) =>
  z.string({ error: mustBe('the id of a check') }).superRefine((id, context) => {
    if (known.includes(id)) return;
    const message =
      id === '*'
        ? 'an annotation cannot exempt from every check; name each one.'
        : `${quote(id)} is not the id of a check${didYouMean(id, known, field.CHECKS_HINT)}`;
    context.addIssue({ code: 'custom', message });
  });

const KEYS = ['check', 'container', 'reason', 'owner', 'expires'];

function unknownKey(issue: z.core.$ZodRawIssue): string | null {
  const key = issue.code === 'unrecognized_keys' ? issue.keys?.[0] : undefined;
  return key === undefined ? null : `${quote(key)} is not known${didYouMean(key, KEYS)}`;
}

const entries = (knownChecks: readonly string[]) =>
  z
    .array(
      z.strictObject(
        {
          check: checkId(knownChecks),
          container: field.text('the name of a container').optional(),
          reason: field.text('why the finding is accepted'),
          owner: field.text('who is responsible for it, such as a mail address'),
          expires: field.date(),
        },
        {
          error: (issue) =>
            unknownKey(issue) ?? mustBe('an object with check, reason, owner and expires')(issue),
        },
      ),
    )
    .max(MOST, { error: () => `holds more than ${MOST} exemptions.` });
