/**
 * What an audit of the sample fleet with the default configuration must say.
 *
 * `pass` means: neither a finding nor a "not evaluated" for that workload (and container, where given).
 * `not-evaluated` means that the check must say so, and must not stay silent.
 */
export interface Expectation {
  readonly cluster: string;
  readonly namespace: string;
  /** `Kind/name` of the top controller, or of the object that the check is about. */
  readonly workload: string;
  /** The one container that the verdict is about; absent: the workload as a whole. */
  readonly container?: string;
  readonly check: string;
  readonly verdict: 'fail' | 'pass' | 'not-evaluated';
}

type Row = readonly [workload: string, check: string, verdict: Expectation['verdict'], container?: string];

/** The workloads are written `namespace/Kind/name`. */
const SHOP: readonly Row[] = [
  // The headline.
  ['legacy/Deployment/erp-monolith', 'runtime-library-update', 'fail', 'erp'],
  ['legacy/Deployment/erp-monolith', 'pod-too-old', 'fail'],
  ['legacy/Deployment/erp-monolith', 'container-too-old', 'fail', 'erp'],
  ['legacy/Deployment/erp-monolith', 'writable-root-filesystem', 'fail', 'erp'],
  ['legacy/Deployment/erp-monolith', 'unbounded-empty-dir', 'fail'],
  ['legacy/Deployment/erp-monolith', 'image-tag-mutable', 'fail', 'erp'],
  // A policy of type Ingress restricts no egress.
  ['legacy/Deployment/erp-monolith', 'egress-unrestricted', 'fail'],
  ['legacy/Deployment/erp-monolith', 'egress-insecure-port', 'fail'],
  ['legacy/Deployment/erp-monolith', 'egress-package-registry', 'fail'],
  ['legacy/Deployment/erp-monolith', 'egress-instance-metadata', 'fail'],
  ['legacy/Deployment/erp-monolith', 'egress-host-network', 'pass'],
  ['legacy/Deployment/erp-monolith', 'debug-container-attached', 'pass'],
  ['legacy/Deployment/erp-monolith', 'writable-host-path', 'pass'],

  // The model passes everything; only its supplier has not been approved, since by default nothing is.
  ['storefront/Deployment/catalog-api', 'pod-too-old', 'pass'],
  ['storefront/Deployment/catalog-api', 'container-too-old', 'pass', 'catalog-api'],
  ['storefront/Deployment/catalog-api', 'writable-root-filesystem', 'pass', 'catalog-api'],
  ['storefront/Deployment/catalog-api', 'writable-host-path', 'pass'],
  ['storefront/Deployment/catalog-api', 'unbounded-empty-dir', 'pass'],
  ['storefront/Deployment/catalog-api', 'debug-container-attached', 'pass'],
  ['storefront/Deployment/catalog-api', 'image-tag-mutable', 'pass', 'catalog-api'],
  ['storefront/Deployment/catalog-api', 'egress-unrestricted', 'pass'],
  ['storefront/Deployment/catalog-api', 'egress-insecure-port', 'pass'],
  ['storefront/Deployment/catalog-api', 'egress-package-registry', 'pass'],
  ['storefront/Deployment/catalog-api', 'egress-unapproved', 'fail'],
  ['storefront/Deployment/catalog-api', 'egress-instance-metadata', 'pass'],
  ['storefront/Deployment/catalog-api', 'egress-host-network', 'pass'],
  ['storefront/Deployment/catalog-api', 'runtime-library-update', 'pass'],

  // Age.
  ['data/StatefulSet/postgres', 'pod-too-old', 'fail'],
  ['data/StatefulSet/postgres', 'container-too-old', 'fail', 'postgres'],
  ['legacy/ReplicaSet/price-import', 'pod-too-old', 'fail'],
  ['legacy/Deployment/tomcat-reports', 'pod-too-old', 'fail'],
  ['legacy/Deployment/tomcat-reports', 'container-too-old', 'pass', 'tomcat'],
  ['kube-system/Pod/haproxy-ip-10-20-2-100.eu-west-1.compute.internal', 'pod-too-old', 'fail'],
  ['payments/CronJob/settlement', 'pod-too-old', 'pass'],
  ['storefront/CronJob/sitemap', 'pod-too-old', 'pass'],
  ['logging/Deployment/grafana', 'pod-too-old', 'pass'],
  ['logging/Deployment/grafana', 'container-too-old', 'pass', 'grafana'],
  ['checkout/Rollout/checkout-ui', 'pod-too-old', 'pass'],
  ['storefront/Deployment/newsletter', 'pod-too-old', 'pass'],

  // Writable layer.
  ['storefront/Deployment/recommendations', 'writable-root-filesystem', 'fail', 'download-model'],
  ['storefront/Deployment/recommendations', 'writable-root-filesystem', 'pass', 'recommendations'],
  ['storefront/Deployment/recommendations', 'unbounded-empty-dir', 'pass'],
  ['storefront/Deployment/recommendations', 'image-tag-mutable', 'pass', 'recommendations'],
  ['storefront/Deployment/search', 'writable-root-filesystem', 'fail', 'indexer'],
  ['storefront/Deployment/search', 'writable-root-filesystem', 'pass', 'search'],
  ['payments/Deployment/payment-gateway', 'writable-root-filesystem', 'pass', 'tls-proxy'],
  // Windows cannot have a read-only root, so what builds on it stays open too.
  ['intranet/Deployment/iis-portal', 'writable-root-filesystem', 'not-evaluated', 'iis'],
  ['intranet/Deployment/iis-portal', 'runtime-library-update', 'not-evaluated', 'iis'],
  ['storefront/Deployment/image-resizer', 'unbounded-empty-dir', 'fail'],
  ['logging/DaemonSet/fluent-bit', 'writable-host-path', 'fail'],
  ['logging/DaemonSet/node-exporter', 'writable-host-path', 'pass'],
  ['playground/Pod/pentest-leftover', 'writable-host-path', 'fail'],
  ['legacy/Deployment/ldap-sync', 'debug-container-attached', 'fail'],
  ['data/StatefulSet/redis', 'image-tag-mutable', 'fail', 'redis'],
  ['playground/Pod/netshoot', 'image-tag-mutable', 'fail', 'netshoot'],

  // Egress.
  ['storefront/Deployment/web', 'egress-unrestricted', 'pass'],
  ['storefront/Deployment/web', 'egress-insecure-port', 'pass'],
  ['storefront/Deployment/web', 'egress-package-registry', 'fail'],
  ['storefront/Deployment/web', 'egress-instance-metadata', 'pass'],
  ['storefront/Deployment/image-resizer', 'egress-unrestricted', 'pass'],
  ['storefront/Deployment/image-resizer', 'egress-insecure-port', 'fail'],
  ['storefront/Deployment/image-resizer', 'egress-package-registry', 'fail'],
  ['storefront/Deployment/image-resizer', 'egress-instance-metadata', 'fail'],
  ['storefront/Deployment/cart', 'egress-unrestricted', 'fail'],
  ['storefront/Deployment/cart', 'egress-instance-metadata', 'pass'],
  ['storefront/Deployment/newsletter', 'egress-package-registry', 'pass'],
  ['edge/Deployment/oauth2-proxy', 'egress-unrestricted', 'fail'],
  ['edge/Deployment/ingress-nginx-controller', 'egress-unrestricted', 'fail'],
  ['logging/Deployment/grafana', 'egress-unrestricted', 'fail'],
  ['payments/Deployment/payment-gateway', 'egress-unrestricted', 'pass'],
  ['payments/Deployment/payment-gateway', 'egress-package-registry', 'pass'],
  ['payments/Deployment/payment-gateway', 'egress-instance-metadata', 'pass'],
  ['data/StatefulSet/redis', 'egress-unrestricted', 'pass'],
  ['data/StatefulSet/redis', 'egress-unapproved', 'pass'],
  ['data/StatefulSet/postgres', 'egress-unapproved', 'fail'],
  ['partners/Deployment/edi-ftp', 'egress-insecure-port', 'fail'],
  ['partners/Deployment/edi-ftp', 'egress-package-registry', 'pass'],
  ['partners/Deployment/sftp-bridge', 'egress-insecure-port', 'fail'],
  ['partners/Deployment/sftp-bridge', 'egress-instance-metadata', 'pass'],
  ['logging/DaemonSet/node-exporter', 'egress-host-network', 'fail'],

  // Enforced by the VPC CNI on its nodes, by nobody on Fargate.
  ['storefront/Deployment/catalog-api', 'egress-policy-not-enforced', 'pass'],
  ['payments/Deployment/payment-gateway', 'egress-policy-not-enforced', 'pass'],
  ['invoices/Deployment/invoice-renderer', 'egress-policy-not-enforced', 'fail'],

  // A mesh is no firewall: its verdicts stand beside those of the policies.
  ['loyalty/Deployment/points-api', 'mesh-allows-any', 'pass'],
  ['loyalty/Deployment/points-api', 'mesh-sidecar-bypassed', 'pass'],
  ['loyalty/Deployment/points-api', 'egress-unrestricted', 'pass'],
  ['loyalty/Deployment/mailings', 'mesh-allows-any', 'fail'],
  ['loyalty/Deployment/mailings', 'mesh-sidecar-bypassed', 'fail'],
  ['loyalty/Deployment/mailings', 'egress-unrestricted', 'fail'],
  ['loyalty/ServiceEntry/partner-api', 'mesh-service-entry-risky', 'pass'],
  ['loyalty/ServiceEntry/partner-api', 'mesh-service-entry-broken', 'pass'],
  ['loyalty/ServiceEntry/cloud-storage', 'mesh-service-entry-risky', 'fail'],
  ['loyalty/ServiceEntry/cloud-storage', 'mesh-service-entry-broken', 'pass'],
  ['loyalty/ServiceEntry/coupons', 'mesh-service-entry-risky', 'pass'],
  ['loyalty/ServiceEntry/coupons', 'mesh-service-entry-broken', 'fail'],

  // Together: all three facts must meet in one container.
  ['storefront/Deployment/search', 'runtime-library-update', 'fail', 'indexer'],
  ['storefront/Deployment/search', 'runtime-library-update', 'pass', 'search'],
  ['legacy/ReplicaSet/price-import', 'runtime-library-update', 'fail', 'price-import'],
  ['playground/Pod/netshoot', 'runtime-library-update', 'fail', 'netshoot'],
  ['payments/Deployment/ledger', 'runtime-library-update', 'pass'],
  ['legacy/Deployment/tomcat-reports', 'runtime-library-update', 'pass'],
  ['storefront/Deployment/web', 'runtime-library-update', 'pass'],
];

/** Network policies are denied here: what needs them is open, what does not is decided as ever. */
const ANALYTICS: readonly Row[] = [
  ['airflow/StatefulSet/airflow-worker', 'egress-unrestricted', 'not-evaluated'],
  ['airflow/StatefulSet/airflow-worker', 'egress-insecure-port', 'not-evaluated'],
  ['airflow/StatefulSet/airflow-worker', 'egress-package-registry', 'not-evaluated'],
  ['airflow/StatefulSet/airflow-worker', 'egress-unapproved', 'not-evaluated'],
  ['airflow/StatefulSet/airflow-worker', 'egress-instance-metadata', 'not-evaluated'],
  ['airflow/StatefulSet/airflow-worker', 'egress-policy-not-enforced', 'not-evaluated'],
  ['airflow/StatefulSet/airflow-worker', 'egress-host-network', 'pass'],
  ['airflow/StatefulSet/airflow-worker', 'pod-too-old', 'fail'],
  ['kube-system/DaemonSet/aws-node', 'egress-host-network', 'fail'],
  ['notebooks/Pod/jupyter-alice', 'runtime-library-update', 'not-evaluated', 'notebook'],
  ['notebooks/Pod/jupyter-alice', 'egress-unrestricted', 'not-evaluated'],
  ['notebooks/Pod/jupyter-alice', 'pod-too-old', 'fail'],
  ['ml/Job/train-embeddings', 'image-tag-mutable', 'fail', 'train'],
  ['ml/Job/train-embeddings', 'pod-too-old', 'pass'],
  ['ml/DaemonSet/nvidia-device-plugin', 'writable-host-path', 'fail'],
  ['streaming/StrimziPodSet/events-kafka', 'pod-too-old', 'fail'],
  ['streaming/StrimziPodSet/events-kafka', 'image-tag-mutable', 'pass', 'kafka'],
  ['etl/SparkApplication/sessionize', 'writable-root-filesystem', 'fail', 'spark'],
  ['etl/Pod/sessionize-driver', 'unbounded-empty-dir', 'fail'],
  ['etl/CronJob/dbt-nightly', 'pod-too-old', 'pass'],
  ['bi/Deployment/metabase', 'container-too-old', 'fail', 'metabase'],
  ['bi/Deployment/report-mailer', 'pod-too-old', 'pass'],
];

const rowsOf = (cluster: string, rows: readonly Row[]): readonly Expectation[] =>
  rows.map(([path, check, verdict, container]) => {
    const [namespace = '', kind = '', name = ''] = path.split('/');
    const expectation = { cluster, namespace, workload: `${kind}/${name}`, check, verdict };
    return container === undefined ? expectation : { ...expectation, container };
  });

export const expectations: readonly Expectation[] = [
  ...rowsOf('shop-prod', SHOP),
  ...rowsOf('analytics-prod', ANALYTICS),
];

/** What it must say besides where the registry of the sample is asked. */
const REGISTRY: readonly Row[] = [
  // What the registry says of images: an old one, a tag that moved on, one that nothing has scanned.
  ['payments/Deployment/ledger', 'image-too-old', 'fail', 'ledger'],
  ['partners/Deployment/edi-ftp', 'image-too-old', 'fail', 'edi-ftp'],
  ['storefront/Deployment/catalog-api', 'image-too-old', 'pass', 'catalog-api'],
  ['storefront/Deployment/cart', 'image-digest-drifted', 'fail', 'cart'],
  ['partners/Deployment/edi-ftp', 'image-digest-drifted', 'fail', 'edi-ftp'],
  ['storefront/Deployment/web', 'image-digest-drifted', 'pass', 'web'],
  ['storefront/Deployment/cart', 'image-tag-mutable', 'fail', 'cart'],
  ['storefront/Deployment/web', 'image-tag-mutable', 'pass', 'web'],
  ['storefront/Deployment/search', 'image-scan-stale', 'fail', 'indexer'],
  ['storefront/Deployment/search', 'image-scan-stale', 'pass', 'search'],
  ['storefront/Deployment/search', 'image-without-sbom', 'fail', 'indexer'],
  ['storefront/Deployment/recommendations', 'image-without-sbom', 'pass', 'recommendations'],
  // A lifecycle policy has deleted it.
  ['legacy/Deployment/ldap-sync', 'image-too-old', 'not-evaluated', 'ldap-sync'],
  ['legacy/Deployment/ldap-sync', 'image-without-sbom', 'not-evaluated', 'ldap-sync'],
  // Another registry, which is not listed.
  ['data/StatefulSet/redis', 'image-digest-drifted', 'not-evaluated', 'redis'],
];

export const registryExpectations: readonly Expectation[] = rowsOf('shop-prod', REGISTRY);
