import type { PackageRegistry } from './package-registry.ts';

/** Vendors' own package repositories, and services that host such for others. */
export const VENDORS: readonly PackageRegistry[] = [
  // https://cloud.google.com/artifact-registry/docs/repositories/repo-locations
  {
    name: 'Google Artifact Registry',
    domains: ['pkg.dev'],
  },
  // https://packagecloud.io/docs
  { name: 'Packagecloud', domains: ['packagecloud.io'] },
  // https://help.cloudsmith.io/docs
  {
    name: 'Cloudsmith',
    domains: ['cloudsmith.io', 'cloudsmith.com'],
  },
  // https://jfrog.com/help/r/jfrog-platform-administration-documentation
  {
    name: 'JFrog',
    domains: ['jfrog.io', 'bintray.com'],
  },
  // https://gemfury.com/help/
  { name: 'Gemfury', domains: ['fury.io'] },
  // https://github.com/nodesource/distributions
  { name: 'NodeSource', domains: ['nodesource.com'] },
  // https://learn.microsoft.com/en-us/linux/packages
  {
    name: 'Microsoft packages',
    domains: ['packages.microsoft.com'],
  },
  // https://cloud.google.com/sdk/docs/install
  {
    name: 'Google packages',
    domains: ['packages.cloud.google.com', 'dl.google.com', 'dl-ssl.google.com', 'sdk.cloud.google.com'],
  },
  // https://kubernetes.io/docs/tasks/tools/install-kubectl-linux/
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
  },
  // https://docs.docker.com/engine/install/debian/
  {
    name: 'Docker packages',
    domains: ['download.docker.com', 'get.docker.com'],
  },
  // https://developer.hashicorp.com/terraform/install
  {
    name: 'HashiCorp',
    domains: ['releases.hashicorp.com', 'registry.terraform.io'],
  },
  // https://opentofu.org/docs/intro/install/deb/
  {
    name: 'OpenTofu',
    domains: ['registry.opentofu.org', 'packages.opentofu.org', 'get.opentofu.org'],
  },
  // https://www.pulumi.com/docs/install/
  { name: 'Pulumi', domains: ['get.pulumi.com'] },
  // https://apt.llvm.org/
  { name: 'LLVM', domains: ['apt.llvm.org', 'releases.llvm.org'] },
  // https://nginx.org/en/linux_packages.html
  {
    name: 'nginx',
    domains: ['nginx.org', 'pkgs.nginx.com'],
  },
  // https://www.elastic.co/docs/deploy-manage/deploy/self-managed/install-elasticsearch-with-debian-package
  {
    name: 'Elastic',
    domains: ['artifacts.elastic.co'],
  },
  // https://docs.opensearch.org/latest/install-and-configure/install-opensearch/debian/
  {
    name: 'OpenSearch',
    domains: ['artifacts.opensearch.org'],
  },
  // https://grafana.com/docs/grafana/latest/setup-grafana/installation/debian/
  {
    name: 'Grafana',
    domains: ['apt.grafana.com', 'rpm.grafana.com', 'dl.grafana.com'],
  },
  // https://docs.datadoghq.com/agent/configuration/network/
  {
    name: 'Datadog',
    domains: ['apt.datadoghq.com', 'yum.datadoghq.com', 'install.datadoghq.com'],
  },
  // https://docs.newrelic.com/docs/new-relic-solutions/get-started/networks/
  {
    name: 'New Relic',
    domains: ['download.newrelic.com'],
  },
  // https://docs.fluentbit.io/manual/installation/downloads/linux/debian
  {
    name: 'Fluent',
    domains: ['packages.fluentbit.io', 'packages.treasuredata.com'],
  },
  // https://vector.dev/docs/setup/installation/package-managers/
  {
    name: 'Vector',
    domains: ['apt.vector.dev', 'yum.vector.dev', 'packages.timber.io'],
  },
  // https://www.zabbix.com/download
  { name: 'Zabbix', domains: ['repo.zabbix.com'] },
  // https://documentation.wazuh.com/current/installation-guide/packages-list.html
  {
    name: 'Wazuh',
    domains: ['packages.wazuh.com'],
  },
  // https://falco.org/docs/setup/packages/
  { name: 'Falco', domains: ['download.falco.org'] },
  // https://tailscale.com/kb/1347/installation
  {
    name: 'Tailscale',
    domains: ['pkgs.tailscale.com'],
  },
  // https://pkg.cloudflare.com/
  { name: 'Cloudflare packages', domains: ['pkg.cloudflare.com'] },
  // https://docs.gitlab.com/runner/install/linux-manually/
  {
    name: 'GitLab Runner downloads',
    domains: [
      'gitlab-runner-downloads.s3*.amazonaws.com',
      'gitlab-runner-downloads.s3.dualstack.*-*-*.amazonaws.com',
    ],
  },
  // https://www.jenkins.io/doc/book/installing/linux/
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
  },
  // https://buildkite.com/docs/agent/v3/ubuntu
  {
    name: 'Buildkite',
    domains: ['apt.buildkite.com', 'yum.buildkite.com', 'packages.buildkite.com'],
  },
  // https://docs.ansible.com/ansible/latest/galaxy/user_guide.html
  {
    name: 'Ansible Galaxy',
    domains: ['galaxy.ansible.com'],
  },
  // https://www.puppet.com/docs/puppet/latest/install_agents.html
  {
    name: 'Puppet',
    domains: ['apt.puppet.com', 'yum.puppet.com', 'forge.puppet.com', 'forgeapi.puppet.com'],
  },
  // https://docs.chef.io/packages/
  {
    name: 'Chef',
    domains: ['packages.chef.io', 'omnitruck.chef.io', 'supermarket.chef.io'],
  },
  // https://github.com/vmware/photon/wiki
  {
    name: 'VMware and Broadcom packages',
    domains: ['packages.vmware.com', 'packages.broadcom.com'],
  },
  // https://docs.nvidia.com/cuda/cuda-installation-guide-linux/
  {
    name: 'NVIDIA',
    domains: ['developer.download.nvidia.com', 'nvidia.github.io', 'pypi.nvidia.com', 'pypi.ngc.nvidia.com'],
  },
  // https://www.intel.com/content/www/us/en/docs/oneapi/installation-guide-linux/current/apt.html
  {
    name: 'Intel',
    domains: ['apt.repos.intel.com', 'yum.repos.intel.com'],
  },
  // https://rocm.docs.amd.com/projects/install-on-linux/en/latest/
  {
    name: 'AMD ROCm',
    domains: ['repo.radeon.com'],
  },
  // https://docs.ceph.com/en/latest/install/get-packages/
  {
    name: 'Ceph',
    domains: ['download.ceph.com'],
  },
  // https://deb.sury.org/
  { name: 'PHP and others of Ondřej Surý', domains: ['packages.sury.org'] },
  // https://support.torproject.org/little-t-tor/
  {
    name: 'Tor',
    domains: ['deb.torproject.org', 'rpm.torproject.org'],
  },
];
