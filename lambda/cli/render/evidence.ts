import type { Finding, Json } from '../../findings/finding.ts';

const MOST_ITEMS = 5;
/** Numbers that the message gives in the units of people, where they say something. */
const RAW = /(?:[Bb]ytes|Seconds|Share|Count|terminating)$/;

/**
 * The evidence of a finding in one line, as far as it is short and its message does not hold it:
 * `readOnlyRootFilesystem: not set, runAsUser: 0`.
 */
export function evidenceText({ evidence, message }: Pick<Finding, 'evidence' | 'message'>): string {
  return Object.entries(evidence)
    .filter(([key, value]) => !RAW.test(key) && value !== false && !(key === 'type' && value === 'container'))
    .flatMap(([key, value]) => {
      const text = valueText(value);
      return text === null || (typeof value !== 'number' && message.includes(text))
        ? []
        : [`${key}: ${text}`];
    })
    .join(', ');
}

function valueText(value: Json): string | null {
  if (value === null) return 'not set';
  if (typeof value !== 'object') return String(value);
  if (!isList(value) || value.length === 0 || value.length > MOST_ITEMS) return null;
  const texts = value.map((item) => (item !== null && typeof item === 'object' ? null : String(item)));
  return texts.includes(null) ? null : texts.join(' ');
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
