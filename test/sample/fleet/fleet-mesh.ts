import { deployment } from './builders.ts';
import { app, egressPolicy, namespace, tcp, toBlocks, toDns } from './builders-cluster.ts';
import type { Build } from './cluster.ts';
import { type ContainerDescription, HARDENED, pinned } from './containers.ts';
import { apiObject, parseRef } from './controllers.ts';
import { ecr } from './fleet-images.ts';
import { days, type Json } from './kubernetes.ts';
import { replicas } from './pod-life.ts';

const istio =
  (kind: 'Sidecar' | 'ServiceEntry') =>
  (ref: string, spec: Json): Build =>
  (cluster) => [
    apiObject(cluster, {
      apiVersion: 'networking.istio.io/v1',
      kind,
      ...parseRef(ref),
      createdAt: cluster.now - days(60),
      spec,
    }),
  ];
const sidecar = istio('Sidecar');
const serviceEntry = istio('ServiceEntry');

const PROXY: ContainerDescription = {
  name: 'istio-proxy',
  image: pinned('docker.io/istio/proxyv2:1.28.0'),
  security: HARDENED,
  args: ['proxy', 'sidecar', '--domain', '$(POD_NAMESPACE).svc.cluster.local'],
};

const INJECTED = { 'sidecar.istio.io/status': '{"containers":["istio-proxy"],"revision":"default"}' };

/** The one team with a service mesh: half of it as it should be, half of it around it. */
export const SHOP_MESH: readonly Build[] = [
  namespace('loyalty', { team: 'loyalty', 'istio-injection': 'enabled' }),
  sidecar('loyalty/default', { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } }),

  // A native sidecar, one declared partner, and a policy that says the same.
  deployment('loyalty/points-api', {
    pods: replicas(3, days(9)),
    annotations: INJECTED,
    init: [{ ...PROXY, restartPolicy: 'Always' }],
    containers: [
      { name: 'points-api', image: pinned(ecr('points-api:2.9.0')), security: HARDENED, port: 8080 },
    ],
  }),
  egressPolicy('loyalty/points-api', app('points-api'), [toDns, toBlocks(['203.0.113.64/28'], tcp(443))]),
  serviceEntry('loyalty/partner-api', {
    hosts: ['points.partner.example'],
    addresses: ['203.0.113.66'],
    ports: [{ number: 443, name: 'tls', protocol: 'TLS' }],
    location: 'MESH_EXTERNAL',
    resolution: 'STATIC',
    endpoints: [{ address: '203.0.113.66' }],
    exportTo: ['.'],
  }),

  // Its own Sidecar lets everything pass, and mail does not even go through it.
  deployment('loyalty/mailings', {
    pods: replicas(2, days(12)),
    annotations: { ...INJECTED, 'traffic.sidecar.istio.io/excludeOutboundPorts': '587' },
    containers: [{ name: 'mailings', image: ecr('mailings:1.3.0'), security: HARDENED }, PROXY],
  }),
  sidecar('loyalty/mailings', {
    workloadSelector: { labels: { app: 'mailings' } },
    outboundTrafficPolicy: { mode: 'ALLOW_ANY' },
  }),

  // Storage of anybody at all, not only the team's own.
  serviceEntry('loyalty/cloud-storage', {
    hosts: ['*.storage.example'],
    ports: [{ number: 443, name: 'tls', protocol: 'TLS' }],
    location: 'MESH_EXTERNAL',
    resolution: 'NONE',
  }),
  // Its endpoints were removed with the old coupon system.
  serviceEntry('loyalty/coupons', {
    hosts: ['coupons.partner.example'],
    ports: [{ number: 443, name: 'tls', protocol: 'TLS' }],
    location: 'MESH_EXTERNAL',
    resolution: 'STATIC',
  }),
];
