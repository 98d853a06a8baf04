import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import type { WorkloadEgress } from '../../lambda/questions/report.ts';
import { run } from '../cli/run.ts';
import type { KubernetesObject } from './environment/api-client.ts';
import { type Environment, start } from './environment/environment.ts';
import { grant, SHIPPED_RIGHTS } from './support/access.ts';

const NOW = new Date(Math.floor(Date.now() / 1000) * 1000);
const folder = mkdtempSync(join(tmpdir(), 'eks-drift-auditor-journeys-'));
let environment: Environment;

beforeAll(async () => {
  environment = await start({ now: NOW });
  await grant(environment.cluster, SHIPPED_RIGHTS);
});

afterAll(async () => {
  await environment?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const egress = (...args: readonly string[]) =>
  run(['egress', '--kubeconfig', environment.cluster.auditorKubeconfig, '--now', NOW.toISOString(), ...args]);

async function declaredOf(which: string): Promise<WorkloadEgress['declared']> {
  const [row] = JSON.parse((await egress(which, '-o', 'json')).stdout) as readonly WorkloadEgress[];
  if (row === undefined) throw new Error(`No workload ${which} was read.`);
  return row.declared;
}

test('a suggested policy is accepted by the API server and does what was foretold', async () => {
  const config = join(folder, 'audit.config.yaml');
  writeFileSync(
    config,
    `egress:
  approved:
    - { name: bank, cidr: 203.0.113.10/32, ports: [443, 8443], protocols: [TCP] }
    - { name: office, cidrs: ["198.51.100.0/24", "2001:db8:51::/48"] }
    - { name: video, cidr: 192.0.2.0/24, protocols: [UDP] }
`,
  );
  // No policy selects it.
  const { stdout, code, stderr } = await egress('--suggest', 'batch/import', '--config', config);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const file = join(folder, 'policy.yaml');
  writeFileSync(file, stdout);
  const foretold = JSON.parse((await egress('batch/import', '--with', file, '-o', 'json')).stdout)[0];
  expect(foretold).toMatchObject({ changed: true });

  const policy = parse(stdout) as KubernetesObject;
  const stored = await environment.cluster.admin.apply(policy);
  // Nothing was dropped or defaulted into something else.
  expect(stored['spec']).toEqual(policy['spec']);
  const declared = await declaredOf('batch/import');
  expect(declared).toEqual(foretold.declared.after);
  const ports = [443, 8443].map((port) => ({ protocol: 'TCP', from: port, to: port }));
  expect(declared).toEqual({
    external: [
      { from: '192.0.2.0', to: '192.0.2.255', ports: [{ protocol: 'UDP', from: 1, to: 65_535 }] },
      { from: '198.51.100.0', to: '198.51.100.255', ports: 'all' },
      { from: '203.0.113.10', to: '203.0.113.10', ports },
      { from: '2001:db8:51::', to: '2001:db8:51:ffff:ffff:ffff:ffff:ffff', ports: 'all' },
    ],
    hosts: [],
  });
});

test('who reaches a destination is asked with the shipped rights alone', async () => {
  const { stdout, stderr } = await egress('shop/', '--to', '8.8.8.8:443', '-o', 'json');
  expect(stderr).toBe('');
  const rows = JSON.parse(stdout) as readonly { readonly name: string; readonly declared: string }[];
  expect(Object.fromEntries(rows.map(({ name, declared }) => [name, declared]))).toEqual({
    cart: 'all',
    frontend: 'all',
    search: 'all',
  });
});
