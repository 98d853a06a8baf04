import { MANAGED_BY_AWS } from '../../lambda/ownership/managed-list.ts';

/** The list of docs/owners.md: what counts as managed by AWS, and where AWS says so. */
export function managedTable(): string {
  const rows = MANAGED_BY_AWS.map(
    ({ managedBy, namespace, workloads, source }) =>
      `| [${managedBy}](${source}) | \`${namespace}\` | ${workloads.map((workload) => `\`${workload}\``).join(', ')} |`,
  );
  return ['| managed by | namespace | workloads |', '|---|---|---|', ...rows].join('\n');
}
