import * as z from 'zod';
import * as field from '../config/fields.ts';
import { LONGEST_VALUE } from '../inventory/annotations.ts';
import type { ClusterIdentity, WorkloadRef } from '../inventory/model.ts';
import type { WorkloadExemption } from './model.ts';

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
 * Reads an annotation: a JSON object, or a list of them, with `check`, `reason`, `owner`, `expires` and
 * perhaps `container`, as in the configuration but without patterns. All or nothing: with one wrong
 * entry none counts, so that nobody believes in an exemption that is not there.
 */
export function readExemptAnnotation(
  { cluster, workload, text }: ExemptAnnotation,
  knownChecks: readonly string[],
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
    return none(`is wrong at ${first?.path.join('.') || 'its top'}: ${first?.message ?? ''}`);
  }
  const exemptions = parsed.data.map((entry) => ({
    ...entry,
    container: entry.container ?? null,
    cluster,
    workload,
  }));
  return { exemptions, problem: null };
}

const entries = (knownChecks: readonly string[]) =>
  z
    .array(
      field.mapping(
        {
          check: field.checkId(knownChecks, '*'),
          container: field.text('the name of a container').optional(),
          reason: field.text('why the finding is accepted'),
          owner: field.text('who answers for it, such as a mail address'),
          expires: field.date(),
        },
        'an object with check, reason, owner and expires',
      ),
    )
    .max(MOST, { error: () => `holds more than ${MOST} exemptions.` });
