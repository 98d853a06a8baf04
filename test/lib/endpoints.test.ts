import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

/** Of the table in docs/operations.md, by what the code calls the service. */
const ROWS: Readonly<Record<string, string>> = {
  s3: 'S3 ',
  eks: 'EKS ',
  sns: 'SNS ',
  sts: 'STS ',
  ec2: 'EC2 ',
  ecr: 'ECR API ',
  inspector2: 'ECR API (`ecr.api`), Inspector ',
  securityhub: 'Security Hub ',
  eventbridge: 'EventBridge ',
  kms: 'KMS ',
  secretsmanager: 'Secrets Manager ',
  organizations: 'Organizations ',
};

const root = new URL('../../', import.meta.url);

/** Services that the code asks, by a client of the SDK or by requests that it signs itself. */
function askedServices(): readonly string[] {
  const files = readdirSync(new URL('lambda', root), { recursive: true, encoding: 'utf8' });
  const found = files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => {
      const text = readFileSync(new URL(`lambda/${file}`, root), 'utf8');
      return [...text.matchAll(/\bnew ([A-Z]\w*)Client\(|\bservice: '([a-z0-9-]+)'/g)];
    })
    .map(([, client, service]) => (client ?? service ?? '').toLowerCase());
  return [...new Set(found)].sort();
}

test('each AWS service that the code asks has a row in the table of endpoints, and no row is of another', () => {
  const asked = askedServices();
  expect(asked.length).toBeGreaterThan(8);
  expect(asked).toEqual(Object.keys(ROWS).sort());
  const operations = readFileSync(new URL('docs/operations.md', root), 'utf8');
  const table = /\| endpoint \|.*\n\|[-|]+\n(?<rows>(?:\|.*\n)+)/.exec(operations)?.groups?.['rows'] ?? '';
  const rows = table.trim().split('\n');
  const missing = asked.filter((service) => !rows.some((row) => row.startsWith(`| ${ROWS[service]}`)));
  expect(missing).toEqual([]);
  const foreign = rows.filter((row) => !Object.values(ROWS).some((start) => row.startsWith(`| ${start}`)));
  expect(foreign).toEqual([]);
});
