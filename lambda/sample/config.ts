/**
 * The configuration with which the sample is audited unless one is given. It approves one destination, so that
 * the check of unapproved ones has something to tell apart, and names the teams of most namespaces; layers were measured
 * and registries asked when it was written.
 */
export const SAMPLE_CONFIG = `egress:
  approved:
    - { name: payment provider, cidr: 203.0.113.10/32, ports: [443], protocols: [TCP] }
measure: { writableLayer: kubelet }
images: { registry: sbom-presence }
owners:
  namespaces:
    airflow: data-engineering
    bi: insights
    checkout: checkout
    data: data-platform
    edge: platform
    etl: data-engineering
    intranet: workplace
    invoices: finance
    kube-system: platform
    legacy: erp
    logging: platform
    loyalty: loyalty
    ml: ml-platform
    notebooks: data-science
    partners: integration
    payments*: payments
    storefront: storefront
    streaming: streaming
`;
