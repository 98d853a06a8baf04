import type { PackageRegistry } from './package-registry.ts';

/** Distributions: apt, dnf, yum, apk, zypper, pacman and the like. */
export const DISTRIBUTIONS: readonly PackageRegistry[] = [
  // https://github.com/docker-library/docs/blob/HEAD/debian/README.md
  {
    name: 'Debian (apt)',
    domains: ['debian.org', 'debian.net'],
  },
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  // https://github.com/canonical/cloud-init/blob/HEAD/doc/rtd/reference/base_config_reference.rst
  // https://github.com/aws/aws-codebuild-docker-images/blob/HEAD/ubuntu/standard/5.0/Dockerfile
  // https://github.com/NixOS/nixpkgs/blob/HEAD/pkgs/build-support/fetchurl/mirrors.nix
  // https://github.com/canonical/cloud-init/blob/HEAD/tests/unittests/config/test_apt_source_v3.py
  // unconfirmed: esm.ubuntu.com ddebs.ubuntu.com
  {
    name: 'Ubuntu (apt)',
    domains: [
      'archive.ubuntu.com',
      'security.ubuntu.com',
      'ports.ubuntu.com',
      'esm.ubuntu.com',
      'ddebs.ubuntu.com',
      'old-releases.ubuntu.com',
      'archive.canonical.com',
      'launchpad.net',
      'launchpadcontent.net',
    ],
  },
  // https://www.kali.org/docs/general-use/kali-linux-sources-list-repositories/
  // unconfirmed: kali.org
  {
    name: 'Kali Linux (apt)',
    domains: ['kali.org'],
  },
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  {
    name: 'Alpine (apk)',
    domains: ['alpinelinux.org'],
  },
  // https://github.com/chainguard-dev/edu/blob/HEAD/content/open-source/wolfi/overview.md
  // https://github.com/chainguard-dev/edu/blob/HEAD/content/chainguard/containers/features/ca-docs/custom-assembly.md
  // https://github.com/chainguard-dev/edu/blob/HEAD/content/platform/chainctl/chainctl-docs/chainctl_libraries_verify.md
  {
    name: 'Wolfi and Chainguard (apk)',
    domains: ['packages.wolfi.dev', 'apk.cgr.dev', 'virtualapk.cgr.dev', 'libraries.cgr.dev'],
  },
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  // https://github.com/fedora-copr/copr/blob/HEAD/README.md
  // https://github.com/fedora-copr/copr/blob/HEAD/doc/custom_source_method.rst
  // https://github.com/r-lib/pak/blob/HEAD/src/library/pkgdepends/inst/sysreqs/rules/libavfilter.json
  {
    name: 'Fedora and EPEL (dnf)',
    domains: ['fedoraproject.org', 'fedorapeople.org', 'copr.fedorainfracloud.org', 'rpmfusion.org'],
  },
  // https://github.com/remicollet/remirepo/blob/HEAD/README.md
  // https://github.com/rocky-linux/documentation/blob/HEAD/docs/teams/rel_eng/repo.md
  {
    name: 'Remi and ELRepo (dnf)',
    domains: ['rpms.remirepo.net', 'elrepo.org'],
  },
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  { name: 'CentOS (dnf)', domains: ['centos.org'] },
  // https://github.com/rocky-linux/documentation/blob/HEAD/docs/guides/installation.md
  {
    name: 'Rocky Linux (dnf)',
    domains: ['rockylinux.org'],
  },
  // https://github.com/AlmaLinux/wiki/blob/HEAD/docs/repos/AlmaLinux.md
  {
    name: 'AlmaLinux (dnf)',
    domains: ['almalinux.org'],
  },
  // https://github.com/candlepin/subscription-manager/blob/HEAD/etc-conf/rhsm.conf
  // unconfirmed: cdn-ubi.redhat.com aws.ce.redhat.com
  {
    name: 'Red Hat (dnf)',
    domains: ['cdn.redhat.com', 'cdn-ubi.redhat.com', 'subscription.rhsm.redhat.com', 'aws.ce.redhat.com'],
  },
  // https://github.com/oracle/container-images/blob/HEAD/README.md
  // unconfirmed: yum-*.oracle.com
  {
    name: 'Oracle Linux (dnf)',
    domains: ['yum.oracle.com', 'yum-*.oracle.com', 'linux.oracle.com'],
  },
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  // https://github.com/SUSE/rmt/blob/HEAD/MANUAL.md
  // https://github.com/SUSE/rmt/blob/HEAD/spec/lib/rmt/scc_spec.rb
  // https://github.com/SUSE/rmt/blob/HEAD/db/migrate/20240129140413_remove_obsolete_res7_repositories.rb
  // https://github.com/SUSE/container-suseconnect/blob/HEAD/internal/result.txt
  {
    name: 'openSUSE and SLES (zypper)',
    domains: [
      'opensuse.org',
      'updates.suse.com',
      'installer-updates.suse.com',
      'scc.suse.com',
      'susecloud.net',
    ],
  },
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  // https://github.com/coursier/coursier/blob/HEAD/modules/archive-cache/src/test/scala/coursier/cache/ArchiveCacheTests.scala
  {
    name: 'Arch Linux (pacman)',
    domains: ['archlinux.org', 'pkgbuild.com'],
  },
  // https://github.com/NixOS/nixpkgs/blob/HEAD/pkgs/build-support/fetchurl/mirrors.nix
  { name: 'Gentoo (portage)', domains: ['gentoo.org'] },
  // https://github.com/void-linux/void-docs/blob/HEAD/src/xbps/repositories/mirrors/index.md
  {
    name: 'Void Linux (xbps)',
    domains: ['voidlinux.org'],
  },
  // https://github.com/NixOS/nix/blob/HEAD/README.md
  // https://github.com/devcontainers/features/blob/HEAD/test/nix/scenarios.json
  // unconfirmed: determinate.systems flakehub.com
  {
    name: 'Nix',
    domains: ['nixos.org', 'cachix.org', 'determinate.systems', 'flakehub.com'],
  },
  // https://github.com/Homebrew/brew/blob/HEAD/README.md
  // https://github.com/Homebrew/brew/blob/HEAD/docs/Manpage.md
  { name: 'Homebrew', domains: ['brew.sh', 'ghcr.io'] },
  // https://github.com/canonical/snapd/blob/HEAD/tests/main/proxy-no-core/task.yaml
  {
    name: 'Snap',
    domains: ['snapcraft.io', 'snapcraftcontent.com'],
  },
  // https://github.com/flatpak/flatpak-docs/blob/HEAD/docs/publishing.rst
  { name: 'Flathub', domains: ['flathub.org'] },
  // https://github.com/NixOS/nixpkgs/blob/HEAD/pkgs/build-support/fetchurl/mirrors.nix
  // https://github.com/docker/docker-install/blob/HEAD/install.sh
  // https://github.com/tuna/mirror-web/blob/HEAD/_helpz/local/pypi/tuna.zh.md
  // unconfirmed: mirrors.cloud.tencent.com mirrors.huaweicloud.com repo.huaweicloud.com
  {
    name: 'Distribution mirrors',
    domains: [
      'kernel.org',
      'mirrors.aliyun.com',
      'mirrors.tuna.tsinghua.edu.cn',
      'pypi.tuna.tsinghua.edu.cn',
      'mirrors.ustc.edu.cn',
      'mirrors.cloud.tencent.com',
      'mirrors.huaweicloud.com',
      'repo.huaweicloud.com',
    ],
  },
];
