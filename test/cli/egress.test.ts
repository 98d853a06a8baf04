import { describe, expect, test } from '@jest/globals';
import type { WorkloadDestination } from '../../lambda/questions/destination.ts';
import { type Ran, run } from './run.ts';
import { scratchFiles } from './scratch.ts';

const NOW = '2026-11-21T12:00:00Z';
const file = scratchFiles();

const egress = (...argv: readonly string[]) => run(['egress', '--now', NOW, ...argv]);
/** The sample answers the same every time, so each question is asked once. */
const asked = new Map<string, Promise<Ran>>();
function sample(...argv: readonly string[]): Promise<Ran> {
  const key = argv.join(' ');
  const answer = asked.get(key) ?? egress('--sample', ...argv);
  asked.set(key, answer);
  return answer;
}

describe('which workloads', () => {
  test('a kind distinguishes workloads with the same name', async () => {
    const named = async (which: string): Promise<readonly string[]> => {
      const { stdout } = await sample(which, '-o', 'json');
      return JSON.parse(stdout).map((row: { kind: string; name: string }) => `${row.kind}/${row.name}`);
    };
    expect(await named('payments/ledger')).toEqual(['Deployment/ledger']);
    expect(await named('payments/Deployment/ledger')).toEqual(['Deployment/ledger']);
    expect((await named('payments/')).length).toBe(3);
  });

  test.each(['payments', '/ledger', 'payments//ledger', 'payments/Deployment/', 'a/b/c/d'])(
    'the argument %s names no workload',
    async (which) => {
      const { code, stderr } = await sample(which);
      expect(code).toBe(2);
      expect(stderr).toContain('write NAMESPACE/NAME');
    },
  );

  test('the egress of a template has a note with the security groups that its pods will get', async () => {
    const path = file(
      'groups.yaml',
      `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: "web:1" }] }
---
apiVersion: vpcresources.k8s.aws/v1beta1
kind: SecurityGroupPolicy
metadata: { name: web, namespace: shop }
spec: { podSelector: { matchLabels: { app: web } }, securityGroups: { groupIds: [sg-1] } }
`,
    );
    const { stdout, code } = await egress('--snapshot', path, '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject([
      {
        declared: { external: [{}, {}] },
        routable: { unknown: expect.stringContaining('has no data about the VPC') },
        notes: expect.arrayContaining([
          expect.stringMatching(/get the security groups sg-1 of SecurityGroupPolicy shop\/web/),
        ]),
        policies: [],
      },
    ]);
    expect(code).toBe(0);
  });

  test('a workload that does not exist is an error', async () => {
    // Where all was read; in the sample one cluster keeps its policies to itself.
    const pods = file('pods.json', JSON.stringify({ apiVersion: 'v1', kind: 'PodList', items: [] }));
    const { code, stderr } = await egress('payments/nobody', '--snapshot', pods);
    expect(code).toBe(2);
    expect(stderr).toContain('No workload payments/nobody was read');
  });

  test('a workload that does not exist is an error also where policies could not be read', async () => {
    expect(await sample('payments/nobody')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('No workload payments/nobody was read'),
    });
  });
});

describe('a listing of which something is not known', () => {
  const withPod = (egress: readonly object[]) => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace: 'shop', uid: 'p', labels: { app: 'web' } },
      spec: { nodeName: 'a', containers: [{ name: 'app', image: 'a:1' }] },
      status: { phase: 'Running', startTime: '2026-11-20T00:00:00Z' },
    };
    const policy = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'web', namespace: 'shop', uid: 'n' },
      spec: { podSelector: {}, policyTypes: ['Egress'], egress },
    };
    const node = {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'a', uid: 'a' },
      status: { addresses: [{ type: 'InternalIP', address: '10.0.0.5' }] },
    };
    const items = [pod, policy, node];
    return file('dump.json', JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  };

  test('exits with 3 where it is not known whether the policies are enforced', async () => {
    const dump = withPod([]);
    const flags = ['shop/', '--complete', '--snapshot', dump];
    const { code, stdout } = await egress(...flags, '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject([
      { declared: { external: [] }, effective: { basis: 'unknown' } },
    ]);
    expect(code).toBe(3);
    expect((await egress(...flags, '--allow-incomplete')).code).toBe(0);
  });

  test('exits with 0 where every possibility is the same', async () => {
    const { code } = await egress('shop/', '--complete', '--snapshot', withPod([{}]));
    expect(code).toBe(0);
  });

  test('a file that cannot be read is never accepted', async () => {
    const broken = file('broken.yaml', 'kind: [');
    const flags = ['--complete', '--allow-incomplete', '--snapshot', withPod([{}]), '--snapshot', broken];
    for (const question of [[], ['--to', '8.8.8.8:443']]) {
      expect((await egress(...flags, ...question)).code).toBe(3);
    }
  });
});

describe('one question at a time', () => {
  test('two egress questions at a time are an error', async () => {
    const { code, stderr } = await sample('--to', '8.8.8.8:443', '--explain');
    expect(code).toBe(2);
    expect(stderr).toContain('choose between --explain and --to');
  });
});

describe('egress --to', () => {
  const one = async (to: string, which: string): Promise<WorkloadDestination | undefined> => {
    const rows = JSON.parse(
      (await sample('--to', to, '-o', 'json')).stdout,
    ) as readonly WorkloadDestination[];
    return rows.find(({ namespace, name }) => `${namespace}/${name}` === which);
  };

  test('egress --to lists which workloads can, cannot, or may reach the destination, each with the rule', async () => {
    expect(await one('8.8.8.8:443', 'storefront/web')).toMatchObject({
      to: '8.8.8.8 on TCP 443',
      verdict: 'can',
      declared: 'all',
      because: ['NetworkPolicy storefront/web: spec.egress[1]'],
    });
    expect(await one('8.8.8.8:443', 'payments/ledger')).toMatchObject({
      declared: 'none',
      because: [
        'NetworkPolicy payments/allow-dns: no rule allows it',
        'NetworkPolicy payments/default-deny-egress: no rule allows it',
      ],
    });
    expect(await one('8.8.8.8:443', 'airflow/airflow-worker')).toMatchObject({
      verdict: 'unknown',
      because: [expect.stringContaining('may not list networkpolicies')],
    });
  });

  test('a workload whose policies are not enforced can reach the destination', async () => {
    const row = await one('8.8.8.8:443', 'invoices/invoice-renderer');
    expect(row).toMatchObject({ verdict: 'can', declared: 'none', enforced: 'all' });
    expect(row?.because.at(-1)).toContain('Fargate');
  });

  test('no workload is called closed if it is not known that policies have an effect on it', async () => {
    const closed = `
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop }
spec: { containers: [{ name: web, image: "web:1" }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: deny, namespace: shop }
spec: { podSelector: {}, policyTypes: [Egress] }
`;
    const path = file('closed.yaml', closed);
    const { stdout, code } = await egress('--snapshot', path, '--to', '8.8.8.8:443', '-o', 'json');
    expect(JSON.parse(stdout)).toMatchObject([
      {
        verdict: 'unknown',
        declared: 'none',
        enforced: 'unknown',
        because: ['NetworkPolicy shop/deny: no rule allows it', expect.stringContaining('not known')],
      },
    ]);
    expect(code).toBe(3);
  });

  test('a CIDR block may be reachable in part, and a DNS name is possibly reachable', async () => {
    expect(await one('203.0.113.0/24:443', 'payments/payment-gateway')).toMatchObject({
      verdict: 'can',
      declared: 'part',
      external: [{ from: '203.0.113.10', to: '203.0.113.10' }],
    });
    expect(await one('api.stripe.com:443', 'payments/payment-gateway')).toMatchObject({
      verdict: 'perhaps',
      declared: 'perhaps',
      external: [],
    });
    expect(await one('api.stripe.com:443', 'legacy/erp-monolith')).toMatchObject({ verdict: 'can' });
  });

  test('the answer groups workloads by the rules that decide, and exits 3 while something is unknown', async () => {
    const { stdout, code } = await sample('--to', '8.8.8.8:443');
    expect(code).toBe(3);
    expect((await sample('--to', '8.8.8.8:443', '--allow-incomplete')).code).toBe(0);
    expect(stdout).toContain('CAN REACH IT: 8.8.8.8 on TCP 443  shop-prod');
    expect(stdout).toMatch(
      /storefront\/Deployment\/search .*\n {2}storefront\/Deployment\/web .*\n {4}→ NetworkPolicy storefront\/web: spec\.egress\[1\]/,
    );
    // What could not be read is said once.
    expect(stdout.match(/may not list/g)).toHaveLength(1);
  });

  test('an invalid destination is an error', async () => {
    const { code, stderr } = await sample('--to', '8.8.8.8:https');
    expect(code).toBe(2);
    expect(stderr).toContain('--to takes a destination such as 8.8.8.8:443');
  });
});
