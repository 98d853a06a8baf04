import { describe, expect, test } from '@jest/globals';
import { CHECK_IDS } from '../../lambda/checks/catalogue.ts';
import { expectations as ofClusters, registryExpectations } from './expectations.ts';
import { containersOf, labelsOf, type Pod, readFleet, workloadOf } from './read-fleet.ts';

const NOW = Date.parse('2026-10-05T08:00:00Z');
const fleet = readFleet(NOW);
const allPods = fleet.flatMap((cluster) => cluster.pods.map((pod) => ({ cluster, pod })));

/** The names of the workloads (`namespace/Kind/name`) that have such a pod. */
function workloadsWith(wanted: (pod: Pod) => boolean): readonly string[] {
  const found = allPods.filter(({ pod }) => wanted(pod)).map(({ cluster, pod }) => workloadOf(cluster, pod));
  return [...new Set(found)].sort();
}
const json = (value: unknown): string => JSON.stringify(value);
const nodeOf = (pod: Pod): string => {
  const nodes = fleet.map((cluster) => cluster.byPath.get(`/Node/${pod.spec.nodeName}`));
  return json(nodes.find((node) => node !== undefined));
};

describe('the story has', () => {
  const SCENES: readonly (readonly [
    scene: string,
    wanted: (pod: Pod) => boolean,
    workloads: readonly string[],
  ])[] = [
    [
      'a native sidecar',
      (pod) => pod.spec.initContainers?.some((container) => container.restartPolicy === 'Always') ?? false,
      ['loyalty/Deployment/points-api', 'payments/Deployment/payment-gateway'],
    ],
    [
      'an ephemeral debug container',
      (pod) => pod.spec.ephemeralContainers !== undefined && 'ephemeralContainerStatuses' in pod.status,
      ['legacy/Deployment/ldap-sync'],
    ],
    [
      'a static pod seen through its mirror',
      (pod) => json(pod.metadata['annotations'] ?? {}).includes('kubernetes.io/config.mirror'),
      ['kube-system/Pod/haproxy-ip-10-20-2-100.eu-west-1.compute.internal'],
    ],
    [
      'a Windows workload',
      (pod) => nodeOf(pod).includes('"kubernetes.io/os":"windows"'),
      ['intranet/Deployment/iis-portal'],
    ],
    [
      'a Fargate workload',
      (pod) => nodeOf(pod).includes('"eks.amazonaws.com/compute-type":"fargate"'),
      ['invoices/Deployment/invoice-renderer'],
    ],
    ['a terminating pod', (pod) => 'deletionTimestamp' in pod.metadata, ['storefront/Deployment/cart']],
    [
      'completed pods',
      (pod) => pod.status.phase === 'Succeeded',
      ['etl/CronJob/dbt-nightly', 'payments/CronJob/settlement', 'storefront/CronJob/sitemap'],
    ],
    [
      'failed pods',
      (pod) => pod.status.phase === 'Failed',
      ['etl/CronJob/dbt-nightly', 'storefront/CronJob/sitemap'],
    ],
    [
      'a container that waits after crashes',
      (pod) => json(pod.status).includes('CrashLoopBackOff'),
      ['storefront/Deployment/newsletter'],
    ],
    [
      'a pod whose node has its clock ahead',
      (pod) => Date.parse(pod.status.startTime) > NOW,
      ['logging/Deployment/grafana'],
    ],
    [
      'a Rollout of Argo',
      (pod) => 'rollouts-pod-template-hash' in labelsOf(pod),
      ['checkout/Rollout/checkout-ui'],
    ],
    [
      'an image without registry, tag and digest',
      (pod) => containersOf(pod).some((container) => /^[a-z]+$/.test(container.image)),
      ['data/StatefulSet/redis'],
    ],
    [
      'a registry with a port',
      (pod) => containersOf(pod).some((container) => /^[^/]+:\d+\//.test(container.image)),
      ['legacy/Deployment/erp-monolith', 'legacy/ReplicaSet/price-import'],
    ],
    [
      'an image with tag and digest',
      (pod) => pod.spec.containers.some((container) => /:[^/@]+@sha256:/.test(container.image)),
      [
        'bi/Deployment/report-mailer',
        'edge/Deployment/ingress-nginx-controller',
        'airflow/Deployment/airflow-scheduler',
        'logging/DaemonSet/node-exporter',
        'loyalty/Deployment/mailings',
        'loyalty/Deployment/points-api',
        'payments/CronJob/settlement',
        'payments/Deployment/payment-gateway',
        'storefront/Deployment/recommendations',
        'streaming/StrimziPodSet/events-kafka',
      ].sort(),
    ],
    [
      'text that is harmless only where it is escaped',
      (pod) => /=HYPERLINK|<script>|\\u001b/.test(json(pod)),
      ['playground/Deployment/templating-accident', 'playground/Pod/pentest-leftover'],
    ],
    [
      'secrets in the environment, which no output may show',
      (pod) => json(pod.spec).includes('sample-value-that-no-report-may-show'),
      ['data/StatefulSet/postgres', 'legacy/Deployment/erp-monolith'],
    ],
  ];

  test.each(SCENES)('the story has %s', (_, wanted, workloads) => {
    expect(workloadsWith(wanted)).toEqual(workloads);
  });

  test('the sample has a rolling update under way, with pods of two ReplicaSets', () => {
    const hashes = allPods
      .filter(({ pod }) => labelsOf(pod)['app'] === 'web')
      .map(({ pod }) => labelsOf(pod)['pod-template-hash']);
    expect(new Set(hashes).size).toBe(2);
  });

  test('the sample has policies of every kind in the shop, and policies that may not be read in analytics', () => {
    const policies = fleet.map((cluster) =>
      json(cluster.objects.filter(({ kind }) => kind === 'NetworkPolicy')),
    );
    const [shop = '', analytics = ''] = policies;
    for (const part of [
      '"endPort":65535',
      '"2001:db8:51::/64"',
      '"::/0"',
      '"169.254.169.254/32"',
      '"egress":[{}]',
      '"egress":[]',
      '["Ingress"]',
    ]) {
      expect(shop).toContain(part);
    }
    expect(analytics).toContain('default-deny-egress');
    expect(fleet.map((cluster) => cluster.denied)).toEqual([[], ['networkpolicies']]);
  });
});

describe('the expectations', () => {
  const expectations = [...ofClusters, ...registryExpectations];
  /** Of a check that no row names its own examples have the verdicts. */
  const CHECKS = [...new Set(expectations.map(({ check }) => check))];

  test('expectations cover most of the checks', () => {
    expect(CHECKS.length).toBeGreaterThan(0.8 * CHECK_IDS.length);
  });

  test.each(CHECKS)('%s has a workload made to fail and one made to pass', (check) => {
    const verdicts = expectations.filter((row) => row.check === check).map((row) => row.verdict);
    expect(verdicts).toContain('fail');
    expect(verdicts).toContain('pass');
  });

  test('expectations name only checks, workloads and containers that exist, each once', () => {
    const containers = new Map<string, Set<string>>();
    for (const { cluster, pod } of allPods) {
      const key = `${cluster.name}/${workloadOf(cluster, pod)}`;
      const names = containers.get(key) ?? new Set();
      for (const container of containersOf(pod)) names.add(container.name);
      containers.set(key, names);
    }
    for (const { name: cluster, objects } of fleet) {
      for (const { kind, metadata } of objects.filter((one) => one.kind === 'ServiceEntry')) {
        containers.set(`${cluster}/${metadata.namespace}/${kind}/${metadata.name}`, new Set());
      }
    }
    for (const row of expectations) {
      const found = containers.get(`${row.cluster}/${row.namespace}/${row.workload}`);
      expect({ row, found: found !== undefined }).toEqual({ row, found: true });
      if (row.container !== undefined) expect([...(found ?? [])]).toContain(row.container);
      expect(CHECK_IDS).toContain(row.check);
    }
    const keys = expectations.map((row) => JSON.stringify({ ...row, verdict: '' }));
    expect(new Set(keys).size).toBe(keys.length);
    expect(containers.size).toBeGreaterThanOrEqual(40);
  });
});
