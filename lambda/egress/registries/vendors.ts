import type { PackageRegistry } from './model.ts';

/** Vendors' own package repositories, and services that host such for others. */
export const VENDORS: readonly PackageRegistry[] = [
  {
    name: 'Google Artifact Registry',
    domains: ['pkg.dev'],
    source: 'https://cloud.google.com/artifact-registry/docs/repositories/repo-locations',
  },
  { name: 'Packagecloud', domains: ['packagecloud.io'], source: 'https://packagecloud.io/docs' },
  {
    name: 'Cloudsmith',
    domains: ['cloudsmith.io', 'cloudsmith.com'],
    source: 'https://help.cloudsmith.io/docs',
  },
  {
    name: 'JFrog',
    domains: ['jfrog.io', 'bintray.com'],
    source: 'https://jfrog.com/help/r/jfrog-platform-administration-documentation',
  },
  { name: 'Gemfury', domains: ['fury.io'], source: 'https://gemfury.com/help/' },
  { name: 'NodeSource', domains: ['nodesource.com'], source: 'https://github.com/nodesource/distributions' },
  {
    name: 'Microsoft packages',
    domains: ['packages.microsoft.com'],
    source: 'https://learn.microsoft.com/en-us/linux/packages',
  },
  {
    name: 'Google packages',
    domains: ['packages.cloud.google.com', 'dl.google.com', 'dl-ssl.google.com', 'sdk.cloud.google.com'],
    source: 'https://cloud.google.com/sdk/docs/install',
  },
  {
    name: 'Kubernetes and Helm',
    domains: [
      'pkgs.k8s.io',
      'packages.k8s.io',
      'dl.k8s.io',
      'apt.kubernetes.io',
      'yum.kubernetes.io',
      'get.helm.sh',
      'get.k3s.io',
      'rpm.rancher.io',
    ],
    source: 'https://kubernetes.io/docs/tasks/tools/install-kubectl-linux/',
  },
  {
    name: 'Docker packages',
    domains: ['download.docker.com', 'get.docker.com'],
    source: 'https://docs.docker.com/engine/install/debian/',
  },
  {
    name: 'HashiCorp',
    domains: ['releases.hashicorp.com', 'registry.terraform.io'],
    source: 'https://developer.hashicorp.com/terraform/install',
  },
  {
    name: 'OpenTofu',
    domains: ['registry.opentofu.org', 'packages.opentofu.org', 'get.opentofu.org'],
    source: 'https://opentofu.org/docs/intro/install/deb/',
  },
  { name: 'Pulumi', domains: ['get.pulumi.com'], source: 'https://www.pulumi.com/docs/install/' },
  { name: 'LLVM', domains: ['apt.llvm.org', 'releases.llvm.org'], source: 'https://apt.llvm.org/' },
  {
    name: 'nginx',
    domains: ['nginx.org', 'pkgs.nginx.com'],
    source: 'https://nginx.org/en/linux_packages.html',
  },
  {
    name: 'Elastic',
    domains: ['artifacts.elastic.co'],
    source:
      'https://www.elastic.co/docs/deploy-manage/deploy/self-managed/install-elasticsearch-with-debian-package',
  },
  {
    name: 'OpenSearch',
    domains: ['artifacts.opensearch.org'],
    source: 'https://docs.opensearch.org/latest/install-and-configure/install-opensearch/debian/',
  },
  {
    name: 'Grafana',
    domains: ['apt.grafana.com', 'rpm.grafana.com', 'dl.grafana.com'],
    source: 'https://grafana.com/docs/grafana/latest/setup-grafana/installation/debian/',
  },
  {
    name: 'Datadog',
    domains: ['apt.datadoghq.com', 'yum.datadoghq.com', 'install.datadoghq.com'],
    source: 'https://docs.datadoghq.com/agent/configuration/network/',
  },
  {
    name: 'New Relic',
    domains: ['download.newrelic.com'],
    source: 'https://docs.newrelic.com/docs/new-relic-solutions/get-started/networks/',
  },
  {
    name: 'Fluent',
    domains: ['packages.fluentbit.io', 'packages.treasuredata.com'],
    source: 'https://docs.fluentbit.io/manual/installation/downloads/linux/debian',
  },
  {
    name: 'Vector',
    domains: ['apt.vector.dev', 'yum.vector.dev', 'packages.timber.io'],
    source: 'https://vector.dev/docs/setup/installation/package-managers/',
  },
  { name: 'Zabbix', domains: ['repo.zabbix.com'], source: 'https://www.zabbix.com/download' },
  {
    name: 'Wazuh',
    domains: ['packages.wazuh.com'],
    source: 'https://documentation.wazuh.com/current/installation-guide/packages-list.html',
  },
  { name: 'Falco', domains: ['download.falco.org'], source: 'https://falco.org/docs/setup/packages/' },
  {
    name: 'Tailscale',
    domains: ['pkgs.tailscale.com'],
    source: 'https://tailscale.com/kb/1347/installation',
  },
  { name: 'Cloudflare packages', domains: ['pkg.cloudflare.com'], source: 'https://pkg.cloudflare.com/' },
  {
    name: 'GitLab Runner downloads',
    domains: [
      'gitlab-runner-downloads.s3*.amazonaws.com',
      'gitlab-runner-downloads.s3.dualstack.*-*-*.amazonaws.com',
    ],
    source: 'https://docs.gitlab.com/runner/install/linux-manually/',
  },
  {
    name: 'Jenkins',
    domains: [
      'pkg.jenkins.io',
      'updates.jenkins.io',
      'get.jenkins.io',
      'mirrors.jenkins.io',
      'archives.jenkins.io',
      'repo.jenkins-ci.org',
    ],
    source: 'https://www.jenkins.io/doc/book/installing/linux/',
  },
  {
    name: 'Buildkite',
    domains: ['apt.buildkite.com', 'yum.buildkite.com', 'packages.buildkite.com'],
    source: 'https://buildkite.com/docs/agent/v3/ubuntu',
  },
  {
    name: 'Ansible Galaxy',
    domains: ['galaxy.ansible.com'],
    source: 'https://docs.ansible.com/ansible/latest/galaxy/user_guide.html',
  },
  {
    name: 'Puppet',
    domains: ['apt.puppet.com', 'yum.puppet.com', 'forge.puppet.com', 'forgeapi.puppet.com'],
    source: 'https://www.puppet.com/docs/puppet/latest/install_agents.html',
  },
  {
    name: 'Chef',
    domains: ['packages.chef.io', 'omnitruck.chef.io', 'supermarket.chef.io'],
    source: 'https://docs.chef.io/packages/',
  },
  {
    name: 'VMware and Broadcom packages',
    domains: ['packages.vmware.com', 'packages.broadcom.com'],
    source: 'https://github.com/vmware/photon/wiki',
  },
  {
    name: 'NVIDIA',
    domains: ['developer.download.nvidia.com', 'nvidia.github.io', 'pypi.nvidia.com', 'pypi.ngc.nvidia.com'],
    source: 'https://docs.nvidia.com/cuda/cuda-installation-guide-linux/',
  },
  {
    name: 'Intel',
    domains: ['apt.repos.intel.com', 'yum.repos.intel.com'],
    source: 'https://www.intel.com/content/www/us/en/docs/oneapi/installation-guide-linux/current/apt.html',
  },
  {
    name: 'AMD ROCm',
    domains: ['repo.radeon.com'],
    source: 'https://rocm.docs.amd.com/projects/install-on-linux/en/latest/',
  },
  {
    name: 'Ceph',
    domains: ['download.ceph.com'],
    source: 'https://docs.ceph.com/en/latest/install/get-packages/',
  },
  { name: 'PHP and others of Ondřej Surý', domains: ['packages.sury.org'], source: 'https://deb.sury.org/' },
  {
    name: 'Tor',
    domains: ['deb.torproject.org', 'rpm.torproject.org'],
    source: 'https://support.torproject.org/little-t-tor/',
  },
];
