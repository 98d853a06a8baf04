import { describe, expect, test } from '@jest/globals';
import type { WorkloadChange } from '../../lambda/questions/change.ts';
import { run } from './run.ts';
import { scratchFiles } from './scratch.ts';

const NOW = '2026-11-21T12:00:00Z';
const file = scratchFiles();

const asked = (argv: readonly string[], stdin = '') => run(['egress', '--now', NOW, ...argv], stdin);

const tighter = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web, namespace: storefront }
spec:
  podSelector: { matchLabels: { app: web } }
  policyTypes: [Egress]
  egress: [{ to: [{ ipBlock: { cidr: 203.0.113.0/24 } }], ports: [{ port: 443 }] }]
`;
const denying = `
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: { name: no-plain-http }
spec:
  priority: 10
  subject: { namespaces: { matchLabels: { team: shop } } }
  egress:
    - action: Deny
      to: [{ networks: [0.0.0.0/0, "::/0"] }]
      ports: [{ portNumber: { protocol: TCP, port: 80 } }]
`;
const pods = `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { team: shop } }
---
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop, labels: { app: web } }
spec: { containers: [{ name: web, image: "web:1" }] }
`;

describe('egress --with', () => {
  test('a policy of the same name replaces the existing one, for every workload that either selects', async () => {
    const path = file('tighter.yaml', tighter);
    const { stdout, code } = await asked(['storefront/', '--sample', '--with', path, '-o', 'json']);
    const rows = JSON.parse(stdout) as readonly WorkloadChange[];
    const of = (name: string) => rows.find((row) => row.name === name);
    expect(of('web')).toMatchObject({
      changed: true,
      declared: {
        lost: {
          external: [{ from: '0.0.0.0', to: '203.0.112.255' }, { from: '203.0.114.0' }, { from: '::' }],
        },
        gained: { external: [], hosts: [] },
      },
    });
    expect(of('search')).toMatchObject({
      changed: true,
      declared: { gained: { external: [{ from: '0.0.0.0' }, { from: '::' }] } },
      policies: { before: ['NetworkPolicy storefront/web'], after: [] },
    });
    expect(of('cart')).toMatchObject({ changed: false });
    // The other cluster keeps its policies to itself.
    expect(code).toBe(3);
  });

  test('the comparison says whether the network plugin would enforce the policy', async () => {
    const { stdout } = await asked(
      ['legacy/erp-monolith', '--sample', '--with', '-'],
      denying.replace('{ matchLabels: { team: shop } }', '{}'),
    );
    expect(stdout).toContain('AdminNetworkPolicy no-plain-http  is new  selects 1 workload');
    expect(stdout).toMatch(/loses +0\.0\.0\.0\/0 +TCP 80\n +::\/0 +TCP 80/);
    expect(stdout).toContain('no: nothing would change');
  });

  test('the labels of namespaces count although no existing policy needs them', async () => {
    const snapshot = file('pods.yaml', pods);
    const { stdout } = await asked(['--snapshot', snapshot, '--with', '-', '-o', 'json'], denying);
    expect(JSON.parse(stdout)).toMatchObject([
      { changed: true, declared: { lost: { external: [{ ports: [{ from: 80, to: 80 }] }, {}] } } },
    ]);
    const erp = file('erp.yaml', denying.replace('team: shop', 'team: erp'));
    const live = await asked(['legacy/erp-monolith', '--sample', '--with', erp, '-o', 'json']);
    expect(JSON.parse(live.stdout)).toMatchObject([{ changed: true }]);
    const others = file('others.yaml', denying.replace('team: shop', 'team: nobody'));
    const spared = await asked(['legacy/erp-monolith', '--sample', '--with', others, '-o', 'json']);
    expect(JSON.parse(spared.stdout)).toMatchObject([{ changed: false, policies: { after: [] } }]);
  });

  test('a part of a policy that is not understood is unknown, and the exit code is 3', async () => {
    const snapshot = file('pods.yaml', pods);
    const strange = tighter.replace('203.0.113.0/24', 'everywhere').replace('storefront', 'shop');
    const { stdout, code } = await asked(['--snapshot', snapshot, '--with', '-', '-o', 'json'], strange);
    expect(JSON.parse(stdout)).toMatchObject([
      { changed: null, declared: { lost: { unknown: expect.anything() } } },
    ]);
    expect(code).toBe(3);
    const table = await asked(['--snapshot', snapshot, '--with', '-'], strange);
    expect(table.stdout).toContain('Of 1 workload it is not known');
  });

  test('other objects in --with are ignored with a note; no policy at all, or a broken one, is an error', async () => {
    const snapshot = file('pods.yaml', pods);
    const mixed = await asked(['--snapshot', snapshot, '--with', '-'], `${pods}---${denying}`);
    expect(mixed.stderr).toContain('2 objects that are not network policies were ignored.');
    expect(mixed.stdout).toContain('loses');
    for (const [text, message] of [
      [pods, 'but the input contains none'],
      [`${denying}---\nkind: [`, 'neither valid YAML nor JSON'],
      ['apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {}\n', 'no metadata.name'],
    ] as const) {
      const { code, stderr } = await asked(['--snapshot', snapshot, '--with', '-'], text);
      expect(stderr).toContain(message);
      expect(code).toBe(2);
    }
    expect((await asked(['--snapshot', '-', '--with', '-'])).stderr).toContain(
      'Standard input can be read once',
    );
  });
});
