import {
  app,
  apps,
  egressPolicy,
  everyone,
  networkPolicy,
  tcp,
  toBlockExcept,
  toBlocks,
  toDns,
  toPods,
} from './builders-cluster.ts';
import type { Build } from './cluster.ts';

const ANY_IPV4 = '0.0.0.0/0';
const ANY_IPV6 = '::/0';
const METADATA_SERVICE = '169.254.169.254/32';

/** The network policies of the shop, from exact to careless. */
export const SHOP_POLICIES: readonly Build[] = [
  // HTTPS to the whole world, and nothing but HTTPS: package registries are in that world.
  egressPolicy('storefront/web', apps('web', 'search', 'sitemap', 'recommendations'), [
    toDns,
    toBlocks([ANY_IPV4, ANY_IPV6], tcp(443)),
  ]),

  // The model: deny all, then exactly the supplier's blocks, in both families.
  networkPolicy('storefront/catalog-api-default-deny', {
    podSelector: app('catalog-api'),
    policyTypes: ['Ingress', 'Egress'],
  }),
  egressPolicy('storefront/catalog-api', app('catalog-api'), [
    toDns,
    toBlocks(['198.51.100.0/28', '2001:db8:51::/64'], tcp(443)),
  ]),

  // Plain HTTP to every address, the metadata service among them.
  egressPolicy('storefront/image-resizer', app('image-resizer'), [toDns, toBlocks([ANY_IPV4], tcp(80))]),

  // Everything but the metadata service.
  egressPolicy('storefront/cart', app('cart'), [toBlockExcept(ANY_IPV4, METADATA_SERVICE)]),

  // Mail submission.
  egressPolicy('storefront/newsletter', app('newsletter'), [toDns, toBlocks([ANY_IPV4], tcp(587))]),

  // Payments: nothing leaves, but DNS for all and one address for the gateway.
  networkPolicy('payments/default-deny-egress', { podSelector: everyone, policyTypes: ['Egress'] }),
  egressPolicy('payments/allow-dns', everyone, [toDns]),
  egressPolicy('payments/payment-provider', app('payment-gateway'), [
    toBlocks(['203.0.113.10/32'], tcp(443)),
    toPods(app('ledger')),
  ]),

  egressPolicy('checkout/checkout-ui', app('checkout-ui'), [
    toDns,
    { to: [{ namespaceSelector: { matchLabels: { team: 'payments' } } }] },
  ]),

  // Databases talk to themselves and to the backup host in the VPC.
  egressPolicy('data/postgres', app('postgres'), [
    toPods(app('postgres')),
    toDns,
    toBlocks(['10.20.250.10/32'], tcp(443)),
  ]),
  egressPolicy('data/redis', app('redis'), []),

  // Ingress only: it looks like protection and restricts no egress at all.
  networkPolicy('legacy/from-the-edge-only', {
    podSelector: everyone,
    policyTypes: ['Ingress'],
    ingress: [{ from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'edge' } } }] }],
  }),

  egressPolicy('logging/fluent-bit', app('fluent-bit'), [toDns, toBlocks(['10.20.0.0/16'], tcp(443))]),
  // An empty rule allows everything.
  egressPolicy('logging/grafana', app('grafana'), [{}]),

  // IPv4 to anywhere on every port; IPv6 is not named and so denied.
  egressPolicy('edge/oauth2-proxy', app('oauth2-proxy'), [toBlocks([ANY_IPV4])]),

  // FTP control and passive data ports to partners whose addresses change.
  egressPolicy('partners/edi-ftp', app('edi-ftp'), [
    toDns,
    toBlocks([ANY_IPV4], tcp(21), tcp(49_152, 65_535)),
  ]),
  egressPolicy('partners/sftp-bridge', app('sftp-bridge'), [toDns, toBlocks([ANY_IPV4], tcp(22))]),

  // On Fargate, where the VPC CNI enforces no network policy.
  egressPolicy('invoices/default-deny-egress', everyone, [toDns]),
];
