import type { PackageRegistry } from './package-registry.ts';

/** Vendors' own package repositories, and services that host such for others. */
export const VENDORS: readonly PackageRegistry[] = [
  // https://github.com/astral-sh/uv/blob/HEAD/docs/guides/integration/google.md
  {
    name: 'Google Artifact Registry',
    domains: ['pkg.dev'],
  },
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  { name: 'Packagecloud', domains: ['packagecloud.io'] },
  // https://github.com/chocolatey/docs/blob/HEAD/src/content/docs/en-us/features/host-packages.mdx
  {
    name: 'Cloudsmith',
    domains: ['cloudsmith.io', 'cloudsmith.com'],
  },
  // https://github.com/astral-sh/uv/blob/HEAD/docs/guides/integration/jfrog.md
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  {
    name: 'JFrog',
    domains: ['jfrog.io', 'bintray.com'],
  },
  // https://gemfury.com/help/
  // unconfirmed: fury.io
  { name: 'Gemfury', domains: ['fury.io'] },
  // https://github.com/nodesource/distributions/blob/HEAD/README.md
  { name: 'NodeSource', domains: ['nodesource.com'] },
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  {
    name: 'Microsoft packages',
    domains: ['packages.microsoft.com'],
  },
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  // https://github.com/github/gh-aw/blob/HEAD/pkg/workflow/data/ecosystem_domains.json
  // https://github.com/opensearch-project/documentation-website/blob/HEAD/_reporting/rep-cli-lambda.md
  // https://github.com/vmware/photon/blob/HEAD/docs/photon_installation/cloud-images.md
  {
    name: 'Google packages',
    domains: ['packages.cloud.google.com', 'dl.google.com', 'dl-ssl.google.com', 'sdk.cloud.google.com'],
  },
  // https://github.com/kubernetes/website/blob/HEAD/content/en/docs/tasks/tools/install-kubectl-linux.md
  // https://github.com/helm/helm-www/blob/HEAD/docs/intro/install.mdx
  // https://github.com/k3s-io/docs/blob/HEAD/docs/quick-start.md
  // https://github.com/redis/docs/blob/HEAD/content/operate/kubernetes/re-databases/replica-redb.md
  // https://github.com/NVIDIA/cloud-native-docs/blob/HEAD/openshift/mirror-gpu-ocp-disconnected.rst
  // unconfirmed: packages.k8s.io yum.kubernetes.io rpm.rancher.io
  {
    name: 'Kubernetes and Helm',
    domains: [
      'pkgs.k8s.io',
      'packages.k8s.io',
      'dl.k8s.io',
      'apt.kubernetes.io',
      'yum.kubernetes.io',
      'get.helm.sh',
      'mirror.openshift.com',
      'get.k3s.io',
      'rpm.rancher.io',
    ],
  },
  // https://github.com/docker/docker-install/blob/HEAD/README.md
  // https://github.com/docker/docker-install/blob/HEAD/install.sh
  {
    name: 'Docker packages',
    domains: ['download.docker.com', 'get.docker.com'],
  },
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  {
    name: 'HashiCorp',
    domains: ['releases.hashicorp.com', 'registry.terraform.io'],
  },
  // https://github.com/opentofu/opentofu/blob/HEAD/website/docs/intro/install/examples/repo-yum.sh
  // https://github.com/opentofu/opentofu/blob/HEAD/docs/provider-references.md
  {
    name: 'OpenTofu',
    domains: ['registry.opentofu.org', 'packages.opentofu.org', 'get.opentofu.org'],
  },
  // https://github.com/pulumi/pulumi-docker-containers/blob/HEAD/docker/go/Dockerfile
  { name: 'Pulumi', domains: ['get.pulumi.com'] },
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  // https://github.com/ziglang/www.ziglang.org/blob/HEAD/src/download/0.3.0/release-notes.html
  { name: 'LLVM', domains: ['apt.llvm.org', 'releases.llvm.org'] },
  // https://github.com/nginx/docker-nginx/blob/HEAD/README.md
  // https://github.com/nginx/documentation/blob/HEAD/content/waf/install/docker.md
  {
    name: 'nginx',
    domains: ['nginx.org', 'pkgs.nginx.com'],
  },
  // https://github.com/elastic/docs-content/blob/HEAD/deploy-manage/deploy/self-managed/install-elasticsearch-with-debian-package.md
  // https://github.com/newrelic/open-install-library/blob/HEAD/test/deploy/linux/elasticsearch/install/rhel/roles/configure/tasks/main.yml
  {
    name: 'Elastic',
    domains: ['artifacts.elastic.co', 'packages.elastic.co'],
  },
  // https://github.com/opensearch-project/documentation-website/blob/HEAD/_reporting/rep-cli-install.md
  {
    name: 'OpenSearch',
    domains: ['artifacts.opensearch.org'],
  },
  // https://github.com/grafana/grafana/blob/HEAD/docs/sources/setup-grafana/installation/debian/index.md
  // https://github.com/grafana/grafana/blob/HEAD/docs/sources/setup-grafana/installation/redhat-rhel-fedora/index.md
  // https://github.com/aws-neuron/aws-neuron-sdk/blob/HEAD/tools/tutorials/tutorial-neuron-monitor-mnist.rst
  // unconfirmed: dl.grafana.com
  {
    name: 'Grafana',
    domains: ['apt.grafana.com', 'rpm.grafana.com', 'packages.grafana.com', 'dl.grafana.com'],
  },
  // https://github.com/DataDog/agent-linux-install-script/blob/HEAD/install_script.sh.template
  {
    name: 'Datadog',
    domains: ['apt.datadoghq.com', 'yum.datadoghq.com', 'install.datadoghq.com'],
  },
  // https://github.com/newrelic/open-install-library/blob/HEAD/README.md
  {
    name: 'New Relic',
    domains: ['download.newrelic.com'],
  },
  // https://github.com/fluent/fluent-bit-docs/blob/HEAD/installation/downloads/linux/debian.md
  // https://github.com/fluent/fluentd-docs-gitbook/blob/HEAD/how-to-guides/graylog2.md
  {
    name: 'Fluent',
    domains: ['packages.fluentbit.io', 'packages.treasuredata.com'],
  },
  // https://github.com/DataDog/agent-linux-install-script/blob/HEAD/install_script_vector0.sh
  // https://github.com/vectordotdev/vector/blob/HEAD/website/content/en/docs/setup/installation/manual/from-archives.md
  {
    name: 'Vector',
    domains: ['apt.vector.dev', 'yum.vector.dev', 'packages.timber.io'],
  },
  // https://www.zabbix.com/download
  // unconfirmed: repo.zabbix.com
  { name: 'Zabbix', domains: ['repo.zabbix.com'] },
  // https://github.com/wazuh/wazuh-docker/blob/HEAD/docs/ref/getting-started/deployment/multi-node.md
  {
    name: 'Wazuh',
    domains: ['packages.wazuh.com'],
  },
  // https://github.com/falcosecurity/falco-website/blob/HEAD/content/en/docs/setup/tarball.md
  { name: 'Falco', domains: ['download.falco.org'] },
  // https://github.com/tailscale/tailscale/blob/HEAD/README.md
  {
    name: 'Tailscale',
    domains: ['pkgs.tailscale.com'],
  },
  // https://github.com/cloudflare/cloudflared/blob/HEAD/release_pkgs.py
  { name: 'Cloudflare packages', domains: ['pkg.cloudflare.com'] },
  // https://docs.gitlab.com/runner/install/linux-manually/
  // unconfirmed: gitlab-runner-downloads.s3*.amazonaws.com gitlab-runner-downloads.s3.dualstack.*-*-*.amazonaws.com
  {
    name: 'GitLab Runner downloads',
    domains: [
      'gitlab-runner-downloads.s3*.amazonaws.com',
      'gitlab-runner-downloads.s3.dualstack.*-*-*.amazonaws.com',
    ],
  },
  // https://github.com/jenkinsci/docker/blob/HEAD/README.md
  // https://github.com/jenkinsci/docker/blob/HEAD/HACKING.adoc
  // https://github.com/canonical/snapd/blob/HEAD/tests/main/special-home-can-run-classic-snaps/task.yaml
  // unconfirmed: mirrors.jenkins.io archives.jenkins.io
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
  // https://github.com/buildkite/docs/blob/HEAD/pages/agent/v3_v4_upgrade_guide.md
  // https://github.com/buildkite/docs/blob/HEAD/pages/agent/self_hosted/agent_stack_k8s/docker_compose_container_builds.md
  {
    name: 'Buildkite',
    domains: ['apt.buildkite.com', 'yum.buildkite.com', 'packages.buildkite.com'],
  },
  // https://github.com/ansible/galaxy/blob/HEAD/README.md
  {
    name: 'Ansible Galaxy',
    domains: ['galaxy.ansible.com'],
  },
  // https://github.com/puppetlabs/docs-archive/blob/HEAD/puppet/5.0/puppet_platform.md
  // https://github.com/puppetlabs/docs-archive/blob/HEAD/puppet/5.2/puppet_platform.md
  // https://github.com/puppetlabs/docs-archive/blob/HEAD/puppet/4.8/man/module.md
  {
    name: 'Puppet',
    domains: [
      'apt.puppet.com',
      'yum.puppet.com',
      'apt.puppetlabs.com',
      'yum.puppetlabs.com',
      'downloads.puppet.com',
      'forge.puppet.com',
      'forgeapi.puppet.com',
    ],
  },
  // https://github.com/voxpupuli/voxpupuli.github.io/blob/HEAD/openvox/install.md
  // https://github.com/voxpupuli/voxpupuli.github.io/blob/HEAD/_posts/2025-07-22-openvox-releases.md
  {
    name: 'OpenVox (Puppet)',
    domains: ['apt.voxpupuli.org', 'yum.voxpupuli.org', 'artifacts.voxpupuli.org'],
  },
  // https://github.com/mariadb-corporation/mariadb-docs/blob/HEAD/server/clients-and-utilities/testing-tools/mariadb-test/installing-minio-for-usage-with-mariadb-test-run.md
  { name: 'MinIO', domains: ['dl.min.io'] },
  // https://github.com/prefix-dev/pixi/blob/HEAD/docs/robotics.md
  { name: 'ROS', domains: ['packages.ros.org'] },
  // https://github.com/chef/chef-web-docs/blob/HEAD/README.md
  // https://github.com/chef/chef-web-docs/blob/HEAD/_vendor/github.com/chef/supermarket/docs-chef-io/content/supermarket/_index.md
  {
    name: 'Chef',
    domains: ['packages.chef.io', 'omnitruck.chef.io', 'supermarket.chef.io'],
  },
  // https://github.com/vmware/photon/blob/HEAD/CHANGELOG.md
  // https://github.com/vmware/photon/blob/HEAD/support/poi/poi.py
  {
    name: 'VMware and Broadcom packages',
    domains: ['packages.vmware.com', 'packages.broadcom.com'],
  },
  // https://github.com/devcontainers/features/blob/HEAD/src/nvidia-cuda/install.sh
  // https://github.com/NVIDIA/cloud-native-docs/blob/HEAD/edge/anthos-guide.rst
  // https://github.com/chainguard-dev/edu/blob/HEAD/content/chainguard/libraries/python/overview.md
  // unconfirmed: pypi.ngc.nvidia.com
  {
    name: 'NVIDIA',
    domains: ['developer.download.nvidia.com', 'nvidia.github.io', 'pypi.nvidia.com', 'pypi.ngc.nvidia.com'],
  },
  // https://github.com/intel/oneapi-containers/blob/HEAD/images/docker/vtune/Dockerfile.ubuntu-22.04
  // https://github.com/intel/oneapi-containers/blob/HEAD/images/docker/hpckit/Dockerfile.rockylinux-9
  {
    name: 'Intel',
    domains: ['apt.repos.intel.com', 'yum.repos.intel.com'],
  },
  // https://github.com/ROCm/rocm-install-on-linux/blob/HEAD/docs/install/quick-start.rst
  {
    name: 'AMD ROCm',
    domains: ['repo.radeon.com'],
  },
  // https://github.com/ceph/ceph/blob/HEAD/doc/install/get-packages.rst
  {
    name: 'Ceph',
    domains: ['download.ceph.com'],
  },
  // https://github.com/oerdnj/deb.sury.org/blob/HEAD/.github/ISSUE_TEMPLATE/bug_report.md
  { name: 'PHP and others of Ondřej Surý', domains: ['packages.sury.org'] },
  // https://github.com/rocky-linux/documentation/blob/HEAD/docs/guides/proxies/tor_relay.md
  // unconfirmed: deb.torproject.org
  {
    name: 'Tor',
    domains: ['deb.torproject.org', 'rpm.torproject.org'],
  },
];
