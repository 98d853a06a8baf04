import { FARGATE_NODE, LINUX_NODE, SECOND_LINUX_NODE, WINDOWS_NODE } from './nodes.ts';
import { careless, digest, hardened, pod } from './pods.ts';
import type { Seeded } from './seeded.ts';
import { cronJob, deployment, job, rollout, statefulSet } from './workloads.ts';

const REGISTRY = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
const DAY = 24;

/** What teams run: old and young, careless and hardened, finished and stuck. */
export function applications(now: Date): readonly Seeded[] {
  return [...shop(now), ...payments(now), ...legacy(now), ...batch(now), ...serverless(now), ...mesh(now)];
}

function shop(now: Date): readonly Seeded[] {
  const web = careless('web', `${REGISTRY}/frontend:1.4.2`, {
    ports: [{ name: 'https', containerPort: 8443 }],
    volumeMounts: [{ name: 'cache', mountPath: '/cache' }],
  });
  return [
    deployment(
      {
        namespace: 'shop',
        name: 'frontend',
        annotations: { 'example.com/note': '=HYPERLINK("https://example.com") <img src=x onerror=alert(1)>' },
        spec: { containers: [web], volumes: [{ name: 'cache', emptyDir: {} }] },
        pods: [
          { name: 'frontend-7d4b9c6f5d-aaaaa', node: LINUX_NODE, ageHours: 45 * DAY },
          {
            name: 'frontend-7d4b9c6f5d-bbbbb',
            node: SECOND_LINUX_NODE,
            ageHours: 45 * DAY,
            restarted: { web: 2 },
          },
          { name: 'frontend-7d4b9c6f5d-ccccc', node: LINUX_NODE, ageHours: 2 },
        ],
      },
      now,
    ),
    deployment(
      {
        namespace: 'shop',
        name: 'cart',
        spec: {
          securityContext: { runAsNonRoot: true },
          initContainers: [careless('migrate', `${REGISTRY}/cart-migrations:latest`)],
          containers: [hardened('cart', `${REGISTRY}/cart@sha256:${digest('cart')}`)],
          volumes: [
            { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
            { name: 'shm', emptyDir: { medium: 'Memory' } },
          ],
        },
        pods: [{ name: 'cart-7d4b9c6f5d-ddddd', node: LINUX_NODE, ageHours: 3 * DAY }],
      },
      now,
    ),
    rollout(
      {
        namespace: 'shop',
        name: 'search',
        spec: { containers: [careless('search', `${REGISTRY}/search`)] },
        pods: [
          { name: 'search-7d4b9c6f5d-eeeee', node: SECOND_LINUX_NODE, ageHours: 10 * DAY },
          { name: 'search-7d4b9c6f5d-fffff', ageHours: 0, phase: 'Pending' },
        ],
      },
      now,
    ),
  ];
}

function payments(now: Date): readonly Seeded[] {
  const spec = { containers: [hardened('ledger', `${REGISTRY}/ledger:2.0.0`)] };
  return [
    statefulSet(
      {
        namespace: 'payments',
        name: 'ledger',
        spec,
        pods: [
          { name: 'ledger-0', node: LINUX_NODE, ageHours: 20 * DAY },
          { name: 'ledger-1', node: SECOND_LINUX_NODE, ageHours: 20 * DAY },
        ],
      },
      now,
    ),
    // The model: nothing to find, nothing left open.
    deployment(
      {
        namespace: 'payments',
        name: 'tokenizer',
        spec: {
          initContainers: [hardened('schema', `${REGISTRY}/schema@sha256:${digest('schema')}`)],
          containers: [hardened('tokenizer', `${REGISTRY}/tokenizer@sha256:${digest('tokenizer')}`)],
          volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '64Mi' } }],
        },
        pods: [{ name: 'tokenizer-7d4b9c6f5d-sssss', node: SECOND_LINUX_NODE, ageHours: 2 * DAY }],
      },
      now,
    ),
    cronJob(
      {
        namespace: 'payments',
        name: 'reconcile',
        spec: { containers: [hardened('reconcile', `${REGISTRY}/reconcile:2.0.0`)] },
        pods: [
          { name: 'reconcile-29380500-ggggg', node: LINUX_NODE, ageHours: 60 * DAY, phase: 'Succeeded' },
        ],
      },
      now,
    ),
  ];
}

/** Nobody's children: pods without a controller. */
function legacy(now: Date): readonly Seeded[] {
  return [
    pod(
      {
        namespace: 'legacy',
        name: 'erp',
        node: LINUX_NODE,
        labels: { app: 'erp' },
        ageHours: 400 * DAY,
        restarted: { erp: 90 * DAY },
        spec: {
          containers: [
            careless('erp', 'vendor.example.com:5000/erp:latest', { securityContext: { privileged: true } }),
          ],
        },
        debugContainer: careless('debugger-x1', 'busybox:1.37', { targetContainerName: 'erp' }),
      },
      now,
    ),
    pod(
      {
        namespace: 'legacy',
        name: 'reports-iis',
        node: WINDOWS_NODE,
        labels: { app: 'reports-iis' },
        ageHours: 31 * DAY,
        spec: {
          os: { name: 'windows' },
          nodeSelector: { 'kubernetes.io/os': 'windows' },
          containers: [
            careless('iis', 'mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022'),
          ],
        },
      },
      now,
    ),
    pod(
      {
        namespace: 'legacy',
        // Only its node says that it runs on Windows.
        name: 'print-server',
        node: WINDOWS_NODE,
        labels: { app: 'print-server' },
        ageHours: 2 * DAY,
        spec: {
          containers: [hardened('spooler', `mcr.microsoft.com/print@sha256:${digest('print')}`)],
        },
      },
      now,
    ),
    pod(
      {
        namespace: 'legacy',
        name: 'ahead-of-time',
        node: SECOND_LINUX_NODE,
        labels: { app: 'ahead-of-time' },
        // Its node's clock is ahead of everybody else's.
        ageHours: -1,
        spec: { containers: [careless('app', 'nginx:1.29')] },
      },
      now,
    ),
    pod(
      {
        namespace: 'legacy',
        name: 'stuck',
        node: SECOND_LINUX_NODE,
        labels: { app: 'stuck' },
        ageHours: 50 * DAY,
        terminating: true,
        spec: { containers: [careless('stuck', 'nginx')] },
      },
      now,
    ),
  ];
}

function batch(now: Date): readonly Seeded[] {
  const spec = { containers: [careless('import', `${REGISTRY}/import:7`)] };
  return [
    job(
      {
        namespace: 'batch',
        name: 'import',
        spec,
        pods: [
          { name: 'import-hhhhh', node: LINUX_NODE, ageHours: 40 * DAY, phase: 'Failed' },
          { name: 'import-jjjjj', node: LINUX_NODE, ageHours: 33 * DAY },
        ],
      },
      now,
    ),
  ];
}

function serverless(now: Date): readonly Seeded[] {
  return [
    deployment(
      {
        namespace: 'serverless',
        name: 'checkout',
        labels: { 'eks.amazonaws.com/fargate-profile': 'serverless' },
        spec: { containers: [careless('checkout', `${REGISTRY}/checkout:3.1`)] },
        pods: [{ name: 'checkout-7d4b9c6f5d-kkkkk', node: FARGATE_NODE, ageHours: 35 * DAY }],
      },
      now,
    ),
  ];
}

/** A sidecar of either form: as a container, and native as an init container that stays. */
function mesh(now: Date): readonly Seeded[] {
  const proxy = hardened('istio-proxy', 'docker.io/istio/proxyv2:1.28.0');
  return [
    deployment(
      {
        namespace: 'mesh',
        name: 'catalog',
        annotations: { 'sidecar.istio.io/status': '{"containers":["istio-proxy"]}' },
        spec: { containers: [careless('catalog', `${REGISTRY}/catalog:5`), proxy] },
        pods: [{ name: 'catalog-7d4b9c6f5d-lllll', node: LINUX_NODE, ageHours: 8 * DAY }],
      },
      now,
    ),
    deployment(
      {
        namespace: 'mesh',
        name: 'pricing',
        annotations: {
          'sidecar.istio.io/status': '{"initContainers":["istio-init","istio-proxy"]}',
          'traffic.sidecar.istio.io/excludeOutboundPorts': '22',
        },
        spec: {
          initContainers: [
            careless('istio-init', 'docker.io/istio/proxyv2:1.28.0'),
            { ...proxy, restartPolicy: 'Always' },
          ],
          containers: [hardened('pricing', `${REGISTRY}/pricing:5`)],
        },
        pods: [{ name: 'pricing-7d4b9c6f5d-mmmmm', node: SECOND_LINUX_NODE, ageHours: 32 * DAY }],
      },
      now,
    ),
  ];
}
