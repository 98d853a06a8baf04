export const DAY = 86_400_000;

export const DEPLOYMENT_DEFAULTS = {
  name: 'EksDriftAuditor',
  mode: 'single',
  concurrency: 40,
  cron: '0 6 * * ? *',
  timeZone: 'UTC',
  /** An audit year, and a month to look back on it. */
  reportsRetention: 400 * DAY,
  inventoryRetention: 90 * DAY,
  logsRetention: 90 * DAY,
  /** One full processor (https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html): decoding keeps it busy. */
  memory: 1769,
  reserveConcurrency: true,
  securityHub: 'off',
  athena: false,
} as const;
