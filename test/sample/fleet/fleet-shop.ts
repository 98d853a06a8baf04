import { bareReplicaSet, deployment } from './builders.ts';
import { cronJob } from './builders-batch.ts';
import { namespace } from './builders-cluster.ts';
import { statefulSet } from './builders-sets.ts';
import type { Build, ClusterDescription } from './cluster.ts';
import {
  configMap,
  emptyDir,
  HARDENED,
  memoryDir,
  mount,
  mountReadOnly,
  NON_ROOT,
  pinned,
} from './containers.ts';
import { ecr } from './fleet-images.ts';
import { days, hours, minutes } from './kubernetes.ts';
import { replicas } from './pod-life.ts';

export const SHOP_CLUSTER: ClusterDescription = {
  name: 'shop-prod',
  accountId: '111122223333',
  region: 'eu-west-1',
  vpc: '10.20',
  version: 'v1.33.5-eks-113cf36',
  pools: [
    { name: 'general', type: 'managed', count: 8, instanceType: 'm7i.xlarge', age: days(28) },
    {
      name: 'data',
      type: 'managed',
      count: 3,
      instanceType: 'r7i.xlarge',
      age: days(95),
      dedicated: true,
    },
    // Nobody dares to drain it.
    {
      name: 'legacy',
      type: 'self-managed',
      count: 1,
      instanceType: 'm5.2xlarge',
      age: days(214),
      dedicated: true,
    },
    {
      name: 'windows',
      type: 'windows',
      count: 1,
      instanceType: 'm6i.xlarge',
      age: days(20),
    },
    { name: 'fargate', type: 'fargate', count: 2, instanceType: '', age: days(5) },
  ],
};

/** What the auditors of others look at first: card payments and the databases. */
export const REGULATED_APPS: readonly Build[] = [
  namespace('payments', {
    team: 'payments',
    pci: 'true',
    'pod-security.kubernetes.io/enforce': 'restricted',
  }),

  // One address of the payment provider, nothing else; a native sidecar speaks TLS.
  deployment('payments/payment-gateway', {
    pods: replicas(6, days(8)),
    security: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    init: [
      {
        name: 'tls-proxy',
        image: pinned('docker.io/envoyproxy/envoy:v1.35.3'),
        security: HARDENED,
        restartPolicy: 'Always',
        mounts: [mountReadOnly('envoy', '/etc/envoy')],
      },
    ],
    containers: [
      {
        name: 'payment-gateway',
        image: pinned(ecr('payment-gateway:11.3.2')),
        security: HARDENED,
        port: 8443,
      },
    ],
    volumes: [configMap('envoy', 'payment-gateway-envoy')],
  }),

  // Root and writable, but it can reach nothing: bad, not critical. Its pods have only just started.
  deployment('payments/ledger', {
    pods: replicas(3, minutes(2)),
    containers: [{ name: 'ledger', image: ecr('ledger:7.1.0'), security: { runAsUser: 0 }, port: 8080 }],
  }),

  // Month-end runs: completed pods much older than any limit, and one at work.
  cronJob('payments/settlement', {
    schedule: '0 2 1 * *',
    runs: [
      [{ age: days(94), state: 'completed' }],
      [{ age: days(63), state: 'completed' }],
      [{ age: hours(1) }],
    ],
    pool: 'data',
    containers: [{ name: 'settlement', image: pinned(ecr('settlement:2.2.0')), security: HARDENED }],
  }),

  namespace('data', { team: 'data-platform' }),

  // Ninety days without a restart: patches of its image never arrived.
  statefulSet('data/postgres', {
    pods: replicas(3, days(90)),
    pool: 'data',
    claims: ['data'],
    security: { fsGroup: 999, runAsNonRoot: true, runAsUser: 999 },
    containers: [
      {
        name: 'postgres',
        image: 'docker.io/library/postgres:16.4',
        memory: '8Gi',
        env: { POSTGRES_PASSWORD: 'sample-value-that-no-report-may-show' },
        mounts: [mount('data', '/var/lib/postgresql/data'), mount('shm', '/dev/shm')],
      },
    ],
    volumes: [memoryDir('shm', '1Gi')],
  }),

  // No tag: whatever the registry calls latest at the next start.
  statefulSet('data/redis', {
    pods: replicas(3, days(24)),
    pool: 'data',
    claims: ['data'],
    containers: [{ name: 'redis', image: 'redis', mounts: [mount('data', '/data')] }],
  }),
];

/** What came with the merger and runs on the node that nobody drains. */
export const LEGACY_APPS: readonly Build[] = [
  namespace('legacy', { team: 'erp', 'pod-security.kubernetes.io/enforce': 'privileged' }),

  // The headline: 200 days old, root, writable, and the whole internet to install from.
  deployment('legacy/erp-monolith', {
    pods: replicas(2, days(200)),
    pool: 'legacy',
    notes: { 'kubernetes.io/change-cause': 'kubectl set image deployment/erp-monolith erp=…:latest' },
    containers: [
      {
        name: 'erp',
        image: 'registry.corp.example:5000/erp/monolith:latest',
        security: { runAsUser: 0 },
        port: 8080,
        memory: '6Gi',
        command: ['/opt/jdk8/bin/java', '-Xmx5g', '-jar', '/opt/erp/erp.war'],
        env: { DB_PASSWORD: 'sample-value-that-no-report-may-show' },
        mounts: [mount('work', '/opt/erp/work')],
      },
    ],
    volumes: [emptyDir('work')],
  }),

  // An old pod whose container was killed for memory this morning: the pod is old, its layer is not.
  deployment('legacy/tomcat-reports', {
    pods: [{ age: days(150), restarted: hours(3) }],
    pool: 'legacy',
    containers: [{ name: 'tomcat', image: 'tomcat:9.0.65', security: NON_ROOT, port: 8080, memory: '2Gi' }],
  }),

  // Somebody looked into it with kubectl debug last week and never left.
  deployment('legacy/ldap-sync', {
    pods: [{ age: days(21), debugged: { image: 'nicolaka/netshoot:v0.13', ago: days(6) } }],
    pool: 'legacy',
    containers: [{ name: 'ldap-sync', image: ecr('ldap-sync:1.0.9'), security: NON_ROOT }],
  }),

  // Applied by hand, with no Deployment that could ever update it.
  bareReplicaSet('legacy/price-import', {
    pods: replicas(2, days(60)),
    pool: 'legacy',
    containers: [{ name: 'price-import', image: 'registry.corp.example:5000/erp/price-import:37' }],
  }),
];
