import { deployment, rollout } from './builders.ts';
import { cronJob } from './builders-batch.ts';
import { namespace } from './builders-cluster.ts';
import type { Build } from './cluster.ts';
import { emptyDir, HARDENED, memoryDir, mount, mountReadOnly, NON_ROOT, pinned } from './containers.ts';
import { ecr } from './fleet-images.ts';
import { days, hours, minutes } from './kubernetes.ts';
import { replicas } from './pod-life.ts';

const scratch = { mounts: [mount('tmp', '/tmp')] };
const boundedScratch = { volumes: [emptyDir('tmp', '64Mi')] };

/** The teams that rebuild often, with their smaller and larger slips. */
export const STOREFRONT: readonly Build[] = [
  namespace('storefront', { team: 'storefront', 'pod-security.kubernetes.io/enforce': 'baseline' }),

  // A rolling update under way: read-only and non-root, but HTTPS to the whole world.
  deployment('storefront/web', {
    pods: replicas(28, minutes(9)),
    previous: {
      pods: replicas(8, days(12)),
      containers: [{ name: 'web', image: ecr('web:2026.9.3'), security: HARDENED, port: 8080, ...scratch }],
    },
    containers: [{ name: 'web', image: ecr('web:2026.10.1'), security: HARDENED, port: 8080, ...scratch }],
    ...boundedScratch,
  }),

  // The model: everything that the audit asks for.
  deployment('storefront/catalog-api', {
    pods: replicas(10, days(6)),
    role: 'shop-catalog-read',
    security: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      { name: 'catalog-api', image: pinned(ecr('catalog-api')), security: HARDENED, port: 8080, ...scratch },
    ],
    ...boundedScratch,
  }),

  // Non-root by the pod, but one container takes root back, and it may write: library updates at run time.
  deployment('storefront/search', {
    pods: replicas(4, days(17)),
    security: { runAsNonRoot: true, runAsUser: 1000 },
    containers: [
      {
        name: 'search',
        image: ecr('search:8.2.0'),
        security: { readOnlyRootFilesystem: true },
        port: 9200,
        memory: '2Gi',
      },
      {
        name: 'indexer',
        image: ecr('search-indexer:8.2.0'),
        security: { runAsNonRoot: false, runAsUser: 0 },
      },
    ],
  }),

  // HTTP to the world, so the instance metadata service too.
  deployment('storefront/image-resizer', {
    pods: replicas(3, days(9)),
    containers: [
      {
        name: 'image-resizer',
        image: 'ghcr.io/shop-example/image-resizer:1.9.4',
        security: HARDENED,
        port: 8080,
        mounts: [mount('cache', '/var/cache/images')],
      },
    ],
    volumes: [emptyDir('cache')],
  }),

  // The init container that fetches the model may write; the container that serves it may not.
  deployment('storefront/recommendations', {
    pods: replicas(4, days(3)),
    role: 'shop-recommendations',
    init: [
      {
        name: 'download-model',
        image: 'public.ecr.aws/aws-cli/aws-cli:2.31.2',
        security: NON_ROOT,
        command: ['aws', 's3', 'sync', 's3://shop-models/recommendations', '/models'],
        mounts: [mount('models', '/models')],
      },
    ],
    containers: [
      {
        name: 'recommendations',
        image: pinned(ecr('recommendations:3.14.0')),
        security: HARDENED,
        port: 8080,
        mounts: [mountReadOnly('models', '/models')],
      },
    ],
    volumes: [memoryDir('models')],
  }),

  // Everything but the metadata service, one pod just being scaled away.
  deployment('storefront/cart', {
    pods: [...replicas(6, days(4)), { age: days(4), state: 'terminating' }],
    containers: [{ name: 'cart', image: ecr('cart:5.0.1'), security: HARDENED, port: 8080, ...scratch }],
    ...boundedScratch,
  }),

  // A bad release that crashes at every start; mail submission is its only way out.
  deployment('storefront/newsletter', {
    pods: [{ age: days(2), state: 'crash-loop' }, ...replicas(1, days(11))],
    containers: [{ name: 'newsletter', image: ecr('newsletter:0.8.0-rc.2'), security: NON_ROOT }],
  }),

  // Finished runs stay for their logs; they are not old pods.
  cronJob('storefront/sitemap', {
    schedule: '15 3 * * *',
    runs: [
      [{ age: hours(7), state: 'completed' }],
      [{ age: hours(31), state: 'completed' }],
      [
        { age: hours(55), state: 'failed' },
        { age: hours(54), state: 'evicted' },
        { age: hours(53), state: 'completed' },
      ],
    ],
    containers: [{ name: 'sitemap', image: ecr('sitemap:1.4.0'), security: NON_ROOT }],
  }),

  namespace('checkout', { team: 'checkout' }),

  // A canary of Argo Rollouts at 20 %.
  rollout('checkout/checkout-ui', {
    pods: replicas(2, minutes(25)),
    previous: { pods: replicas(8, days(10)) },
    containers: [{ name: 'checkout-ui', image: ecr('checkout-ui:4.7.0'), security: HARDENED, port: 3000 }],
  }),
];
