import { ENDPOINT_SERVICES } from '../../lib/iam/endpoint-services.ts';

/** Which endpoints the function in the VPC needs, for docs/networking.md. */
export function endpointsTable(): string {
  const rows = Object.values(ENDPOINT_SERVICES).map(({ title, name, kind, when, without }) => [
    title,
    `\`${name}\`${kind === 'gateway' ? ' (a gateway)' : ''}`,
    when.single ?? '–',
    when.fleet ?? '–',
    without,
  ]);
  const header = ['service', 'endpoint', '`mode: single`', '`mode: fleet`', 'without a way to it'];
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
