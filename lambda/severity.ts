/** The severities of findings, the worst first. Whoever compares two of them does it here. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** For sorting: the worst first. */
export const compareSeverity = (a: Severity, b: Severity): number =>
  SEVERITIES.indexOf(a) - SEVERITIES.indexOf(b);

/** Whether it is as severe as `lowest`, or worse. */
export const isAtLeast = (severity: Severity, lowest: Severity): boolean =>
  compareSeverity(severity, lowest) <= 0;

export const worse = (a: Severity, b: Severity): Severity => (isAtLeast(a, b) ? a : b);
